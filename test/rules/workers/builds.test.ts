import { buildBefore, chosenBuild, type SeenBuild, stateOf } from '../../../rules/workers/builds';

const build = (name: string | undefined, changes: Partial<SeenBuild> = {}): SeenBuild => ({
  ...{ build: name, isCurrent: false, rampPercentage: 0, workers: 1, workflows: 0, rollouts: 0 },
  ...changes,
});
const N = build('n', { createdAtMs: 10, currentAtMs: 10 });
const NEXT = build('next', { createdAtMs: 20, currentAtMs: 20 });
const current = (seen: SeenBuild): SeenBuild => ({ ...seen, isCurrent: true });

it.each<[SeenBuild, string]>([
  [current(build('a')), 'current'],
  [build('a', { rampPercentage: 5 }), 'ramping'],
  [build('a', { workflows: 2, currentAtMs: 1 }), 'draining'],
  [build('a', { currentAtMs: 1 }), 'drained'],
  [build('a'), 'new'],
])('%j is %s', (seen, state) => {
  expect(stateOf(seen)).toBe(state);
});

describe('a broken build', () => {
  it('is taken back to the build before it', () => {
    expect(buildBefore([current(NEXT), N])).toMatchObject({ build: 'n' });
  });

  it('does not come back when the verb is repeated', () => {
    expect(buildBefore([NEXT, current(N)])).toMatchObject({ build: 'n', isCurrent: true });
    expect(buildBefore([NEXT, current(build(undefined))])).toMatchObject({ build: undefined, isCurrent: true });
  });

  it('goes no further back when the verb is repeated', () => {
    const older = build('older', { createdAtMs: 5, currentAtMs: 5 });
    expect(buildBefore([NEXT, current(N), older])).toMatchObject({ build: 'n' });
    expect(buildBefore([build('refused', { createdAtMs: 20 }), current(N), older])).toMatchObject({ build: 'older' });
  });

  it('is taken back past a build without workers, when an older one has some', () => {
    const older = build('older', { createdAtMs: 5, currentAtMs: 5 });
    expect(buildBefore([current(NEXT), { ...N, workers: 0 }, older])).toMatchObject({ build: 'older' });
  });

  it('is not taken back to one that nobody runs, or that was never current', () => {
    expect(buildBefore([current(NEXT), { ...N, workers: 0 }]).refusal?.remedy).toMatch(
      /^start workers of build n, then/,
    );
    expect(buildBefore([current(NEXT), build('tried', { createdAtMs: 15 })]).refusal?.why).toMatch(/before next$/);
    expect(buildBefore([current(N)]).refusal?.why).toBe('no build was current before n');
  });

  it('is taken back to workers without versioning, which came before every build', () => {
    expect(buildBefore([current(N), build(undefined)])).toMatchObject({ build: undefined });
  });
});

describe('a build that is named', () => {
  it('must have workers, or be the current one', () => {
    expect(chosenBuild([current(N), NEXT], 'next')).toMatchObject({ build: 'next' });
    expect(chosenBuild([current({ ...N, workers: 0 })], 'n')).toMatchObject({ build: 'n' });
    expect(chosenBuild([current(N), { ...NEXT, workers: 0 }], 'next').refusal?.why).toMatch(/an abort too$/);
    expect(chosenBuild([current(N), build(undefined)], 'unversioned')).toMatchObject({ build: undefined });
  });

  it('must be known; the refusal names those that are', () => {
    expect(chosenBuild([current(N), NEXT], 'nxet').refusal).toEqual({
      why: 'no worker of build nxet has ever asked for tasks',
      remedy: 'start its workers, or name one of: n, next',
    });
    expect(chosenBuild([], 'n').refusal?.remedy).toBe('start its workers');
  });
});
