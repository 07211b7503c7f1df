import type { Watch } from './environment-plan';
import type { WatchedAlarm } from './guard';
import type { AlarmReading, GuardReading } from './readings';
import type { Health, HealthOutcome } from './status';

/** A health that remembers what an ALARM asks for. */
export interface Verdict extends Health {
  /** The guard that decided, when one did; an alarm is in `alarm`. */
  readonly guard?: string;
  /** What the finding that decided asks for, when it asks for more than to wait. */
  readonly asks?: 'rollback' | 'hold';
  /** Every alarm in breach, also the ones that did not decide, with the moment it rang: a second ringing is new. */
  readonly ringing: readonly string[];
  /** Those of them whose `onBreach` is only `notify`. */
  readonly noticed: readonly string[];
  /** What each guard of the plan says, alarms included, in the plan's order. */
  readonly guards: readonly GuardHealth[];
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
  /** At 0 nothing is exposed: only alarms are judged. */
  readonly percentage: number;
  /** Failed looks in a row by the name of the guard or alarm, this one included. */
  readonly errorsInARow: Readonly<Record<string, number>>;
  /** When the soak is over: too few samples are waited for from then on. */
  readonly dueMs?: number;
}

/** What one guard says. */
export interface GuardHealth {
  readonly name: string;
  readonly outcome: HealthOutcome;
  readonly why: string;
  /** Samples seen and wanted, where the plan wants some. */
  readonly samples?: { readonly seen: number; readonly wanted: number };
}

type Finding = {
  readonly outcome: HealthOutcome;
  readonly why: string;
  readonly alarm: WatchedAlarm;
  readonly rangAtMs?: number;
};

const SEVERITY: readonly HealthOutcome[] = ['breach', 'error', 'no-data', 'inconclusive', 'healthy'];

/**
 * > Check these metrics during rollout … Alarms: `pavi-sfn-executions-failed-{env}`, `pavi-sfn-executions-timeout-{env}`
 *
 * An alarm is read as history, not as a lamp: one that was in ALARM at any moment since the step began counts, also when
 * it is OK again. A missing, stale or undecided alarm is blind, never healthy. The worst finding decides; of two breaches
 * the one that asks for a rollback.
 */
export function judge({ alarms }: Pick<Watch, 'alarms' | 'guards'>, readings: Readings, { nowMs }: Moment): Verdict {
  const found = alarms.map((alarm) =>
    findingOf(
      alarm,
      readings.alarms.find((reading) => reading.name === alarm.name),
    ),
  );
  const noticed = found.filter(({ outcome, alarm }) => outcome === 'breach' && alarm.onBreach === 'notify');
  const counted = found.filter((finding) => !noticed.includes(finding)).sort(worstFirst);
  const worst = counted[0];
  const names = {
    ringing: found
      .filter(({ outcome }) => outcome === 'breach')
      .map(({ alarm, rangAtMs }) => `${alarm.name} ${rangAtMs}`),
    noticed: noticed.map(({ alarm }) => alarm.name),
    guards: found.map(({ alarm, outcome, why }) => ({ name: alarm.name, outcome, why })),
  };
  const aside = noticed.length === 0 ? '' : ` (only noticed: ${noticed.map(({ why }) => why).join('; ')})`;
  if (worst === undefined || worst.outcome === 'healthy')
    return {
      outcome: 'healthy',
      why: `${counted.length} alarms OK since the step began${aside}`,
      atMs: nowMs,
      ...names,
    };
  const verdict = { outcome: worst.outcome, why: worst.why + aside, atMs: nowMs, alarm: worst.alarm.name, ...names };
  const { onBreach } = worst.alarm;
  return worst.outcome === 'breach' && onBreach !== 'notify' ? { ...verdict, asks: onBreach } : verdict;
}

/** The provider did not answer: no breach, and no health either. */
export function providerError(why: string, nowMs: number): Verdict {
  return { outcome: 'error', why, atMs: nowMs, ringing: [], noticed: [], guards: [] };
}

/** Two verdicts with the same key say the same thing; a watch reports only when the key changes. */
export function verdictKey(verdict: Pick<Verdict, 'outcome' | 'alarm' | 'ringing'>): string {
  return JSON.stringify([verdict.outcome, verdict.alarm ?? null, verdict.ringing]);
}

function findingOf(alarm: WatchedAlarm, reading: AlarmReading | undefined): Finding {
  const finding = (outcome: HealthOutcome, why: string): Finding => ({ outcome, why: `${alarm.name} ${why}`, alarm });
  if (reading === undefined || reading.missing)
    return finding('no-data', 'does not exist in this account and region: nothing is watched by it');
  if (reading.state === 'ALARM') {
    const why = `is in ALARM since ${at(reading.changedAtMs)}: ${reading.stateReason}`;
    return { ...finding('breach', why), rangAtMs: reading.changedAtMs };
  }
  const rangAtMs = reading.alarmedAtMs.at(-1);
  if (rangAtMs !== undefined) {
    const why = `was in ALARM at ${at(rangAtMs)} and is ${reading.state} again: it counts for this step`;
    return { ...finding('breach', why), rangAtMs };
  }
  if (reading.state === 'INSUFFICIENT_DATA')
    return finding('no-data', `has INSUFFICIENT_DATA since ${at(reading.changedAtMs)}`);
  if (reading.evaluation !== undefined)
    return finding('no-data', `is OK by a doubtful evaluation (${reading.evaluation})`);
  return finding('healthy', 'is OK');
}

function worstFirst(a: Finding, b: Finding): number {
  const bySeverity = SEVERITY.indexOf(a.outcome) - SEVERITY.indexOf(b.outcome);
  return bySeverity !== 0
    ? bySeverity
    : Number(b.alarm.onBreach === 'rollback') - Number(a.alarm.onBreach === 'rollback');
}

const at = (ms: number): string => new Date(ms).toISOString();
