import type * as lookModule from '../flag/break-glass-look';
import { ending } from '../rollout/nothing-running';
import type { Target } from '../target';
import type { Temporal } from '../temporal/connect';
import { webLink } from '../temporal/connect';
import { factsOf, findRollout, type RolloutView } from '../temporal/find-rollout';
import { withLook } from '../temporal/last-look';
import { listRollouts } from '../temporal/list-rollouts';
import { nowMsOf } from '../temporal/server-clock';
import type { Which } from '../temporal/which-rollout';
import { CliError } from '../terminal/cli-error';
import type { RolloutAnswer } from '../answers/answers';
import type { Answer } from '../terminal/output';
import { renderStatus } from '../terminal/render';

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
export function answerOf(temporal: Temporal, seen: RolloutView): Answer<RolloutAnswer> {
  const link = webLink(temporal, seen.status.workflowId, seen.runId);
  const status = withLook(seen.status, seen.look);
  const text = renderStatus(status, nowMsOf(temporal));
  return {
    text: link === undefined ? text : `${text}\n\nWeb UI: ${link}`,
    json: {
      ...factsOf({ ...seen, status }),
      running: seen.running,
      runId: seen.runId,
      link,
      unanswered: seen.queryError,
      concerns: seen.concerns,
    },
  };
}
