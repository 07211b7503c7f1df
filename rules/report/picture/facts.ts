import type { Freeze } from '../../plan/environment-plan';
import type { Verdict } from '../../guards/verdict';

/** What the history of a rollout in Temporal says, event by event, oldest first. Plain JSON, times in ms since 1970. */
export type Fact =
  | Started
  | FlagRead
  | Written
  | NotWritten
  | Checked
  | FreezesRead
  | Asked
  | AlarmPushed
  | Delivered
  | Ended
  | BrokenOff;

interface At {
  readonly atMs: number;
}

export interface Started extends At {
  readonly kind: 'started';
  readonly by: string;
  readonly reason?: string;
}

/** The flag, as the rollout found it: at the start, after an outside change, or at the second check of zero. */
export interface FlagRead extends At {
  readonly kind: 'flag-read';
  /** Absent when it could not be read; then `why`. */
  readonly percentage?: number;
  readonly why?: string;
  readonly writer?: string;
  /** Found by the watch, which reports only what another program or person wrote. */
  readonly isOutside?: boolean;
}

/** Written, and read back. */
export interface Written extends At {
  readonly kind: 'written';
  readonly percentage: number;
  readonly why: string;
}

/** The write was not confirmed: it may have arrived. */
export interface NotWritten extends At {
  readonly kind: 'not-written';
  readonly percentage: number;
  readonly why: string;
}

/** The watch reports a check only when its verdict is a new one. */
export interface Checked extends At {
  readonly kind: 'checked';
  readonly verdict: Verdict;
}

export interface FreezesRead extends At {
  readonly kind: 'freezes-read';
  readonly freezes: readonly Freeze[];
}

/** A verb that Temporal took for the rollout. A refused verb leaves no event. */
export interface Asked extends At {
  readonly kind: 'asked';
  /** As `pause`, `approve`. */
  readonly verb: string;
  readonly by?: string;
  readonly reason?: string;
  readonly percentage?: number;
  /** What the rollout answered, if the verb has an answer. */
  readonly answer?: string;
}

export interface AlarmPushed extends At {
  readonly kind: 'alarm-pushed';
  readonly alarm: string;
  readonly state: string;
  readonly why: string;
}

export interface Delivered extends At {
  readonly kind: 'delivered';
  readonly percentage: number;
  readonly why: string;
}

export interface Ended extends At {
  readonly kind: 'ended';
  readonly outcome: string;
  readonly why: string;
}

/** Terminated, failed or timed out in Temporal: no rollout puts the traffic to 0 any more. */
export interface BrokenOff extends At {
  readonly kind: 'broken-off';
  readonly why: string;
}
