/** Judges a rollout from outside: by the history of its parameter, the history in Temporal, and what was done to it. Pure. */

/** A value that the parameter had. */
export interface Value {
  readonly version: number;
  readonly writer: string;
  readonly percentage: number;
  readonly generation: number;
  readonly atMs: number;
}

/** What the history in Temporal says, in its order over all runs. */
export type Happened =
  | { readonly what: 'raise-scheduled'; readonly percentage: number; readonly atMs: number }
  | { readonly what: 'zero-scheduled'; readonly atMs: number }
  | { readonly what: 'stopped'; readonly atMs: number }
  | { readonly what: 'paused' | 'resumed' | 'waived'; readonly atMs: number };

/** All that is known of one rollout. Times in ms since 1970. */
export interface Seen {
  readonly name: string;
  /** The writer in its flag documents. */
  readonly writer: string;
  readonly steps: readonly { readonly percentage: number; readonly soakMs: number }[];
  /** Of the parameter, from the start of the rollout on. */
  readonly values: readonly Value[];
  readonly happened: readonly Happened[];
  /** The events of the longest of its runs. */
  readonly longestHistory: number;
  /** What it ended as; absent when it has not ended. */
  readonly outcome?: string | undefined;
  /** Its own words for that. */
  readonly why?: string | undefined;
  readonly endedAtMs?: number | undefined;
  /** When a guard began to be breached, if one was. */
  readonly breachedAtMs?: number | undefined;
  /** Whether an abort was sent, accepted or not. */
  readonly abortAsked: boolean;
  /** The last status that it gave, for the words about one that is stuck. */
  readonly saidLast?: string;
  /** The window is never open. */
  readonly closed: boolean;
}

export const INVARIANTS = [
  'ratchet',
  'steps',
  'soak',
  'pause',
  'window',
  'breach',
  'abort',
  'end',
  'history',
  'api',
] as const;
export type Invariant = (typeof INVARIANTS)[number];

export interface Violation {
  readonly invariant: Invariant;
  readonly rollout: string;
  readonly what: string;
}

/** A check counts for a raise for 30 s; the rest is for a read that was stale. */
export const CHECK_COUNTS_MS = 35_000;
/** SSM's clock and Temporal's are of one machine here; a raise is confirmed after it was written. */
const SAME_MOMENT_MS = 50;
const MOST_EVENTS = 10_240;

type Say = (invariant: Invariant, what: string) => void;

export function violationsOf(seen: Seen): readonly Violation[] {
  const found: Violation[] = [];
  const say: Say = (invariant, what) => found.push({ invariant, rollout: seen.name, what });
  const own = seen.values.filter(({ writer }) => writer === seen.writer);
  const effective = effectiveOf(seen.values).filter(({ writer }) => writer === seen.writer);
  ratchet(seen, own, effective, say);
  steps(seen, effective, say);
  soaks(seen, effective, say);
  pauses(seen, say);
  if (seen.closed && own.some(({ percentage }) => percentage > 0)) say('window', 'raised in a closed window');
  breach(seen, effective, say);
  const stopped = seen.happened.find(({ what }) => what === 'stopped');
  if (stopped !== undefined && seen.outcome === 'completed')
    say('abort', `completed after an abort that its history has at ${iso(stopped.atMs)}`);
  end(seen, effective, say);
  if (seen.longestHistory > MOST_EVENTS) say('history', `a run has ${seen.longestHistory} events`);
  return found;
}

const iso = (atMs: number): string => new Date(atMs).toISOString();

/** What readers use: they ignore a lower generation than one they have seen. */
export function effectiveOf(values: readonly Value[]): readonly Value[] {
  let highest = -1;
  return values.filter(({ generation }) => {
    if (generation < highest) return false;
    highest = generation;
    return true;
  });
}

/** 1: after a stop, or its own zero, it never writes above 0. A late write of before is written over, and no reader follows it. */
function ratchet(
  { happened, outcome, values }: Seen,
  own: readonly Value[],
  effective: readonly Value[],
  say: Say,
): void {
  const zero = effective.findIndex(({ percentage }) => percentage === 0);
  const above = zero === -1 ? undefined : effective.slice(zero).find(({ percentage }) => percentage > 0);
  if (above !== undefined) say('ratchet', `${above.percentage} % in version ${above.version}, after its own 0 %`);
  let stopped = false;
  for (const one of happened) {
    stopped ||= one.what === 'stopped' || one.what === 'zero-scheduled';
    if (stopped && one.what === 'raise-scheduled')
      say('ratchet', `a write of ${one.percentage} % was begun at ${iso(one.atMs)}, after a stop`);
  }
  const last = values.at(-1);
  if (outcome !== undefined && outcome !== 'completed' && own.length > 0 && last !== undefined && last.percentage > 0)
    say('ratchet', `${outcome}, and the parameter is at ${last.percentage} % (version ${last.version})`);
}

/** 5: one step of the plan at a time, or to 0. */
function steps({ steps: planned }: Seen, effective: readonly Value[], say: Say): void {
  let index = -1;
  for (const { percentage, version } of effective) {
    if (percentage === 0 || percentage === planned[index]?.percentage) continue;
    if (percentage !== planned[index + 1]?.percentage)
      return say('steps', `${percentage} % in version ${version}, after ${planned[index]?.percentage ?? 0} %`);
    index += 1;
  }
}

