import type { EnvironmentPlan } from '../plan/environment-plan';
import type { Decision } from '../rollout/decision';
import type { RolloutState } from '../rollout/state/state';
import { whyUnknown } from '../rollout/status/build-status';
import { type Around, batchOf, entriesAdded, NOTHING_WRITTEN, withEvents } from './waiting';

/** The state with what the change added to its log, to be written; unchanged for a plan without an audit record. */
export function withAudit(
  { audit }: Pick<EnvironmentPlan, 'audit'>,
  before: RolloutState | undefined,
  after: RolloutState,
  decision?: Decision,
): RolloutState {
  if (audit === undefined) return after;
  const added = entriesAdded(before?.log, after.log);
  if (added.length === 0) return after;
  return { ...after, audit: withEvents(after.audit ?? NOTHING_WRITTEN, added, aroundOf(before, after, decision)) };
}

function aroundOf(before: RolloutState | undefined, after: RolloutState, decision: Decision | undefined): Around {
  const was = before === undefined ? undefined : knownPercentage(before);
  const is = knownPercentage(after);
  const percentage = was === undefined && is === undefined ? undefined : { before: was, after: is };
  const raised = before !== undefined && after.flag.written.length > before.flag.written.length;
  if (!raised) return { percentage };
  const to = after.flag.written.at(-1);
  const given = after.gates.approvals.filter((one) => one.percentage === to);
  const approvals = given.map(({ by, percentage: of, atMs }) => ({ by, percentage: of, atMs }));
  const why = decision !== undefined && 'why' in decision ? decision.why : undefined;
  return { percentage, why, approvals: approvals.length === 0 ? undefined : approvals };
}

const knownPercentage = (state: RolloutState): number | undefined =>
  whyUnknown(state) === undefined ? state.flag.percentage : undefined;

/**
 * What may be written now: nothing between a stop and the first try for 0 %, which shares its task with nothing. After a try
 * that failed the tries go on without end, and the record must say so.
 */
export function auditDue({ audit, stop, zero, outcome }: RolloutState): ReturnType<typeof batchOf> {
  // What is left at the end was handed over.
  if (audit === undefined || outcome !== undefined) return [];
  const isOnTheWay = stop !== undefined && zero.written === undefined && zero.problem === undefined;
  return isOnTheWay ? [] : batchOf(audit);
}
