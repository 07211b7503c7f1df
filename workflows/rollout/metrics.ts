import { metricMeter } from '@temporalio/workflow';
import { BREACH_TO_ZERO, COUNTERS, type Counter, measuredBy } from '../../rules/metrics/metrics';
import type { Decision } from '../../rules/rollout/decision';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import type { RolloutState } from '../../rules/rollout/state/state';

/** The metrics of one rollout, on the worker that runs it. The SDK leaves them out while it replays. */
export class RolloutMetrics {
  private readonly meter;
  private readonly breachToZero;

  constructor({ service, environment }: Pick<EnvironmentPlan, 'service' | 'environment'>) {
    this.meter = metricMeter.withTags({ service, environment });
    const what = 'From the breach until 0 % was written and read back.';
    this.breachToZero = this.meter.createHistogram(BREACH_TO_ZERO, 'float', 'seconds', what);
  }

  changed(before: RolloutState, after: RolloutState): void {
    for (const measured of measuredBy(before, after, Date.now()))
      if ('counter' in measured) this.count(measured.counter, measured.tags);
      else this.breachToZero.record(measured.breachToZeroMs / 1_000);
  }

  decided({ do: kind }: Decision): void {
    this.count('rollout_decisions', { decision: kind });
  }

  private count(counter: Counter, tags: Readonly<Record<string, string>>): void {
    this.meter.createCounter(counter, undefined, COUNTERS[counter]).add(1, tags);
  }
}
