import fc from 'fast-check';
import {
  isMakeshift,
  problemWords,
  replayedLists,
  type SeenBuilds,
  type TakeOver,
  takeOver,
  takerOf,
} from '../../../rules/workers/take-over';

const seen = (changes: Partial<SeenBuilds>): SeenBuilds => ({
  ...{ current: 'a', currentPolls: true, isMakeshift: false, wasCurrent: false },
  ...changes,
});
const PROBLEMS = ['rollout-shop-prod: it has another order'];

describe('a worker', () => {
  it.each<
    [string, TakeOver['do'], Partial<SeenBuilds>, { readonly mine?: string | undefined; readonly broken?: true }?]
  >([
    ['of the current build works', 'work', { current: 'b' }],
    ['of the current build works, though no other of it asks', 'work', { current: 'b', currentPolls: false }],
    ['of a new build takes over', 'take-over', {}],
    ['of a new build that cannot continue what runs does not', 'refuse', {}, { broken: true }],
    ['of the first build takes over from workers without one', 'take-over', { current: undefined }],
    ['of a build that was taken back waits', 'wait', { wasCurrent: true }],
    [
      'of a build that was taken back takes over from gone workers',
      'take-over',
      { wasCurrent: true, currentPolls: false },
    ],
    [
      'of a build that was current takes over from a makeshift one',
      'take-over',
      { wasCurrent: true, isMakeshift: true },
    ],
    ['and waits when it is no better', 'wait', { wasCurrent: true, isMakeshift: true }, { broken: true }],
    ['without a build works where there is none', 'work', { current: undefined }, { mine: undefined }],
    ['without a build waits for one that has workers', 'wait', {}, { mine: undefined }],
    ['without a build takes over from one without workers', 'take-over', { currentPolls: false }, { mine: undefined }],
  ])('%s', (...[, what, changes, worker = {}]) => {
    const mine = 'mine' in worker ? worker.mine : 'b';
    expect(takeOver(mine, seen(changes), worker.broken ? PROBLEMS : []).do).toBe(what);
  });

  it('never lets tasks wait for workers that are gone, whatever happened before and whatever its replay says', () => {
    const name = fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined });
    const facts = fc.record({ current: name, isMakeshift: fc.boolean(), wasCurrent: fc.boolean() });
    fc.assert(
      fc.property(name, facts, fc.constantFrom([], PROBLEMS), (mine, builds, problems) => {
        const { do: what } = takeOver(mine, { ...builds, currentPolls: false }, problems);
        expect(what).toBe(mine === builds.current ? 'work' : 'take-over');
      }),
    );
  });

  it('never takes over from a build that has workers when it cannot continue what runs', () => {
    const name = fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined });
    const facts = fc.record({ current: name, isMakeshift: fc.boolean(), wasCurrent: fc.boolean() });
    fc.assert(
      fc.property(name, facts, (mine, builds) => {
        expect(takeOver(mine, { ...builds, currentPolls: true }, PROBLEMS).do).not.toBe('take-over');
      }),
    );
  });

  it('says why', () => {
    expect(takeOver('b', seen({ wasCurrent: true })).why).toBe('tasks go to build a, which has workers');
    expect(takeOver('b', seen({ isMakeshift: true, wasCurrent: true })).why).toBe(
      'build a cannot continue all that runs',
    );
    expect(takeOver('b', seen({ current: undefined, currentPolls: false })).why).toBe(
      'no worker asks for the tasks of workers without versioning',
    );
  });

  it('says of problems where the tasks go now', () => {
    const words = (builds: SeenBuilds): string => problemWords(takeOver('b', builds, PROBLEMS), PROBLEMS);
    expect(words(seen({}))).toMatch(
      /does not take over.*another order.*build a has workers, and gets the tasks as before/,
    );
    expect(words(seen({ currentPolls: false }))).toMatch(
      /took over although.*another order.*no worker asks for the tasks of build a/,
    );
  });
});

it('a build that took over with problems says so in Temporal', () => {
  expect(isMakeshift(takerOf('b', PROBLEMS))).toBe(true);
  expect(isMakeshift(takerOf(undefined, PROBLEMS))).toBe(true);
  expect(isMakeshift(takerOf('b', []))).toBe(false);
  expect(isMakeshift('ada: it fails')).toBe(false);
  expect(isMakeshift(undefined)).toBe(false);
});

it('every rollout is replayed, before notices and audits, of which there may be thousands', () => {
  const [first, then] = replayedLists('rollouts');
  expect(first).toMatchObject({ most: Infinity, query: expect.stringMatching(/WorkflowType IN \("rollout", /) });
  expect(then).toMatchObject({ most: 300, query: expect.stringMatching(/WorkflowType NOT IN \("rollout", /) });
});
