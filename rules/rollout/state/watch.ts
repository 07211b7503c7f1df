import type { BriefDiagnosis } from '../../diagnosis/brief';
import type { Verdict } from '../../guards/verdict';

/** What the watch has found, and what is found out after a zero. */
export interface WatchState {
  /** Alarms count from here on; those that ask to hold count from `holdsSinceMs`, which a resume moves. */
  readonly sinceMs: number;
  readonly holdsSinceMs: number;
  /** The newest look; absent before the first. */
  readonly health?: Verdict;
  /** Since when looks have not been healthy, later by pauses; absent while they are. */
  readonly unhealthySinceMs?: number;
  /** After a breach: since when its cause is looked for, and until when the end waits for it. */
  readonly diagnosing?: { readonly sinceMs: number; readonly untilMs: number };
  readonly diagnosis?: BriefDiagnosis;
  /** After a person put it to 0 %: the finished jobs that cannot be read then (`rules/rollout/unreadable.ts`). */
  readonly countingUnreadable?: boolean;
  readonly unreadable?: Unreadable;
}

/** Finished jobs of Step Functions that nobody can read at 0 %, where the API's reads follow its switch. Plain JSON. */
export interface Unreadable {
  readonly count: number;
  /** There are more: so many were counted in the time. */
  readonly atLeast?: boolean;
  /** When the record of the newest of them expires, ms since 1970; absent when there is none. */
  readonly untilMs?: number;
  /** Why the number is not known; then `count` says nothing. */
  readonly notKnown?: string;
  /** The API says itself that its reads follow the job: nothing is lost. */
  readonly readsByJob?: boolean;
}

/** How much later than ours a clock of AWS may be. */
export const CLOCKS_DIFFER_MS = 5_000;

/** Alarms count from `sinceMs` on, or from where they counted already if that is later. */
export const countingFrom = (watch: WatchState, sinceMs: number): WatchState => ({
  ...watch,
  sinceMs: Math.max(watch.sinceMs, sinceMs),
  holdsSinceMs: Math.max(watch.holdsSinceMs, sinceMs),
});

/** The newest look. Keeps since when looks have not been healthy. */
export const looked = (watch: WatchState, health: Verdict): WatchState => ({
  ...watch,
  health,
  unhealthySinceMs: health.outcome === 'healthy' ? undefined : (watch.unhealthySinceMs ?? health.atMs),
});
