/**
 * The order of the test files. Jest begins with the files that took longest in the run before, and without one, as on a clean checkout, with
 * the largest. A small file that takes minutes then comes last and runs alone.
 */
const Sequencer = require('@jest/test-sequencer').default;

/** Files of 40 s and more, longest first, as measured on two busy cores. A new file that is slow belongs here. */
const SLOW = [
  'test/workflows/rollout-stories.test.ts',
  'test/e2e/cli.test.ts',
  'test/e2e/cli-verbs.test.ts',
  'test/aws/unwatched.test.ts',
  'test/e2e/judgement.test.ts',
  'test/workflows/unreadable.test.ts',
  'test/e2e/stories.test.ts',
  'test/aws/closed-pipes.test.ts',
  'test/e2e/deploy.test.ts',
  'test/workflows/rollout-freezes.test.ts',
  'test/e2e/failed-deploy.test.ts',
  'test/aws/next-way.test.ts',
  'test/aws/adopt-pavi.test.ts',
  'test/e2e/late-write.test.ts',
  'test/workflows/rollout-unwatched.test.ts',
  'test/aws/guardian.test.ts',
  'test/workflows/order.test.ts',
  'test/e2e/verify.test.ts',
  'test/workflows/rollout.test.ts',
  'test/e2e/supervisor.test.ts',
  'test/aws/frozen-worker.test.ts',
  'test/workflows/no-attributes.test.ts',
  'test/e2e/nextflow.test.ts',
  'test/workflows/unreadable-answers.test.ts',
  'test/workflows/release-stopped.test.ts',
  'test/workflows/rollout-notices.test.ts',
  'test/workflows/release.test.ts',
  'test/aws/probe.test.ts',
  'test/rules/soak.test.ts',
  'test/e2e/diagnose.test.ts',
  'test/aws/guards.test.ts',
  'test/workflows/rollout-new-run.test.ts',
  'test/aws/break-glass.test.ts',
];

/** @param path Absolute, or from the project's folder. */
const rank = (path) => {
  const place = SLOW.findIndex((slow) => path.endsWith(slow));
  return place === -1 ? SLOW.length : place;
};

module.exports = class LongestFirst extends Sequencer {
  static SLOW = SLOW;

  sort(tests) {
    return super.sort(tests).sort((one, other) => rank(one.path) - rank(other.path));
  }
};
