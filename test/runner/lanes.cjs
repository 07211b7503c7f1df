/**
 * Runs the test files in lanes beside each other, each with workers of its own: most files that start a whole sandbox, one at a time; files that mostly
 * wait, for a time of the product or of AWS, two at a time; all others, two at a time. More at once of the first or the last kind overloads two
 * cores: a verb then reports, rightly, that nothing answered in time. Without lanes the cores were idle for a third of the time.
 */
const { default: TestRunner } = require('jest-runner');

/** Files that use less than a third of a core: seconds of CPU / seconds, on two busy cores. */
const WAITING = [
  'test/aws/worker/unwatched.test.ts', // 27 / 200
  'test/aws/infra/guardian.test.ts', // 8 / 93
  'test/aws/client/next-way.test.ts', // most of it in other processes that wait
  'test/workflows/zero/no-attributes.test.ts', // 8 / 77
  'test/workflows/release/release-stopped.test.ts', // 14 / 75
  'test/aws/worker/frozen-worker.test.ts', // 7 / 84
  'test/workflows/boundary/whole-tasks.test.ts', // waits for a soak
  'test/workflows/rollout/order.test.ts', // 9 / 28
  'test/workflows/rollout/notices.test.ts', // 8 / 51
  'test/workflows/release/release.test.ts', // 13 / 53
  'test/aws/worker/zero-first.test.ts', // waits for calls that hang
  'test/aws/client/closed-pipes.test.ts', // 8 / 43
  'test/aws/infra/adopt-pavi.test.ts', // 29 / 158
  'test/aws/act/probe.test.ts', // 14 / 48
  'test/aws/activities/break-glass.test.ts', // 9 / 32
  'test/workflows/zero/hooks.test.ts', // a server in real time
  'test/workflows/zero/event-looks.test.ts', // the same
  'test/aws/worker/worker-process.test.ts', // most of it in other processes that wait
  'test/aws/worker/upgrade.test.ts', // the same
  'test/aws/client/lost-temporal.test.ts', // the same
  'test/aws/activities/proxy-process.test.ts', // the same
  'test/e2e/supervisor.test.ts', // 37 / 200
];

/** Sandboxes that fill the time of the third lane: all of them in one lane took longest. */
const BESIDE = ['bench-live', 'example', 'setup', 'temporal-start'].map((name) => `test/e2e/${name}.test.ts`);

const isOneOf = (files, path) => files.some((file) => path.endsWith(file));
const LANES = [
  {
    name: 'sandboxes',
    workers: 1,
    takes: (path) => path.includes('/test/e2e/') && !isOneOf([...BESIDE, ...WAITING], path),
  },
  { name: 'waiting', workers: 2, takes: (path) => isOneOf(WAITING, path) },
  { name: 'others', workers: undefined, takes: () => true },
];
const laneOf = ({ path }) => LANES.find(({ takes }) => takes(path));

module.exports = class Lanes extends TestRunner {
  static NAMED = [...BESIDE, ...WAITING];

  constructor(globalConfig, context) {
    super(globalConfig, context);
    this.runners = new Map(
      LANES.map((lane) => [
        lane,
        new TestRunner({ ...globalConfig, maxWorkers: lane.workers ?? globalConfig.maxWorkers }, context),
      ]),
    );
  }

  async runTests(tests, watcher, options) {
    const lanes = LANES.map((lane) => [lane, tests.filter((test) => laneOf(test) === lane)]);
    const used = lanes.filter(([, taken]) => taken.length > 0);
    if (options.serial || used.length < 2) return super.runTests(tests, watcher, options);
    await Promise.all(used.map(([lane, taken]) => this.runners.get(lane).runTests(taken, watcher, options)));
  }

  on(event, listener) {
    const ends = [super.on(event, listener), ...[...this.runners.values()].map((runner) => runner.on(event, listener))];
    return () => ends.forEach((end) => end());
  }
};
