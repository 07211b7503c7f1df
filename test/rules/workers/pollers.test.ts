import { currentOf, lastServing, newestPollMs, pollersOf, workersOf } from '../../../rules/workers/pollers';

const poller = (identity: string, buildId: string | undefined, second: number) => ({
  identity,
  lastAccessTime: { seconds: second },
  deploymentOptions: buildId === undefined ? { workerVersioningMode: 1 } : { workerVersioningMode: 2, buildId },
});
const queue = (buildId: string | undefined, ...pollers: readonly ReturnType<typeof poller>[]) => ({
  pollers,
  versioningInfo: buildId === undefined ? null : { currentDeploymentVersion: { buildId } },
});

it('a worker counts while it renews its poll, by the clock of the server', () => {
  const pollers = pollersOf(queue('a', poller('1@x', 'a', 1), poller('2@x', 'b', 80), poller('3@x', undefined, 79)));
  expect(newestPollMs(pollers)).toBe(80_000);
  expect(workersOf(pollers, 'a', 80_000)).toBe(0);
  expect(workersOf(pollers, 'a', 70_000)).toBe(1);
  expect(workersOf(pollers, undefined, 80_000)).toBe(1);
  expect(newestPollMs([])).toBe(0);
});

it('workers that are gone do not count although nobody has polled since', () => {
  const pollers = pollersOf(queue('a', poller('1@x', 'a', 100)));
  expect(workersOf(pollers, 'a', newestPollMs(pollers))).toBe(1);
  expect(workersOf(pollers, 'a', 176_000)).toBe(0);
});

describe('the worker that can answer', () => {
  it.each([
    [
      'is the newest of the current build',
      queue('a', poller('1@x', 'a', 90), poller('2@x', 'a', 95), poller('3@x', 'b', 99)),
      '2@x',
    ],
    ['is none when only another build asks', queue('a', poller('3@x', 'b', 99)), undefined],
    ['is none when only workers without versioning ask', queue('a', poller('3@x', undefined, 99)), undefined],
    [
      'is one without versioning when no build is current',
      queue(undefined, poller('3@x', 'b', 99), poller('4@x', undefined, 98)),
      '4@x',
    ],
    ['is none when it asked too long ago', queue('a', poller('1@x', 'a', 20)), undefined],
  ])('%s', (_, seen, identity) => {
    expect(lastServing(seen, 100_000)?.identity).toBe(identity);
  });

  it('is found where Temporal says nothing of versions', () => {
    const old = { pollers: [{ identity: '', lastAccessTime: { seconds: 99 } }] };
    expect(currentOf(old)).toBe(undefined);
    expect(lastServing(old, 100_000)).toMatchObject({ identity: 'without a name', buildId: undefined });
    expect(lastServing({}, 100_000)).toBe(undefined);
  });
});
