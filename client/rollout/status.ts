import { singleLine } from '../../rules/format';
import { showDeployment } from '../deployment/steer';
import { lengthMs } from '../input/times';
import type { DeploymentOptions } from '../options';
import { defineVerb } from '../program/verb';
import { running, type Target } from '../target';
import { warnOfMissing } from '../temporal/attributes';
import { deploymentAnswer } from '../temporal/find-deployment';
import { releaseAnswer } from '../temporal/find-release';
import type { RolloutView } from '../temporal/find-rollout';
import type { ExitCode } from '../terminal/cli-error';
import { endsWhenLeft, say, warn } from '../terminal/output';
import { answerOf, currentRollout } from '../watch/current';
import { type Goal, goalOf, waitedFor } from '../watch/goal';
import { exitCodeOf, ifReachable } from './watch';

interface StatusOptions extends DeploymentOptions {
  readonly until?: Goal;
  readonly timeout?: string;
}

export const verb = defineVerb<StatusOptions>({
  name: 'status',
  argument: '[env]',
  group: 'Inspect',
  daily: true,
  summary: 'shows the percentage, the phase, why the rollout waits and until when, each gate, and the health',
  examples: [
    ['rollout status prod', 'what is its state, and what does it wait for?'],
    ['rollout status prod --until at:25 --timeout 2h', 'wait in a pipeline until 25 %'],
  ],
  options: [
    { flags: '--deployment', summary: 'show the newest deployment instead, with all its changes' },
    {
      flags: '--until <goal>',
      summary: 'wait until then: `completed`, or a percentage as `at:25`; 1 or 3 when it ends otherwise',
      parse: goalOf,
    },
    {
      flags: '--timeout <length>',
      summary: 'wait for at most so long, such as 90s, 10m or 2h; then the exit code is 4',
    },
  ],
  handler: async (target, options) => {
    if (options.deployment === true && target.environment !== undefined) return showDeployment(target);
    if (options.until === undefined && options.timeout === undefined) return status(target);
    return statusAt(target, options.until ?? { kind: 'completed' }, options.timeout);
  },
});

/** 0 at the goal, 4 when the time was up before; else as a watch ends. */
async function statusAt(target: Target, goal: Goal, timeout: string | undefined): Promise<ExitCode> {
  const withinMs = timeout === undefined ? Infinity : lengthMs('--timeout', timeout);
  const { which, seen: first } = await currentRollout(target);
  const temporal = await target.temporal();
  const stay = endsWhenLeft('\nThe wait has ended. The rollout continues.');
  try {
    const read = (): Promise<RolloutView | undefined> =>
      ifReachable(target, temporal, which.workflowId, { note: warn });
    const { seen, standing } = await waitedFor(goal, first, { read, withinMs });
    const { text, json } = answerOf(temporal, seen);
    say(target.options, 'rollout', {
      text,
      json: { ...json, reached: standing === 'reached', timedOut: standing === 'open' },
    });
    if (standing === 'reached') return 0;
    return standing === 'open' ? 4 : exitCodeOf(seen.status);
  } finally {
    stay();
  }
}

async function status(target: Target): Promise<ExitCode> {
  await target.which();
  const temporal = await target.temporal();
  const listed = warnOfMissing(temporal);
  const deployment = await running(target.deployment());
  const release = await running(target.release());
  const rollout = await currentRollout(target).catch((error: unknown) => {
    if (deployment === undefined && release === undefined) throw error;
    return undefined;
  });
  if (rollout?.seen.queryError !== undefined) warn(`Shown is only what Temporal knows: ${rollout.seen.queryError}.`);
  for (const { why, remedy } of rollout?.seen.concerns ?? []) warn(`UNWATCHED: ${singleLine(why)}. ${remedy}.`);
  await listed;
  const ofRelease = release && releaseAnswer(temporal, release);
  const ofRollout = rollout && answerOf(temporal, rollout.seen);
  const ofDeployment = deployment && deploymentAnswer(temporal, deployment);
  const text = [ofRelease, ofRollout, ofDeployment]
    .flatMap((one) => (one === undefined ? [] : [one.text]))
    .join('\n\n');
  const others = { deployment: deployment?.status, release: release?.status };
  const { options } = target;
  if (ofRollout !== undefined) say(options, 'rollout', { text, json: { ...ofRollout.json, ...others } });
  else if (ofDeployment !== undefined) say(options, 'deployment', { text, json: { ...ofDeployment.json, ...others } });
  else if (ofRelease !== undefined) say(options, 'release', { text, json: { ...ofRelease.json, ...others } });
  return 0;
}
