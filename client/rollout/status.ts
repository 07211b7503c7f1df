import { deploymentWorkflowId, releaseWorkflowId } from '../../workflows/messages';
import { warnOfMissing } from '../temporal/attributes';
import type * as lookModule from '../flag/break-glass-look';
import type { Answer } from '../terminal/output';
import type { Temporal } from '../temporal/connect';
import { webLink, withTemporal } from '../temporal/connect';
import { Failure } from '../terminal/failure';
import type { ExitCode } from '../terminal/failure';
import { factsOf, findRollout } from '../temporal/find-rollout';
import type { Seen } from '../temporal/find-rollout';
import { ending } from './nothing-running';
import { listRollouts } from '../temporal/list-rollouts';
import { deploymentAnswer, runningDeployment } from '../temporal/find-deployment';
import { releaseAnswer, runningRelease } from '../temporal/find-release';
import type { CommonOptions, DeploymentOptions } from '../options';
import { say, warn } from '../terminal/output';
import { serviceOf } from '../input/plan-file';
import { plain } from '../../rules/words';
import { renderStatus } from '../terminal/render';
import { showDeployment } from '../deployment/steer';
import { whichRollout } from '../temporal/which-rollout';
import type { Which } from '../temporal/which-rollout';
import { nowMsOf } from '../temporal/server-clock';

/** `rollout status [env]` */
export function status(environment: string | undefined, options: DeploymentOptions): Promise<ExitCode> {
  if (options.deployment === true && environment !== undefined) return showDeployment(environment, options);
  const which = whichRollout(environment, options);
  return withTemporal<ExitCode>(options, async (temporal) => {
    const listed = warnOfMissing(temporal);
    const of = await which(temporal);
    const deployment =
      of === undefined
        ? undefined
        : await runningDeployment(temporal, deploymentWorkflowId(of.service, of.environment));
    const release =
      of === undefined ? undefined : await runningRelease(temporal, releaseWorkflowId(of.service, of.environment));
    const rollout = await present(temporal, of, environment, options).catch((error: unknown) => {
      if (deployment === undefined && release === undefined) throw error;
      return undefined;
    });
    if (rollout?.seen.unanswered !== undefined) warn(`Only what Temporal itself knows: ${rollout.seen.unanswered}.`);
    for (const { why, remedy } of rollout?.seen.concerns ?? []) warn(`NOBODY WATCHES it: ${plain(why)}. ${remedy}.`);
    const answers = [
      ...(release === undefined ? [] : [releaseAnswer(temporal, release)]),
      ...(rollout === undefined ? [] : [answerOf(temporal, rollout.seen)]),
      ...(deployment === undefined ? [] : [deploymentAnswer(temporal, deployment)]),
    ];
    // The JSON is that of the rollout, where there is one.
    const { json } = answers.at(release === undefined || answers.length === 1 ? 0 : 1) ?? {};
    await listed;
    say(options, {
      text: answers.map(({ text }) => text).join('\n\n'),
      json: { ...json, deployment: deployment?.status, release: release?.status },
    });
    return 0;
  });
}

/** The rollout meant, as it is. Throws a Failure when there is none. */
export async function present(
  temporal: Temporal,
  which: Which | undefined,
  environment: string | undefined,
  options: CommonOptions,
): Promise<{ readonly which: Which; readonly seen: Seen }> {
  const seen = which === undefined ? undefined : await findRollout(temporal, which.workflowId);
  if (which !== undefined && seen !== undefined) return { which, seen: await shown(seen, options) };
  const where = `Temporal at ${temporal.address}, namespace ${temporal.namespace}`;
  if (which !== undefined) {
    const never = `No rollout of ${which.service} ${which.environment} has ever run (${where}).`;
    throw new Failure(1, never, { running: false, environment });
  }
  const last = await lastRollout(temporal, serviceOf(undefined, options));
  const ended =
    last === undefined ? '' : `\nThe last one, ${last.status.service} ${last.status.environment}, ${ending(last)}`;
  throw new Failure(1, `No rollout is running (${where}).${ended}`, { running: false, last: last?.status });
}

/** With what the flag says, where the rollout does not tell it. */
export function shown(seen: Seen, options: CommonOptions): Promise<Seen> {
  if (seen.status.percentage !== undefined) return Promise.resolve(seen);
  // Loaded only when it is needed, with the clients of AWS.
  const { withFlag } = require('../flag/break-glass-look') as typeof lookModule;
  return withFlag(seen, options);
}

/** The newest rollout of the service that has ended. */
async function lastRollout(temporal: Temporal, service: string): Promise<Seen | undefined> {
  const newest = (await listRollouts(temporal, true)).find((row) => row.service === service);
  return newest === undefined ? undefined : findRollout(temporal, newest.workflowId);
}

/** The status as an answer, with the link to the Web UI. */
export function answerOf(temporal: Temporal, seen: Seen): Answer {
  const link = webLink(temporal, seen.status.workflowId, seen.runId);
  const text = renderStatus(seen.status, nowMsOf(temporal));
  return {
    text: link === undefined ? text : `${text}\n\nWeb UI: ${link}`,
    json: {
      ...factsOf(seen),
      running: seen.running,
      runId: seen.runId,
      link,
      unanswered: seen.unanswered,
      concerns: seen.concerns,
    },
  };
}
