import { effectivePercentage, parseFlags } from './contract';

/** What the guardian is told of one environment. Lengths of time in milliseconds. */
export interface Guarded {
  /** The alarms that ask the rollout to go back to 0. */
  readonly alarms: readonly string[];
  /** The dead man's alarm: it rings when no rollout has looked for some time. */
  readonly unwatched?: string | undefined;
  /** How long the rollout has to answer an alarm by itself. */
  readonly graceMs: number;
  /** How long 100 % belongs to a rollout after it was written; later nobody rolls out any more. */
  readonly fullForMs: number;
}

/** An alarm that went to ALARM, as CloudWatch told the topic. */
export interface Rang {
  readonly alarm: string;
  readonly atMs: number;
}

/** The flag parameter as it is. */
export interface Standing {
  readonly text: string;
  readonly modifiedAtMs: number;
}

/** What is known beside the alarm. */
export interface Known {
  readonly standing?: Standing | undefined;
  /** The highest generation of those that were at 0 since the alarm. */
  readonly zeroGeneration?: number | undefined;
  /** For the dead man's alarm: it is OK again, so a rollout looks. */
  readonly looksAgain?: boolean | undefined;
  /** For the dead man's alarm: a rollout has not released the flag. One that has ended by itself has. */
  readonly owned?: boolean | undefined;
}

export type GuardianDecision = { readonly do: 'nothing' | 'wait' | 'write-zero'; readonly why: string };

/**
 * A raise rests on a look that is 30 s old at the most, is tried again for a minute (`workflows/proxies.ts`), and its last write
 * takes 10 s at the longest: one that was written later than this after an alarm knew of it.
 */
export const KNOWS_OF_IT_MS = 100_000;

/** The body of a queue's message, as SNS writes it or as raw delivery leaves it. Undefined for all that did not ring. */
export function rangIn(body: string): Rang | undefined {
  const outer = fieldsOf(body);
  const { AlarmName, NewStateValue, StateChangeTime } =
    typeof outer['Message'] === 'string' ? fieldsOf(outer['Message']) : outer;
  const atMs = typeof StateChangeTime === 'string' ? Date.parse(StateChangeTime.replace(/\+0000$/, 'Z')) : Number.NaN;
  if (typeof AlarmName !== 'string' || NewStateValue !== 'ALARM' || Number.isNaN(atMs)) return undefined;
  return { alarm: AlarmName, atMs };
}

/**
 * Whether 0 has to be written in the rollout's place. A 0 since the alarm answers it unless an earlier write arrived after it.
 * When in doubt 0 is written: a rollout that is alive finds it, and can be started again.
 */
export function guardianDecision(guarded: Guarded, rang: Rang, known: Known, nowMs: number): GuardianDecision {
  const { standing, zeroGeneration } = known;
  const isUnwatched = rang.alarm === guarded.unwatched;
  if (!isUnwatched && !guarded.alarms.includes(rang.alarm)) return nothing(`${rang.alarm} does not ask for a rollback`);
  if (nowMs < rang.atMs + guarded.graceMs) return { do: 'wait', why: 'the rollout still has time to answer' };
  if (standing === undefined) return nothing('there is no flag parameter');
  const { text, modifiedAtMs } = standing;
  const parsed = parseFlags(text);
  const since = `${rang.alarm} rang ${Math.round((nowMs - rang.atMs) / 1_000)} s ago`;
  // Readers go on by the last good document, whatever that says.
  if (!parsed.ok) return { do: 'write-zero', why: `${since}, and the flag document cannot be read: ${parsed.why}` };
  const percentage = effectivePercentage(parsed.document);
  if (percentage === 0) return nothing('0 % already');
  if (zeroGeneration !== undefined) {
    if (parsed.document.generation > zeroGeneration) return nothing('it was answered by 0 %, and raised anew since');
    return { do: 'write-zero', why: `${since}, and ${percentage} % arrived late over the 0 % that answered it` };
  }
  const excuse = isUnwatched ? watchedBySomebody(rang, known, modifiedAtMs, percentage) : knewOfIt(rang, modifiedAtMs);
  if (excuse !== undefined) return nothing(`${percentage} % ${excuse}`);
  if (percentage === 100 && nowMs > modifiedAtMs + guarded.fullForMs)
    return nothing('100 % was written so long ago that no rollout is under way');
  const unseen = isUnwatched ? ': no rollout has looked for so long that nobody would see a breach' : '';
  const written = `${percentage} % still stands, written by ${parsed.document.writer}`;
  return { do: 'write-zero', why: `${since}${unseen}, and ${written}` };
}

const knewOfIt = ({ atMs }: Rang, modifiedAtMs: number): string | undefined =>
  modifiedAtMs > atMs + KNOWS_OF_IT_MS ? 'was written by one who knew of it' : undefined;

/** The dead man's alarm rings also after a rollout that has completed, whose 100 % nobody has to watch any more. */
function watchedBySomebody(
  { atMs }: Rang,
  { looksAgain, owned }: Known,
  modifiedAtMs: number,
  percentage: number,
): string | undefined {
  if (looksAgain === true) return 'is looked at again';
  if (modifiedAtMs > atMs) return 'was written since, by one who looks';
  return percentage === 100 && owned === false ? 'was left by a rollout that has ended by itself' : undefined;
}

/**
 * What the second look, after the longest time an earlier write may take, finds of the 0 % that was written with that
 * generation. A higher one was written by somebody who had read the zero: a rollout started anew, which goes on.
 */
export function lastingOf(generation: number, text: string | undefined): 'confirmed' | 'raised-anew' | 'lost' {
  const parsed = text === undefined ? undefined : parseFlags(text);
  if (!parsed?.ok) return 'lost';
  if (effectivePercentage(parsed.document) === 0) return 'confirmed';
  return parsed.document.generation > generation ? 'raised-anew' : 'lost';
}

const nothing = (why: string): GuardianDecision => ({ do: 'nothing', why });

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
