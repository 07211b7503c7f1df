import type {
  ComparisonGuard,
  ExecutionsGuard,
  Guard,
  LogGuard,
  MetricGuard,
  WatchedAlarm,
} from '../../../rules/guards/guard';
import type { Moment, Readings, Verdict } from '../../../rules/guards/verdict';
import { judge } from '../../../rules/guards/health';
import type {
  AlarmReading,
  ComparisonReading,
  ExecutionsReading,
  GuardReading,
  SeriesReading,
} from '../../../rules/guards/readings';

/** A step of two hours, watched for one: everything in perfect order, each test breaks one thing. */
export const SINCE_MS = Date.UTC(2026, 10, 3, 14);
export const NOW_MS = SINCE_MS + 3_600_000;
export const DUE_MS = SINCE_MS + 7_200_000;
export const MINUTE_MS = 60_000;
export const PERIOD_MS = 5 * MINUTE_MS;

export const moment = (changes: Partial<Moment> = {}): Moment => ({
  nowMs: NOW_MS,
  stepSinceMs: SINCE_MS,
  percentage: 10,
  errorsInARow: {},
  dueMs: DUE_MS,
  ...changes,
});

export const alarm = (changes: Partial<WatchedAlarm> = {}): WatchedAlarm => ({
  name: 'failed',
  onBreach: 'rollback',
  ...changes,
});

type Known = Exclude<AlarmReading, { missing: true }>;

export const ok = (name = 'failed', changes: Partial<Known> = {}): AlarmReading => ({
  name,
  state: 'OK',
  stateReason: 'below 1',
  changedAtMs: SINCE_MS - MINUTE_MS,
  alarmedAtMs: [],
  ...changes,
});

export const metric = (changes: Partial<MetricGuard> = {}): MetricGuard => ({
  name: 'error-share',
  kind: 'metric',
  onBreach: 'rollback',
  metrics: [],
  periodMs: PERIOD_MS,
  unit: '%',
  breach: { above: 1 },
  ...changes,
});

export const logs = (changes: Partial<LogGuard> = {}): LogGuard => ({
  name: 'error-lines',
  kind: 'logs',
  onBreach: 'rollback',
  group: '/pavi/api',
  pattern: '{ $.level = "error" }',
  periodMs: PERIOD_MS,
  breach: { above: 3 },
  ...changes,
});

/** One value per period since the step began; undefined where there was no data. */
export const series = (
  values: readonly (number | undefined)[],
  changes: Partial<Omit<SeriesReading, 'kind'>> = {},
): SeriesReading => ({
  name: 'error-share',
  kind: 'series',
  points: values.flatMap((value, index) =>
    value === undefined ? [] : [{ atMs: SINCE_MS + index * PERIOD_MS, value }],
  ),
  samples: values.length,
  ...changes,
});

export const executions = (changes: Partial<ExecutionsGuard> = {}): ExecutionsGuard => ({
  name: 'jobs',
  kind: 'executions',
  onBreach: 'rollback',
  stateMachine: 'pavi',
  userErrors: [],
  breach: { successRateBelow: 95 },
  ...changes,
});

export const ran = (changes: Partial<Omit<ExecutionsReading, 'kind'>> = {}): ExecutionsReading => ({
  name: 'jobs',
  kind: 'executions',
  started: 0,
  running: 0,
  succeeded: 0,
  failed: 0,
  timedOut: 0,
  aborted: 0,
  userErrors: 0,
  ...changes,
});

export const comparison = (changes: Partial<ComparisonGuard> = {}): ComparisonGuard => ({
  name: 'backends',
  kind: 'comparison',
  onBreach: 'rollback',
  group: '/pavi/api',
  pattern: '{ $.event = "response" }',
  side: { field: 'backend', fresh: 'step-functions', baseline: 'nextflow' },
  breach: { slowerByPercent: 20 },
  ...changes,
});

export const compared = (
  fresh: Partial<ComparisonReading['fresh']>,
  baseline: Partial<ComparisonReading['baseline']>,
): ComparisonReading => ({
  name: 'backends',
  kind: 'comparison',
  fresh: { durationsMs: [], total: 0, failed: 0, ...fresh },
  baseline: { durationsMs: [], total: 0, failed: 0, ...baseline },
});

/** The verdict on one guard alone. */
export const judgeGuard = (guard: Guard, reading: GuardReading | undefined, changes: Partial<Moment> = {}): Verdict =>
  judge(
    { alarms: [], guards: [guard] },
    { alarms: [], guards: reading === undefined ? [] : [reading] },
    moment(changes),
  );

/** The verdict on one alarm alone. */
export const judgeAlarm = (
  watched: WatchedAlarm,
  reading: AlarmReading | undefined,
  changes: Partial<Moment> = {},
  more: Partial<Readings> = {},
): Verdict =>
  judge(
    { alarms: [watched], guards: [] },
    { alarms: reading === undefined ? [] : [reading], guards: [], ...more },
    moment(changes),
  );
