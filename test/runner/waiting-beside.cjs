/**
 * Runs the test files that mostly wait, for a time of the product or of AWS, in a worker of their own beside the others. They take little
 * CPU, but would each occupy one of the workers for minutes.
 */
const { default: TestRunner } = require('jest-runner');

/** Files that use less than a third of a core, longest first: seconds of CPU / seconds, on two busy cores. */
const WAITING = [
  'test/aws/worker/unwatched.test.ts', // 38 / 204
  'test/workflows/release/release-stopped.test.ts', // 16 / 95
  'test/workflows/zero/no-attributes.test.ts', // 14 / 94
  'test/aws/infra/guardian.test.ts', // 14 / 90
  'test/aws/worker/frozen-worker.test.ts', // 11 / 79
  'test/workflows/rollout/order.test.ts', // 20 / 72
  'test/aws/client/closed-pipes.test.ts', // 27 / 128, before its waits ran at once
];

const waits = ({ path }) => WAITING.some((file) => path.endsWith(file));

module.exports = class WaitingBeside extends TestRunner {
  static WAITING = WAITING;

  constructor(globalConfig, context) {
    super(globalConfig, context);
    this.beside = new TestRunner({ ...globalConfig, maxWorkers: 1 }, context);
  }

  async runTests(tests, watcher, options) {
    const [waiting, others] = [tests.filter(waits), tests.filter((test) => !waits(test))];
    if (options.serial || waiting.length === 0 || others.length === 0) return super.runTests(tests, watcher, options);
    await Promise.all([super.runTests(others, watcher, options), this.beside.runTests(waiting, watcher, options)]);
  }

  on(event, listener) {
    const ends = [super.on(event, listener), this.beside.on(event, listener)];
    return () => ends.forEach((end) => end());
  }
};
