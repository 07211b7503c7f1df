import type { AlarmReading, GuardReading } from './readings';

/** In order of precedence: breach > error > no-data > inconclusive > healthy. */
export type HealthOutcome = 'breach' | 'error' | 'no-data' | 'inconclusive' | 'healthy';

export interface Health {
  readonly outcome: HealthOutcome;
  /** In words, with the names, values and times it rests on. */
  readonly why: string;
  readonly atMs: number;
  /** The alarm that decided, when one did. */
  readonly alarm?: string;
}

/** A health that remembers what the guards ask for. */
export interface Verdict extends Health {
  /** The guard that decided, when one did; an alarm is in `alarm`. */
  readonly guard?: string;
  /** The strongest that a finding which counts asks for beyond waiting, also one that did not decide the outcome. */
  readonly asks?: 'rollback' | 'hold';
  /** Every guard in breach, also the ones that did not decide, with the moment it broke: a second ringing is new. */
  readonly ringing: readonly string[];
  /** Those of them without consequence: `onBreach` is `notify`, or `dryRun`. */
  readonly noticed: readonly string[];
  /** What each guard judged at this percentage says, alarms included, in the plan's order. */
  readonly guards: readonly GuardHealth[];
}

/** What one guard says. */
export interface GuardHealth {
  readonly name: string;
  readonly outcome: HealthOutcome;
  readonly why: string;
  /** Samples seen and wanted, where the plan wants some. */
  readonly samples?: { readonly seen: number; readonly wanted: number };
}

/** What was read in one look. */
export interface Readings {
  readonly alarms: readonly AlarmReading[];
  readonly guards: readonly GuardReading[];
  /** Why the alarms could not be read: one without a reading is then an error, and not missing. */
  readonly alarmsUnread?: string;
}

/** When and where in the rollout was looked. */
export interface Moment {
  readonly nowMs: number;
  /** When the step began. */
  readonly stepSinceMs: number;
  /** From when on those count that ask to hold, where somebody resumed since the step began. */
  readonly holdsSinceMs?: number;
  /** At 0 nothing is exposed: only alarms are judged. */
  readonly percentage: number;
  /** Failed looks in a row by the name of the guard or alarm, this one included. */
  readonly errorsInARow: Readonly<Record<string, number>>;
  /** When the soak is over: too few samples are waited for from then on. */
  readonly dueMs?: number;
}
