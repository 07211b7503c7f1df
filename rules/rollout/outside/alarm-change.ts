import { type AlarmChange, isAlarmState, NO_REASON } from '../../guards/alarm-message';
import type { WatchedAlarm } from '../../guards/guard';
import { isJudgedAt } from '../../guards/guard-policy';
import { judgeAlarms } from '../../guards/verdict-of';
import type { Moment } from '../../guards/verdict';
import { cutInTheMiddle } from '../../format';
import { recordVerdict } from '../pause-hold';
import { note } from '../state/log';
import type { RolloutState } from '../state/state';

const WHY_LENGTH = 500;
const LATEST_MS = 8.64e15;
/** A firing so shortly before the step may be of this step: two clocks gave the times, and some sources cut them to seconds. */
const EDGE_MS = 5_000;

/** The time in a signal, in ms since 1970; `nowMs` when it is invalid. */
export const timeSent = (value: unknown, nowMs: number): number =>
  typeof value === 'number' && Math.abs(value) <= LATEST_MS ? value : nowMs;

/** The reason in a signal, shortened for the state. */
export const whySent = (value: unknown): string =>
  typeof value === 'string' ? cutInTheMiddle(value, WHY_LENGTH) : NO_REASON;

/**
 * A signal's argument, which may be typed by hand. Without alarm and state it is ignored; an invalid time counts as now, so that a
 * bad clock does not lose a breach.
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
export function isAnother({ aws }: WatchedAlarm, { arn = '' }: Pick<AlarmChange, 'arn'>): boolean {
  const [, , , region, account] = arn.split(':');
  return aws !== undefined && account !== undefined && (region !== aws.region || account !== aws.account);
}

/**
 * Judges a pushed alarm change like the watch does, without a read of AWS: the push is a reading of one alarm that says when it
 * fired but not its present state. A change from before this step, or of an alarm that the plan does not watch now, changes
 * nothing. A firing that is not a breach by itself, or that came just as the step began, is noted, which starts a check at once: that
 * check judges it with the others.
 */
export function recordAlarmChange(
  state: RolloutState,
  alarms: readonly WatchedAlarm[],
  change: AlarmChange,
  nowMs: number,
): RolloutState {
  const alarm = alarms.find(({ name }) => name === change.alarm);
  if (alarm === undefined || change.state !== 'ALARM' || isAnother(alarm, change)) return state;
  const sinceMs = alarm.onBreach === 'hold' ? state.watch.holdsSinceMs : state.watch.sinceMs;
  if (change.atMs < sinceMs - EDGE_MS) return state;
  if (change.atMs < sinceMs)
    return note(state, { atMs: nowMs, what: `${firing(change)}, as this step began: checked now` });
  // An unconfirmed raise may already have an effect.
  const { raisingTo = state.flag.percentage } = state.flag;
  const mayBe = [Math.max(raisingTo, state.flag.percentage), Math.min(raisingTo, state.flag.percentage)];
  const percentage = mayBe.find((one) => isJudgedAt(alarm, one));
  if (percentage === undefined) return state;
  const { health } = state.watch;
  const verdict = judgeAlarms([alarm], readingOf(change), momentOf(state, percentage, change, nowMs));
  const isAgain = verdict.ringing.every((one) => health?.ringing.includes(one) === true);
  if (verdict.outcome === 'breach' && isAgain && (state.stop ?? state.held) !== undefined) return state;
  if (verdict.outcome !== 'breach') {
    const what = verdict.noticed.length > 0 ? 'noticed' : 'one firing is no breach by itself';
    return note(state, { atMs: nowMs, what: `${what}: ${firing(change)}: ${change.why}` });
  }
  const guards = (health?.guards ?? []).map((one) => verdict.guards.find(({ name }) => name === one.name) ?? one);
  return recordVerdict(state, { ...verdict, atMs: nowMs, noticed: health?.noticed ?? [], guards });
}

const firing = ({ alarm, atMs }: AlarmChange): string => `${alarm} went to ALARM at ${new Date(atMs).toISOString()}`;

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
