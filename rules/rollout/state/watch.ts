import type { BriefDiagnosis } from '../../diagnosis/brief';
import type { Verdict } from '../../guards/verdict';
import type { Moment } from './clock';

/** Results of the watch, and what is determined after a zero. */
export interface WatchState {
  /** Alarms count from here on; those that ask to hold count from `holdsSinceMs`, which a resume moves. */
  readonly sinceMs: number;
  readonly holdsSinceMs: number;
  /** The newest check; absent before the first. */
  readonly health?: Verdict;
  /** Since when checks are not healthy; absent while they are. */
  readonly unhealthySince?: Moment;
  /** Checks that events asked for (`rules/rollout/outside/event-looks.ts`). */
  readonly asked?: EventLooks;
  /** After a breach: since when the diagnosis runs, and until when the end waits for it. */
  readonly diagnosing?: { readonly sinceMs: number; readonly untilMs: number };
  readonly diagnosis?: BriefDiagnosis;
  /** After an operator put it to 0 %: the finished jobs that cannot be read (`rules/rollout/unreadable.ts`). */
  readonly countingUnreadable?: boolean;
  readonly unreadable?: Unreadable;
}

/** The newest event that asked for a check, and the checks that such events brought. Plain JSON. */
export interface EventLooks {
  readonly why: string;
  readonly heardAtMs: number;
  /** When the newest of these checks began. */
  readonly lookedAtMs?: number;
  /** `verdictKey` of its verdict. */
  readonly key?: string | undefined;
  /** How many of them in a row brought no new verdict. */
  readonly inVain: number;
}

/** Finished jobs of the new side that cannot be read at 0 % because the API's reads follow its switch. Plain JSON. */
export interface Unreadable {
  readonly count: number;
  /** There are more: only these were counted within the time limit. */
  readonly atLeast?: boolean;
  /** When the record of the newest of them expires, ms since 1970; absent when there is none. */
  readonly untilMs?: number;
  /** Why the number is unknown; `count` is then meaningless. */
  readonly notKnown?: string;
  /** The API reports that its reads follow the job: nothing is lost. */
  readonly readsByJob?: boolean;
}

/** How far a clock of AWS may be behind ours. */
export const CLOCKS_DIFFER_MS = 5_000;

/** Alarms count from `sinceMs` on, or from the previous beginning if that is later. */
export const countingFrom = (watch: WatchState, sinceMs: number): WatchState => ({
  ...watch,
  sinceMs: Math.max(watch.sinceMs, sinceMs),
  holdsSinceMs: Math.max(watch.holdsSinceMs, sinceMs),
});

/** Records the newest check, made at `at`. Keeps since when checks are not healthy. */
export const looked = (watch: WatchState, health: Verdict, at: Moment): WatchState => ({
  ...watch,
  health,
  unhealthySince: health.outcome === 'healthy' ? undefined : (watch.unhealthySince ?? at),
});
