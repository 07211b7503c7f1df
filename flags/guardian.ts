import { parseFlags } from './contract';
import type { FlagFormat } from './format';

/** The guardian's settings for one environment. Durations in milliseconds. */
export interface Guarded {
  /** The alarms that ask the rollout to go back to 0. */
  readonly alarms: readonly string[];
  /** The dead man's alarm: it fires when no rollout has checked for some time. */
  readonly unwatched?: string | undefined;
  /** How long the rollout has to answer an alarm. */
  readonly graceMs: number;
  /** How long 100 % belongs to a rollout after it was written; later no rollout is under way. */
  readonly fullForMs: number;
  /** How the flag parameter holds the percentage; the standard keys when left out. */
  readonly format?: FlagFormat | undefined;
}

/** An alarm that went to ALARM, and when, in ms since 1970. */
export interface FiredAlarm {
  readonly alarm: string;
  readonly atMs: number;
}

/** The flag parameter as it is. */
export interface FlagState {
  readonly text: string;
  readonly modifiedAtMs: number;
  /** SSM's count of the parameter's values. */
  readonly version?: number | undefined;
}

/** The facts beside the alarm. */
export interface Known {
  readonly standing?: FlagState | undefined;
  /** The highest generation of those that were at 0 since the alarm. */
  readonly zeroGeneration?: number | undefined;
  /** For the dead man's alarm: it is OK again, so a rollout checks. */
  readonly looksAgain?: boolean | undefined;
  /** For the dead man's alarm: a rollout has not released the flag. A rollout releases it at its end. */
  readonly owned?: boolean | undefined;
}

export type GuardianDecision = { readonly do: 'nothing' | 'wait' | 'write-zero'; readonly why: string };

/**
 * A raise rests on a check at most 30 s old, is retried for one minute (`workflows/proxies.ts`), and its last write
 * takes at most 10 s: a write later than this after an alarm knew of the alarm.
 */
export const KNOWS_OF_IT_MS = 100_000;

/**
 * Whether 0 must be written in the rollout's place. A 0 since the alarm answers it unless an earlier write arrived after
 * it. When in doubt 0 is written: a running rollout finds it, and can be started again.
 */
export function guardianDecision(guarded: Guarded, fired: FiredAlarm, known: Known, nowMs: number): GuardianDecision {
  const { standing, zeroGeneration } = known;
  const isUnwatched = fired.alarm === guarded.unwatched;
  if (!isUnwatched && !guarded.alarms.includes(fired.alarm))
    return nothing(`${fired.alarm} does not ask for a rollback`);
  if (nowMs < fired.atMs + guarded.graceMs) return { do: 'wait', why: 'the rollout still has time to answer' };
  if (standing === undefined) return nothing('there is no flag parameter');
  const { text, modifiedAtMs, version } = standing;
  const parsed = parseFlags(text, guarded.format, version);
  const since = `${fired.alarm} fired ${Math.round((nowMs - fired.atMs) / 1_000)} s ago`;
  // Readers continue with the last good document, whatever this text holds.
  if (!parsed.ok) return { do: 'write-zero', why: `${since}, and the flag document cannot be read: ${parsed.why}` };
  const { percentage } = parsed.document;
  if (percentage === 0) return nothing('0 % already');
  if (zeroGeneration !== undefined) {
    if (parsed.document.generation > zeroGeneration) return nothing('it was answered by 0 %, and raised again since');
    return { do: 'write-zero', why: `${since}, and ${percentage} % arrived late over the 0 % that answered it` };
  }
  const excuse = isUnwatched ? stillWatched(fired, known, modifiedAtMs, percentage) : knewOfIt(fired, modifiedAtMs);
  if (excuse !== undefined) return nothing(`${percentage} % ${excuse}`);
  if (percentage === 100 && nowMs > modifiedAtMs + guarded.fullForMs)
    return nothing('100 % was written so long ago that no rollout is under way');
  const unseen = isUnwatched ? ': no rollout has checked for so long that a breach would not be seen' : '';
  const written = `the flag is still at ${percentage} %, written by ${parsed.document.writer}`;
  return { do: 'write-zero', why: `${since}${unseen}, and ${written}` };
}

const knewOfIt = ({ atMs }: FiredAlarm, modifiedAtMs: number): string | undefined =>
  modifiedAtMs > atMs + KNOWS_OF_IT_MS ? 'was written so long after it that the writer knew of it' : undefined;

/** The dead man's alarm also fires after a completed rollout, whose 100 % needs no watch any more. */
function stillWatched(
  { atMs }: FiredAlarm,
  { looksAgain, owned }: Known,
  modifiedAtMs: number,
  percentage: number,
): string | undefined {
  if (looksAgain === true) return 'is checked again';
  if (modifiedAtMs > atMs) return 'was written since, by a rollout that checks';
  return percentage === 100 && owned === false ? 'was left by a rollout that has ended normally' : undefined;
}

const nothing = (why: string): GuardianDecision => ({ do: 'nothing', why });
