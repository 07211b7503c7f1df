import type { AlarmReading, GuardReading } from './readings';

/** In order of precedence: breach > error > no-data > inconclusive > healthy. */
export type HealthOutcome = 'breach' | 'error' | 'no-data' | 'inconclusive' | 'healthy';

export interface Health {
  readonly outcome: HealthOutcome;
  /** The reason, with the names, values and times it rests on. */
  readonly why: string;
  readonly atMs: number;
  /** The alarm that decided, if any. */
  readonly alarm?: string;
}

/** A health with what the guards ask for. */
export interface Verdict extends Health {
  /** The guard that decided, if any; an alarm is in `alarm`. */
  readonly guard?: string;
  /** The strongest request beyond waiting of any finding that counts, even if it did not decide the outcome. */
  readonly asks?: 'rollback' | 'hold';
  /** Every guard in breach, even if it did not decide, with the time of its breach: a second one is new. */
  readonly ringing: readonly string[];
  /** Guards in breach without consequence: `onBreach: notify`, or `dryRun`. */
  readonly noticed: readonly string[];
  /** The finding of each guard judged at this percentage, alarms included, in the plan's order. */
  readonly guards: readonly GuardHealth[];
}

/** The finding of one guard. */
export interface GuardHealth {
  readonly name: string;
  readonly outcome: HealthOutcome;
  readonly why: string;
  /** Samples seen and needed, if the plan asks for some. */
  readonly samples?: { readonly seen: number; readonly wanted: number };
  readonly measured?: Measured;
}

/** The number behind a finding, and the limits that it is compared with. */
export interface Measured {
  readonly value: number;
  /** As `%` or `ms`; empty for a plain number. */
  readonly unit: string;
  /** A breach above this, or below that. */
  readonly above?: number;
  readonly below?: number;
  /** The interval in which the true value lies, by the confidence that the plan asks for. */
  readonly low?: number;
  readonly high?: number;
  /** The values of the checks until now, the newest last. */
  readonly trend?: readonly number[];
}

/** What one check read. */
export interface Readings {
  readonly alarms: readonly AlarmReading[];
  readonly guards: readonly GuardReading[];
  /** Why the alarms could not be read: an alarm without a reading is then an error, not missing. */
  readonly alarmsUnread?: string;
}

/** The moment of a check in the rollout. */
export interface Moment {
  readonly nowMs: number;
  /** When the step began. */
  readonly stepSinceMs: number;
  /** From when breaches with onBreach: hold count, if an operator resumed since the step began. */
  readonly holdsSinceMs?: number;
  /** At 0 there is no traffic: only alarms are judged. */
  readonly percentage: number;
  /** Failed reads in a row by the name of the guard or alarm, this one included. */
  readonly errorsInARow: Readonly<Record<string, number>>;
  /** When the soak is over; from then on the rollout waits for enough samples. */
  readonly dueMs?: number;
}
