/**
 * The order of the test files. Jest begins with the files that took longest in the run before, and without one, as on a clean checkout, with
 * the largest. A small file that takes minutes then comes last and runs alone.
 */
const Sequencer = require('@jest/test-sequencer').default;

/** Files of 40 s and more, longest first, as measured on two busy cores. A new file that is slow belongs here. */
const SLOW = [
  'test/e2e/cli.test.ts',
  'test/workflows/rollout/stories.test.ts',
  'test/e2e/cli-verbs.test.ts',
  'test/aws/worker/unwatched.test.ts',
  'test/e2e/judgement.test.ts',
  'test/e2e/stories.test.ts',
  'test/e2e/deploy.test.ts',
  'test/e2e/failed-deploy.test.ts',
  'test/e2e/example.test.ts',
  'test/aws/client/own-service.test.ts',
  'test/aws/infra/adopt-pavi.test.ts',
  'test/workflows/release/release-stopped.test.ts',
  'test/workflows/zero/no-attributes.test.ts',
  'test/aws/client/next-way.test.ts',
  'test/aws/infra/guardian.test.ts',
  'test/workflows/boundary/unreadable-answers.test.ts',
  'test/e2e/late-write.test.ts',
  'test/workflows/zero/hooks.test.ts',
  'test/e2e/bench-live.test.ts',
  'test/aws/worker/frozen-worker.test.ts',
  'test/workflows/rollout/order.test.ts',
  'test/workflows/release/release.test.ts',
  'test/workflows/boundary/unreadable.test.ts',
  'test/workflows/rollout/gates.test.ts',
  'test/e2e/verify.test.ts',
  'test/workflows/rollout/rollout.test.ts',
  'test/e2e/supervisor.test.ts',
  'test/workflows/rollout/notices.test.ts',
  'test/aws/client/closed-pipes.test.ts',
  'test/e2e/nextflow.test.ts',
  'test/aws/act/probe.test.ts',
  'test/rules/rollout/soak.test.ts',
  'test/e2e/diagnose.test.ts',
  'test/aws/observe/guards/guards.test.ts',
  'test/workflows/rollout/new-run.test.ts',
  'test/workflows/zero/event-looks.test.ts',
  'test/rules/rollout/reference/invariants.test.ts',
  'test/e2e/chaos.test.ts',
  'test/aws/worker/upgrade.test.ts',
  'test/aws/client/adopt.test.ts',
  'test/aws/activities/break-glass.test.ts',
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
