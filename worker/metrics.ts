import { type Logger, Runtime } from '@temporalio/worker';
import { BREACH_TO_ZERO, BREACH_TO_ZERO_BUCKETS_S, GAUGES, type Gauge, PHASE_SECONDS } from '../rules/metrics/metrics';
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

/** The gauges of one environment. Every worker that supervises it has the same ones: take the largest. */
export class SupervisedMetrics {
  private readonly meter;
  private lastMs: number | undefined;

  constructor({ service, environment }: Pick<EnvironmentPlan, 'service' | 'environment'>) {
    this.meter = Runtime.instance().metricMeter.withTags({ service, environment });
  }

  show({ running, phase, percentage, checkedAtMs }: SeenRollout, nowMs: number): void {
    this.set('rollout_running', running ? 1 : 0);
    if (percentage !== undefined) this.set('rollout_percentage', percentage);
    for (const each of PHASES) this.set('rollout_phase', running && each === phase ? 1 : 0, { phase: each });
    const uncheckedMs = running && checkedAtMs !== undefined ? Math.max(0, nowMs - checkedAtMs) : 0;
    this.set('rollout_unchecked_seconds', uncheckedMs / 1_000);
    if (running && isPhase(phase) && this.lastMs !== undefined) this.spent(phase, nowMs - this.lastMs);
    this.lastMs = nowMs;
  }

  private spent(phase: Phase, forMs: number): void {
    const text = 'Seconds that rollouts spent in each phase.';
    this.meter.createCounter(PHASE_SECONDS, undefined, text).add(Math.max(0, Math.round(forMs / 1_000)), { phase });
  }

  private set(gauge: Gauge, value: number, tags: Readonly<Record<string, string>> = {}): void {
    this.meter.createGauge(gauge, 'float', undefined, GAUGES[gauge]).set(value, tags);
  }
}

const isPhase = (text: string | undefined): text is Phase => PHASES.some((each) => each === text);
