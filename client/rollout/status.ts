import { warnOfMissing } from '../temporal/attributes';
import type * as lookModule from '../flag/break-glass-look';
import type { Answer } from '../terminal/output';
import type { Temporal } from '../temporal/connect';
import { webLink } from '../temporal/connect';
import { CliError } from '../terminal/cli-error';
import type { ExitCode } from '../terminal/cli-error';
import { factsOf, findRollout } from '../temporal/find-rollout';
import type { RolloutView } from '../temporal/find-rollout';
import { ending } from './nothing-running';
import { listRollouts } from '../temporal/list-rollouts';
import { deploymentAnswer } from '../temporal/find-deployment';
import { releaseAnswer } from '../temporal/find-release';
import type { DeploymentOptions } from '../options';
import { defineVerb } from '../program/verb';
import { running, type Target } from '../target';
import { say, warn } from '../terminal/output';
import { singleLine } from '../../rules/format';
import { renderStatus } from '../terminal/render';
import { showDeployment } from '../deployment/steer';
import type { Which } from '../temporal/which-rollout';
import { nowMsOf } from '../temporal/server-clock';

export const verb = defineVerb<DeploymentOptions>({
  name: 'status',
  argument: '[env]',
  group: 'Inspect',
  daily: true,
  summary: 'shows the percentage, the phase, why the rollout waits and until when, each gate, and the health',
  examples: [['rollout status prod', 'what is its state, and what does it wait for?']],
  options: [{ flags: '--deployment', summary: 'show the newest deployment instead, with all its changes' }],
  handler: async (target, options) =>
    options.deployment === true && target.environment !== undefined ? showDeployment(target) : status(target),
});

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
  const answers = [
    ...(release === undefined ? [] : [releaseAnswer(temporal, release)]),
    ...(rollout === undefined ? [] : [answerOf(temporal, rollout.seen)]),
    ...(deployment === undefined ? [] : [deploymentAnswer(temporal, deployment)]),
  ];
  // With a rollout, the JSON is the rollout's.
  const { json } = answers.at(release === undefined || answers.length === 1 ? 0 : 1) ?? {};
  await listed;
  const others = { deployment: deployment?.status, release: release?.status };
  say(target.options, { text: answers.map(({ text }) => text).join('\n\n'), json: { ...json, ...others } });
  return 0;
}

/** The rollout as it is now. Throws a Failure when there is none. */
export async function currentRollout(target: Target): Promise<{ readonly which: Which; readonly seen: RolloutView }> {
  const { environment } = target;
  const which = await target.which();
  const seen = await target.rollout();
  if (which !== undefined && seen !== undefined) return { which, seen: await shown(target, seen) };
  const temporal = await target.temporal();
  const where = `Temporal at ${temporal.address}, namespace ${temporal.namespace}`;
  if (which !== undefined) {
    const never = `No rollout of ${which.service} ${which.environment} has ever run (${where}).`;
    throw new CliError(1, never, { running: false, environment });
  }
  const last = await lastRollout(temporal, target.service);
  const ended =
    last === undefined ? '' : `\nThe last one, ${last.status.service} ${last.status.environment}, ${ending(last)}`;
  throw new CliError(1, `No rollout is running (${where}).${ended}`, { running: false, last: last?.status });
}

/** Adds the percentage of the flag when the rollout does not report it. */
export function shown(target: Target, seen: RolloutView): Promise<RolloutView> {
  if (seen.status.percentage !== undefined) return Promise.resolve(seen);
  // Loaded only when needed, because it loads the AWS clients.
  const { withFlag } = require('../flag/break-glass-look') as typeof lookModule;
  return withFlag(target, seen);
}

/** The newest ended rollout of the service. */
async function lastRollout(temporal: Temporal, service: string): Promise<RolloutView | undefined> {
  const newest = (await listRollouts(temporal, true)).find((row) => row.service === service);
  return newest === undefined ? undefined : findRollout(temporal, newest.workflowId);
}

/** The status as an answer, with the link to the Web UI. */
export function answerOf(temporal: Temporal, seen: RolloutView): Answer {
  const link = webLink(temporal, seen.status.workflowId, seen.runId);
  const text = renderStatus(seen.status, nowMsOf(temporal));
  return {
    text: link === undefined ? text : `${text}\n\nWeb UI: ${link}`,
    json: {
      ...factsOf(seen),
      running: seen.running,
      runId: seen.runId,
      link,
      unanswered: seen.queryError,
      concerns: seen.concerns,
    },
  };
}
