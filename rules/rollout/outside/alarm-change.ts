import type { WatchedAlarm } from '../../guards/guard';
import { isJudgedAt, policyOf } from '../../guards/guard-policy';
import { recordVerdict } from '../pause-hold';
import { note, type RolloutState } from '../state/state';
import { cutInTheMiddle } from '../../words';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** An alarm changed state, as CloudWatch told through SNS and SQS. */
export interface AlarmChange {
  readonly alarm: string;
  /** Of the alarm, where the message told it. */
  readonly arn?: string;
  readonly state: AlarmState;
  readonly atMs: number;
  readonly why: string;
}

const WHY_LENGTH = 500;
const LATEST_MS = 8.64e15;

/** A time that a signal names, in ms since 1970; `nowMs` for what is none. */
export const timeSent = (value: unknown, nowMs: number): number =>
  typeof value === 'number' && Math.abs(value) <= LATEST_MS ? value : nowMs;

/** A reason that a signal names, short enough for the state. */
export const whySent = (value: unknown): string =>
  typeof value === 'string' ? cutInTheMiddle(value, WHY_LENGTH) : 'no reason given';

/**
 * A signal's argument, which anybody may have typed. Without alarm and state it says nothing; a time that is none counts as
 * now, so that a breach is not lost for a bad clock.
 */
export function readAlarmChange(value: unknown, nowMs: number): AlarmChange | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { alarm, arn, state, atMs, why } = value as Record<string, unknown>;
  if (typeof alarm !== 'string' || (state !== 'OK' && state !== 'ALARM' && state !== 'INSUFFICIENT_DATA'))
    return undefined;
  return {
    alarm,
    arn: typeof arn === 'string' ? arn : undefined,
    state,
    atMs: timeSent(atMs, nowMs),
    why: whySent(why),
  };
}

/** The plan's alarm is in another account or region than the one of that name that rang. */
function isAnother({ aws }: WatchedAlarm, { arn = '' }: AlarmChange): boolean {
  const [, , , region, account] = arn.split(':');
  return aws !== undefined && account !== undefined && (region !== aws.region || account !== aws.account);
}

/**
 * A pushed alarm change; a late one, from before this step, and one the plan does not name change nothing. One ringing that
 * is no breach by itself is only noted: the look that follows judges it with the others.
 */
export function recordAlarmChange(
  state: RolloutState,
  alarms: readonly WatchedAlarm[],
  change: AlarmChange,
  nowMs: number,
): RolloutState {
  const alarm = alarms.find(({ name }) => name === change.alarm);
  if (alarm === undefined || change.state !== 'ALARM' || isAnother(alarm, change)) return state;
  if (change.atMs < (alarm.onBreach === 'hold' ? state.holdsSinceMs : state.watchSinceMs)) return state;
  if (![state.percentage, state.raisingTo ?? 0].some((percentage) => isJudgedAt(alarm, percentage))) return state;
  const policy = policyOf(alarm);
  const why = `${alarm.name} went to ALARM at ${new Date(change.atMs).toISOString()}: ${change.why}`;
  if (alarm.onBreach === 'notify' || policy.dryRun) return note(state, { atMs: nowMs, what: `noticed: ${why}` });
  const tolerated = Math.min(policy.failureLimit, policy.consecutiveFailureLimit);
  if (tolerated > 0 || change.atMs < state.watchSinceMs + policy.initialDelayMs)
    return note(state, { atMs: nowMs, what: `not decided by one ringing: ${why}` });
  const { name, onBreach: asks } = alarm;
  const guards = state.health?.guards ?? [];
  const verdict = { outcome: 'breach', why, atMs: nowMs, alarm: name, asks, ringing: [name], noticed: [] } as const;
  return recordVerdict(state, { ...verdict, guards });
}
