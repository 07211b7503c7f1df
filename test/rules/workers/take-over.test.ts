import fc from 'fast-check';
import { newestPollMs, type SeenBuilds, takeOver, workersOf } from '../../../rules/workers/take-over';

const seen = (changes: Partial<SeenBuilds>): SeenBuilds => ({
  ...{ current: 'a', currentPolls: true, wasCurrent: false },
  ...changes,
});

describe('a worker', () => {
  it.each<[string, string | undefined, SeenBuilds, 'work' | 'wait' | 'take-over']>([
    ['of the current build works', 'a', seen({}), 'work'],
    ['of the current build works, though no other of it asks', 'a', seen({ currentPolls: false }), 'work'],
    ['of a new build takes over', 'b', seen({}), 'take-over'],
    ['of the first build takes over from workers without one', 'a', seen({ current: undefined }), 'take-over'],
    ['of a build that was taken back waits', 'b', seen({ wasCurrent: true }), 'wait'],
    [
      'of a build that was taken back takes over from one without workers',
      'b',
      seen({ wasCurrent: true, currentPolls: false }),
      'take-over',
    ],
    ['without a build works where there is none', undefined, seen({ current: undefined }), 'work'],
    ['without a build waits for one that has workers', undefined, seen({}), 'wait'],
    ['without a build takes over from one without workers', undefined, seen({ currentPolls: false }), 'take-over'],
  ])('%s', (_, mine, builds, what) => {
    expect(takeOver(mine, builds).do).toBe(what);
  });

  it('never lets tasks wait for workers that are gone, whatever happened before', () => {
    const name = fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined });
    fc.assert(
      fc.property(name, name, fc.boolean(), (mine, current, wasCurrent) => {
        expect(takeOver(mine, { current, currentPolls: false, wasCurrent }).do).not.toBe('wait');
      }),
    );
  });

  it('says why', () => {
    expect(takeOver('b', seen({ wasCurrent: true })).why).toBe('tasks go to build a, which has workers');
    expect(takeOver('b', seen({ current: undefined, currentPolls: false })).why).toBe(
      'no worker asks for the tasks of workers without versioning',
    );
  });
});

it('a worker counts while it renews its poll, by the clock of the server', () => {
  const pollers = [{ buildId: 'a', atMs: 1_000 }, { buildId: 'b', atMs: 80_000 }, { atMs: 79_000 }];
  expect(newestPollMs(pollers)).toBe(80_000);
  expect(workersOf(pollers, 'a', 80_000)).toBe(0);
  expect(workersOf(pollers, 'a', 70_000)).toBe(1);
  expect(workersOf(pollers, undefined, 80_000)).toBe(1);
  expect(newestPollMs([])).toBe(0);
});
