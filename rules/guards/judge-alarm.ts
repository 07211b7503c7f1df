import type { AlarmReading } from './readings';
import { at, breach, failedLook, noData, judged, times, type GuardContext, type Judgement } from './judgement';

type Known = Exclude<AlarmReading, { missing: true }>;

/** The history may date the moment the alarm fired slightly earlier or later than the alarm itself. */
const SAME_FIRING_MS = 1_000;

/**
 * An alarm is judged by its history, not by its present state: each time it fired since the step began counts, even if it is
 * OK again. An alarm that cannot fire is blind, never healthy; a firing alarm is not healthy even within its tolerance.
 */
export function judgeAlarm(alarm: GuardContext, reading: AlarmReading | undefined, unread?: string): Judgement {
  const { moment, fromMs } = alarm;
  if (moment.nowMs < fromMs) return judged('inconclusive', `is not judged before ${at(fromMs)}`);
  if (reading === undefined) return failedLook(alarm, unread ?? 'it was not read');
  if (reading.missing) return noData(alarm, 'does not exist in this account and region: it watches nothing');
  const firings = firingsOf(reading, fromMs);
  const firedAtMs = firings.at(-1);
  if (firedAtMs === undefined) return blindness(alarm, reading) ?? quiet(alarm, reading);
  const { failureLimit, consecutiveFailureLimit } = alarm.policy;
  const limit = Math.min(failureLimit, consecutiveFailureLimit);
  const words = firedWords(reading, firedAtMs);
  if (firings.length > limit) {
    const counted = limit === 0 ? '' : `; it fired ${times(firings.length, 'time')}, ${limit} tolerated`;
    return breach(alarm, words + counted, firedAtMs);
  }
  const tolerated = `${firings.length} of ${times(limit, 'tolerated failure')}`;
  if (reading.state === 'ALARM' || reading.state === 'NOT_READ')
    return judged('inconclusive', `${words}; ${tolerated}`);
  return blindness(alarm, reading) ?? { ...judged('healthy', `${words}; ${tolerated}`), aside: tolerated };
}

/** OK proves less when the alarm could not have fired yet. */
function quiet({ moment: { dueMs, stepSinceMs } }: GuardContext, { ringTime }: Known): Judgement {
  const ringsAfterMs = ringTime?.afterMs;
  const late = dueMs !== undefined && ringsAfterMs !== undefined && dueMs - stepSinceMs < ringsAfterMs;
  return { ...judged('healthy', 'is OK'), ringsAfterMs: late ? ringsAfterMs : undefined };
}

/** Oldest first; an alarm that still fires counts regardless of when it began. */
function firingsOf(reading: Known, fromMs: number): number[] {
  const since = reading.alarmedAtMs.filter((ms) => ms >= fromMs);
  if (reading.state !== 'ALARM') return since;
  return [...since.filter((ms) => ms < reading.changedAtMs - SAME_FIRING_MS), reading.changedAtMs];
}

function firedWords(reading: Known, firedAtMs: number): string {
  if (reading.state === 'NOT_READ') return `went to ALARM at ${at(firedAtMs)}: ${reading.stateReason}`;
  return reading.state === 'ALARM'
    ? `is in ALARM since ${at(firedAtMs)}: ${reading.stateReason}`
    : `was in ALARM at ${at(firedAtMs)} and is ${reading.state} again: it counts for this step`;
}

function blindness(alarm: GuardContext, reading: Known): Judgement | undefined {
  if (reading.state === 'NOT_READ')
    return judged('inconclusive', `was not read, and has not fired since ${at(alarm.fromMs)}`);
  if (reading.state === 'INSUFFICIENT_DATA')
    return noData(alarm, `has INSUFFICIENT_DATA since ${at(reading.changedAtMs)}: ${reading.stateReason}`);
  if (reading.evaluation !== undefined)
    return noData(alarm, `is OK, but its evaluation is doubtful (${reading.evaluation}): it may have failed to fire`);
  if (reading.staleSinceMs !== undefined) {
    const newest = reading.staleSinceMs === 0 ? 'none at all' : `the newest from ${at(reading.staleSinceMs)}`;
    return noData(alarm, `is OK without recent data in its metric, ${newest}: it could not fire`);
  }
  if (reading.silenced !== undefined) return noData(alarm, `is silenced (${reading.silenced}): its actions do not run`);
  return undefined;
}