/** 6 and 7: never before the soak is over, and a pause does not count for it. */
function soaks({ steps: planned, happened }: Seen, effective: readonly Value[], say: Say): void {
  // Each promote ends one soak.
  const waivers = happened.filter(({ what }) => what === 'waived');
  for (const { percentage, soakMs } of planned) {
    const from = effective.find((value) => value.percentage === percentage);
    const next = from && effective.find((value) => value.version > from.version && value.percentage > percentage);
    if (from === undefined || next === undefined) continue;
    const soakedMs = next.atMs - from.atMs - pausedMs(happened, from.atMs, next.atMs);
    if (soakedMs >= soakMs - SAME_MOMENT_MS) continue;
    const [waiver] = waivers;
    if (waiver !== undefined && waiver.atMs <= next.atMs) waivers.shift();
    else
      say(
        'soak',
        `${next.percentage} % in version ${next.version} after ${soakedMs} ms at ${percentage} %, not ${soakMs}`,
      );
  }
}

export function pausedMs(happened: readonly Happened[], fromMs: number, untilMs: number): number {
  let sum = 0;
  let since: number | undefined;
  const within = (atMs: number): number => Math.min(Math.max(atMs, fromMs), untilMs);
  for (const { what, atMs } of happened) {
    if (what === 'paused') since ??= atMs;
    if (what === 'resumed' && since !== undefined) {
      sum += within(atMs) - within(since);
      since = undefined;
    }
  }
  return since === undefined ? sum : sum + untilMs - within(since);
}

function pauses({ happened }: Seen, say: Say): void {
  let paused = false;
  for (const one of happened) {
    if (one.what === 'paused') paused = true;
    if (one.what === 'resumed') paused = false;
    if (paused && one.what === 'raise-scheduled')
      say('pause', `a write of ${one.percentage} % was begun at ${iso(one.atMs)}, in a pause`);
  }
}

/** 3 and 4: a breach is acted on, and nothing else rolls back. */
function breach(
  { breachedAtMs, outcome, why = '', endedAtMs, abortAsked }: Seen,
  effective: readonly Value[],
  say: Say,
): void {
  if (outcome === 'rolled-back' && breachedAtMs === undefined) say('breach', `rolled back without a breach: ${why}`);
  if (outcome === 'aborted' && !abortAsked) say('abort', `aborted, and nobody asked for it: ${why}`);
  if (breachedAtMs === undefined) return;
  const countsFromMs = breachedAtMs + CHECK_COUNTS_MS;
  if (outcome === 'completed' && endedAtMs !== undefined && endedAtMs > countsFromMs)
    say('breach', `completed at ${iso(endedAtMs)}, and a guard was breached at ${iso(breachedAtMs)}`);
  const before = (value: Value): number => effective[effective.indexOf(value) - 1]?.percentage ?? 0;
  const raised = effective.find((value) => value.atMs > countsFromMs && value.percentage > before(value));
  if (raised !== undefined)
    say('breach', `raised to ${raised.percentage} % at ${iso(raised.atMs)}, after the breach of ${iso(breachedAtMs)}`);
}

/** Nothing is lost: each rollout ends, and the parameter has what it ended with. */
function end({ outcome, steps: planned, saidLast = '' }: Seen, effective: readonly Value[], say: Say): void {
  if (outcome === undefined) return say('end', `it has not ended, though all faults have: ${saidLast}`);
  if (!['completed', 'rolled-back', 'aborted'].includes(outcome)) say('end', `it ended as ${outcome}`);
  if (outcome !== 'completed') return;
  const written = effective.map(({ percentage }) => percentage).filter((one, at, all) => one !== all[at - 1]);
  const wanted = planned.map(({ percentage }) => percentage);
  if (JSON.stringify(written) !== JSON.stringify(wanted))
    say('end', `completed with ${written.join(', ')} %, and the plan has ${wanted.join(', ')} %`);
}

/** An answer of the served API. */
export interface ApiAnswer {
  readonly percentage: number;
  readonly generation: number;
  /** Changes when the API is started again. */
  readonly process: number;
  readonly atMs: number;
}

/** It serves only what the parameter had, and never goes back to an older document. */
export function apiViolations(
  rollout: string,
  answers: readonly ApiAnswer[],
  values: readonly Value[],
): readonly Violation[] {
  const had = new Set(values.map(({ percentage, generation }) => `${generation}/${percentage}`));
  const highest = new Map<number, number>();
  return answers.flatMap(({ percentage, generation, process, atMs }): Violation[] => {
    const found = (what: string): Violation => ({ invariant: 'api', rollout, what: `${what}, at ${iso(atMs)}` });
    if (!had.has(`${generation}/${percentage}`))
      return [found(`it serves ${percentage} % of generation ${generation}, which the parameter never had`)];
    const before = highest.get(process) ?? -1;
    highest.set(process, Math.max(before, generation));
    return generation < before ? [found(`it went back from generation ${before} to ${generation}`)] : [];
  });
}
