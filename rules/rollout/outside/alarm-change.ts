import { type AlarmChange, isAlarmState, NO_REASON } from '../../guards/alarm-message';
import type { WatchedAlarm } from '../../guards/guard';
import { isJudgedAt } from '../../guards/guard-policy';
import { judge } from '../../guards/health';
import type { Moment } from '../../guards/verdict';
import { cutInTheMiddle } from '../../format';
import { recordVerdict } from '../pause-hold';
import { note } from '../state/log';
import type { RolloutState } from '../state/state';

const WHY_LENGTH = 500;
const LATEST_MS = 8.64e15;

/** A time that a signal names, in ms since 1970; `nowMs` for what is none. */
export const timeSent = (value: unknown, nowMs: number): number =>
  typeof value === 'number' && Math.abs(value) <= LATEST_MS ? value : nowMs;

/** A reason that a signal names, short enough for the state. */
export const whySent = (value: unknown): string =>
  typeof value === 'string' ? cutInTheMiddle(value, WHY_LENGTH) : NO_REASON;

/**
 * A signal's argument, which anybody may have typed. Without alarm and state it says nothing; a time that is none counts as
 * now, so that a breach is not lost for a bad clock.
 */
export function readAlarmChange(value: unknown, nowMs: number): AlarmChange | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { alarm, arn, state, atMs, why } = value as Record<string, unknown>;
  if (typeof alarm !== 'string' || !isAlarmState(state)) return undefined;
  return {
    alarm,
    arn: typeof arn === 'string' ? arn : undefined,
    state,
    atMs: timeSent(atMs, nowMs),
    why: whySent(why),
  };
}

/** The plan watches an alarm of that name in another account or region. */
function isAnother({ aws }: WatchedAlarm, { arn = '' }: AlarmChange): boolean {
  const [, , , region, account] = arn.split(':');
  return aws !== undefined && account !== undefined && (region !== aws.region || account !== aws.account);
}

/**
 * Judges a pushed alarm change by the judge of the watch, without a read of AWS: the push is a reading of one alarm that says
 * when it rang and not what it is now. A change from before this step, and one of an alarm that the plan does not watch now,
 * change nothing. A ringing that is no breach by itself is noted, which makes the rollout look at once: that look judges it
 * together with the others.
 */
export function recordAlarmChange(
  state: RolloutState,
  alarms: readonly WatchedAlarm[],
  change: AlarmChange,
  nowMs: number,
): RolloutState {
  const alarm = alarms.find(({ name }) => name === change.alarm);
  if (alarm === undefined || change.state !== 'ALARM' || isAnother(alarm, change)) return state;
  if (change.atMs < (alarm.onBreach === 'hold' ? state.watch.holdsSinceMs : state.watch.sinceMs)) return state;
  // A raise that is not confirmed may be at work or not.
  const { raisingTo = state.flag.percentage } = state.flag;
  const mayBe = [Math.max(raisingTo, state.flag.percentage), Math.min(raisingTo, state.flag.percentage)];
  const percentage = mayBe.find((one) => isJudgedAt(alarm, one));
  if (percentage === undefined) return state;
  const { health } = state.watch;
  const verdict = judge({ alarms: [alarm], guards: [] }, readingOf(change), momentOf(state, percentage, change, nowMs));
  if (verdict.outcome !== 'breach') {
    const why = `${alarm.name} went to ALARM at ${new Date(change.atMs).toISOString()}: ${change.why}`;
    const what = verdict.noticed.length > 0 ? 'noticed' : 'not decided by one ringing';
    return note(state, { atMs: nowMs, what: `${what}: ${why}` });
  }
  const guards = (health?.guards ?? []).map((one) => verdict.guards.find(({ name }) => name === one.name) ?? one);
  return recordVerdict(state, { ...verdict, atMs: nowMs, noticed: health?.noticed ?? [], guards });
}

const readingOf = ({ alarm: name, atMs, why: stateReason }: AlarmChange) => ({
  alarms: [{ name, state: 'NOT_READ', stateReason, changedAtMs: atMs, alarmedAtMs: [atMs] } as const],
  guards: [],
});

/** The worker's clock may be behind that of CloudWatch. */
const momentOf = (
  { watch: { sinceMs: stepSinceMs, holdsSinceMs } }: RolloutState,
  percentage: number,
  { atMs }: AlarmChange,
  nowMs: number,
): Moment => ({ nowMs: Math.max(nowMs, atMs), stepSinceMs, holdsSinceMs, percentage, errorsInARow: {} });
