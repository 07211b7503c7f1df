import { isJudgedAt } from '../../guards/guard-policy';
import { verdictKey } from '../../guards/verdict-of';
import type { ExecutionsGuard } from '../../guards/guard';
import type { Verdict } from '../../guards/verdict';
import type { Watch } from '../../plan/environment-plan';
import { recordVerdict } from '../pause-hold';
import { note } from '../state/log';
import { mayHaveTraffic, type RolloutState } from '../state/state';
import type { EventLooks } from '../state/watch';
import { timeSent, whySent } from './alarm-change';

/** An event asks for a check now. It decides nothing. */
export interface LookAsked {
  readonly why: string;
  /** When it happened, ms since 1970, by the clock of AWS. */
  readonly atMs: number;
}

/** Shortest time between two checks that events ask for, and between two signals of the worker. */
export const EVENTS_EVERY_MS = 1_000;
/** So many checks in a row without a new verdict are not slowed down: three failures within a minute each get theirs. */
const AT_FULL_SPEED = 8;
/** The list of Step Functions may lag behind its events: a check this long after the last event sees it. */
const SETTLE_MS = 3_000;

/** The time to the next of them, after so many that brought nothing new: it doubles up to `longestMs`. */
export function gapMs(inVain: number, longestMs: number): number {
  const slowed = Math.min(Math.max(0, inVain - AT_FULL_SPEED), 30);
  return Math.max(EVENTS_EVERY_MS, Math.min(EVENTS_EVERY_MS * 2 ** slowed, longestMs));
}

/** A signal's argument, which may be typed by hand: without a valid time it asks for a check of the present. */
export function readLookAsked(value: unknown, nowMs: number): LookAsked {
  const { why, atMs } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  return { why: whySent(why), atMs: timeSent(atMs, nowMs) };
}

/** The guards that a check asked for by an event reads. All others measure whole periods, or are pushed themselves. */
export const guardsOfEvents = ({ guards }: Pick<Watch, 'guards'>, percentage: number): readonly ExecutionsGuard[] =>
  guards.filter((guard): guard is ExecutionsGuard => guard.kind === 'executions' && isJudgedAt(guard, percentage));

/** An event of before the step, or one that a check has seen since, asks for nothing. */
export function askLook(state: RolloutState, watch: Watch, { why, atMs }: LookAsked, nowMs: number): RolloutState {
  const { asked: before, sinceMs } = state.watch;
  if (state.stop !== undefined || state.outcome !== undefined || !mayHaveTraffic(state)) return state;
  const percentage = Math.max(state.flag.percentage, state.flag.raisingTo ?? 0);
  if (atMs < sinceMs || guardsOfEvents(watch, percentage).length === 0) return state;
  if (before?.lookedAtMs !== undefined && atMs + SETTLE_MS <= before.lookedAtMs) return state;
  const isQuiet = before === undefined || nowMs - before.heardAtMs >= watch.intervalMs;
  const asked = { ...before, why, heardAtMs: nowMs, inVain: isQuiet ? 0 : before.inVain };
  return { ...state, watch: { ...state.watch, asked } };
}

/** When the next check is due that an event asks for; undefined when none is. */
export function lookDueMs({ watch: { asked } }: RolloutState, { intervalMs }: Watch): number | undefined {
  if (asked === undefined) return undefined;
  const { heardAtMs, lookedAtMs, inVain } = asked;
  if (lookedAtMs === undefined) return heardAtMs;
  const settledMs = heardAtMs + SETTLE_MS;
  if (lookedAtMs >= settledMs) return undefined;
  const gapEndsMs = lookedAtMs + gapMs(inVain, intervalMs);
  return heardAtMs > lookedAtMs ? Math.max(heardAtMs, gapEndsMs) : Math.max(settledMs, gapEndsMs);
}

/**
 * The result of a check that an event asked for, undefined when it failed. Only a breach counts: it remembers nothing of the
 * checks before, so all else is for the poll to say, whose counts and pace it leaves as they are.
 */
export function recordEventLook(
  state: RolloutState,
  { beganAtMs, verdict }: { readonly beganAtMs: number; readonly verdict: Verdict | undefined },
  nowMs: number,
): RolloutState {
  const { asked, health } = state.watch;
  if (asked === undefined) return state;
  const key = verdict === undefined ? asked.key : verdictKey(verdict);
  const isNew = asked.key !== undefined && key !== asked.key;
  const looked: EventLooks = { ...asked, lookedAtMs: beganAtMs, key, inVain: isNew ? 0 : asked.inVain + 1 };
  const next = { ...state, watch: { ...state.watch, asked: looked } };
  if (verdict?.outcome !== 'breach' || isKnown(state, verdict)) return next;
  const guards = (health?.guards ?? []).map((one) => verdict.guards.find(({ name }) => name === one.name) ?? one);
  const noted = note(next, { atMs: nowMs, what: `checked because of an event: ${asked.why}` });
  return recordVerdict(noted, {
    ...verdict,
    atMs: Math.min(verdict.atMs, nowMs),
    noticed: health?.noticed ?? [],
    guards,
  });
}

/** It is halted by this breach already: to record it again would only end the wait. */
const isKnown = ({ stop, held, watch }: RolloutState, { ringing }: Verdict): boolean =>
  (stop ?? held) !== undefined && ringing.every((one) => watch.health?.ringing.includes(one) === true);
