import type { MetricMeter } from '@temporalio/common';
import { type Logger, Runtime } from '@temporalio/worker';
import {
  blockedBy,
  BLOCKING,
  BREACH_TO_ZERO,
  BREACH_TO_ZERO_BUCKETS_S,
  GAUGES,
  type Gauge,
  PHASE_SECONDS,
  QUEUE_GAUGES,
  WINDOW_BLOCKED_SECONDS,
} from '../rules/metrics/metrics';
import type { EnvironmentPlan } from '../rules/plan/environment-plan';
import { PHASES, type Phase } from '../rules/rollout/status/status';

const ADDRESS = /^[^\s:/]+:\d{1,5}$|^\[[0-9a-f:]+\]:\d{1,5}$/i;

/**
 * Serves the metrics of the SDK and of rollouts to Prometheus, at `/metrics` of the address that `ROLLOUT_METRICS` names.
 * Before anything else of the SDK, whose runtime exists once.
 * @throws when the address cannot be used.
 */
export function serveMetrics(variables: Readonly<Record<string, string | undefined>>, logger?: Logger): void {
  const bindAddress = variables['ROLLOUT_METRICS']?.trim() ?? '';
  if (bindAddress === '') return;
  if (!ADDRESS.test(bindAddress))
    throw new Error(
      `ROLLOUT_METRICS is ${bindAddress}: write a host and a port, such as 127.0.0.1:9464, or 0.0.0.0:9464.`,
    );
  const prometheus = {
    bindAddress,
    countersTotalSuffix: true,
    unitSuffix: true,
    useSecondsForDurations: true,
    histogramBucketOverrides: { [BREACH_TO_ZERO]: BREACH_TO_ZERO_BUCKETS_S },
  };
  const telemetryOptions = { metrics: { prometheus } };
  Runtime.install(logger === undefined ? { telemetryOptions } : { telemetryOptions, logger });
}

/** What Temporal shows of the newest rollout of an environment. */
export interface SeenRollout {
  readonly running: boolean;
  readonly phase?: string | undefined;
  readonly percentage?: number | undefined;
  /** When its last check began. */
  readonly checkedAtMs?: number | undefined;
}

const SECONDS = {
  [PHASE_SECONDS]: 'Seconds that rollouts spent in each phase.',
  [WINDOW_BLOCKED_SECONDS]: 'Seconds in which a window or a freeze of the plan forbade the next raise.',
} as const;

/** The metrics of one environment. Every worker that supervises it has the same ones: take the largest. */
export class SupervisedMetrics {
  private readonly meter;
  private lastMs: number | undefined;

  constructor(private readonly plan: Pick<EnvironmentPlan, 'service' | 'environment' | 'windows' | 'freezes'>) {
    const { service, environment } = plan;
    this.meter = Runtime.instance().metricMeter.withTags({ service, environment });
  }

  show({ running, phase, percentage, checkedAtMs }: SeenRollout, nowMs: number): void {
    this.set('rollout_running', running ? 1 : 0);
    if (percentage !== undefined) this.set('rollout_percentage', percentage);
    for (const each of PHASES) this.set('rollout_phase', running && each === phase ? 1 : 0, { phase: each });
    const uncheckedMs = running && checkedAtMs !== undefined ? Math.max(0, nowMs - checkedAtMs) : 0;
    this.set('rollout_unchecked_seconds', uncheckedMs / 1_000);
    if (this.lastMs === undefined) this.beginAtZero();
    else if (running && isPhase(phase)) this.spent(phase, this.lastMs, nowMs);
    this.lastMs = nowMs;
  }

  /** Every series at the first look: of a counter that begins with a number, Prometheus would count no increase. */
  private beginAtZero(): void {
    for (const phase of PHASES) this.count(PHASE_SECONDS, 0, { phase });
    for (const by of BLOCKING) this.count(WINDOW_BLOCKED_SECONDS, 0, { by });
  }

  private spent(phase: Phase, lastMs: number, nowMs: number): void {
    const seconds = Math.max(0, Math.round((nowMs - lastMs) / 1_000));
    this.count(PHASE_SECONDS, seconds, { phase });
    const by = blockedBy(this.plan, phase, nowMs);
    if (by !== undefined) this.count(WINDOW_BLOCKED_SECONDS, seconds, { by });
  }

  private count(name: keyof typeof SECONDS, value: number, tags: Readonly<Record<string, string>>): void {
    this.meter.createCounter(name, undefined, SECONDS[name]).add(value, tags);
  }

  private set(gauge: Gauge, value: number, tags: Readonly<Record<string, string>> = {}): void {
    this.meter.createGauge(gauge, 'float', undefined, GAUGES[gauge]).set(value, tags);
  }
}

const RECENT_MS = 60_000;

/** How late the worker gets the messages of an alarm queue. Its receivers share it. */
export class QueueMetrics {
  private readonly meter;
  private ages: readonly { readonly atMs: number; readonly ageMs: number }[] = [];

  constructor(meter: MetricMeter, queue: string, { account, region }: EnvironmentPlan['aws']) {
    this.meter = meter.withTags({ queue, account, region });
  }

  /** After each read, also of an empty queue. */
  read(sentAtMs: readonly number[], nowMs: number): void {
    const ageMs = Math.max(0, ...sentAtMs.map((atMs) => nowMs - atMs));
    this.ages = [...this.ages.filter(({ atMs }) => nowMs - atMs < RECENT_MS), { atMs: nowMs, ageMs }];
    this.set('rollout_push_queue_age_seconds', Math.max(...this.ages.map((one) => one.ageMs)) / 1_000);
    this.set('rollout_push_queue_read_timestamp_seconds', nowMs / 1_000);
  }

  private set(gauge: keyof typeof QUEUE_GAUGES, value: number): void {
    this.meter.createGauge(gauge, 'float', undefined, QUEUE_GAUGES[gauge]).set(value);
  }
}

const isPhase = (text: string | undefined): text is Phase => PHASES.some((each) => each === text);
