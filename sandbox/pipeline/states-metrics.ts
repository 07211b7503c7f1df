import { CloudWatchClient, PutMetricDataCommand, type MetricDatum } from '@aws-sdk/client-cloudwatch';
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  SFNClient,
  type ExecutionListItem,
  type ExecutionStatus,
} from '@aws-sdk/client-sfn';
import type { AwsTarget } from '../../rules/plan/environment-plan';
import { awsClient } from '../aws/client-config';
import { applyMissingDataRule } from './missing-data';

export interface StatesMetricsOptions {
  readonly aws: AwsTarget;
  readonly stateMachineArn: string;
  readonly intervalMs: number;
  /** Executions are read from the list this long after they started, later one by one; default: 5 s. */
  readonly overlapMs?: number;
}

export interface ExecutionCounts {
  readonly started: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly timedOut: number;
  readonly aborted: number;
}

export interface StatesMetrics {
  /** What was published so far. */
  readonly counts: () => ExecutionCounts;
  /** Why the last read or publication failed; the next one publishes what is missing. */
  readonly trouble: () => string | undefined;
  /** Publishes what ended up to now, and stops. */
  readonly stop: () => Promise<void>;
}

type Ended = Exclude<ExecutionStatus, 'RUNNING' | 'PENDING_REDRIVE'>;
const COUNTER: Readonly<Record<Ended, keyof ExecutionCounts>> = {
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  TIMED_OUT: 'timedOut',
  ABORTED: 'aborted',
};
const METRIC: Readonly<Record<keyof ExecutionCounts, string>> = {
  started: 'ExecutionsStarted',
  succeeded: 'ExecutionsSucceeded',
  failed: 'ExecutionsFailed',
  timedOut: 'ExecutionsTimedOut',
  aborted: 'ExecutionsAborted',
};

/** CloudWatch accepts this many values in one datum. */
const VALUES_PER_DATUM = 150;
const MISSING_DATA_EVERY_MS = 1_000;

/**
 * Publishes the AWS/States metrics of one state machine, which AWS emits and the emulator does not. Counts each execution
 * listed since its start, from any source, once when it starts and once when it ends. Publishes counts of 0 too, because
 * the emulator judges an alarm only when data arrives. Run one per state machine, or everything counts twice.
 */
export function startStatesMetrics(options: StatesMetricsOptions): StatesMetrics {
  const watch = new ExecutionWatch(options);
  let underWay = Promise.resolve();
  let problem: string | undefined;
  const sweep = (): Promise<void> => {
    underWay = underWay.then(async () => {
      try {
        await watch.look();
        await watch.publish();
        problem = undefined;
      } catch (error) {
        problem = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      }
    });
    return underWay;
  };
  let timer: NodeJS.Timeout | undefined;
  const again = (): void => {
    timer = setTimeout(() => void sweep().then(() => timer && again()), options.intervalMs);
  };
  again();
  return {
    counts: () => ({ ...watch.published }),
    trouble: () => problem,
    stop: async () => {
      clearTimeout(timer);
      timer = undefined;
      await sweep();
      watch.close();
    },
  };
}

const none = (): Record<keyof ExecutionCounts, number> => ({
  started: 0,
  succeeded: 0,
  failed: 0,
  timedOut: 0,
  aborted: 0,
});

class ExecutionWatch {
  readonly published = none();
  private waiting = none();
  private durationsMs: number[] = [];
  private readonly states: SFNClient;
  private readonly metrics: CloudWatchClient;
  /** Executions younger than the horizon, and those that still run: arn → when it started. */
  private readonly known = new Map<string, { readonly startedAtMs: number; readonly running: boolean }>();
  private horizonMs = Date.now();
  private ruleDueMs = 0;

  constructor(private readonly options: StatesMetricsOptions) {
    this.states = new SFNClient(awsClient(options.aws));
    this.metrics = new CloudWatchClient(awsClient(options.aws));
  }

  /** Takes in what started and what ended since the last read. */
  async look(): Promise<void> {
    const lookedAtMs = Date.now();
    const stillRunning = new Set([...this.known].filter(([, { running }]) => running).map(([arn]) => arn));
    let nextToken: string | undefined;
    do {
      const page = await this.page(nextToken);
      const young = page.executions.filter(({ startDate }) => (startDate?.getTime() ?? 0) >= this.horizonMs);
      for (const execution of young) {
        this.take(execution);
        stillRunning.delete(execution.executionArn ?? '');
      }
      const isPast = page.executions.some(({ stopDate }) => stopDate && stopDate.getTime() < this.horizonMs);
      nextToken = isPast ? undefined : page.nextToken;
    } while (nextToken !== undefined);
    for (const executionArn of stillRunning) await this.takeOne(executionArn);
    this.horizonMs = Math.max(this.horizonMs, lookedAtMs - (this.options.overlapMs ?? 5_000));
    for (const [arn, { startedAtMs, running }] of this.known)
      if (!running && startedAtMs < this.horizonMs) this.known.delete(arn);
  }

  async publish(): Promise<void> {
    const counts = this.waiting;
    const durationsMs = this.durationsMs;
    const Dimensions = [{ Name: 'StateMachineArn', Value: this.options.stateMachineArn }];
    const MetricData: MetricDatum[] = [
      ...(Object.keys(METRIC) as (keyof ExecutionCounts)[]).map((key) => ({
        MetricName: METRIC[key],
        Value: counts[key],
      })),
      // Started executions were not throttled; the emulator throttles none.
      { MetricName: 'ExecutionThrottled', Value: 0 },
    ].map((datum) => ({ ...datum, Unit: 'Count' as const, Dimensions }));
    for (let from = 0; from < durationsMs.length; from += VALUES_PER_DATUM) {
      const Values = durationsMs.slice(from, from + VALUES_PER_DATUM);
      MetricData.push({ MetricName: 'ExecutionTime', Values, Unit: 'Milliseconds', Dimensions });
    }
    await this.metrics.send(new PutMetricDataCommand({ Namespace: 'AWS/States', MetricData }));
    for (const key of Object.keys(counts) as (keyof ExecutionCounts)[]) this.published[key] += counts[key];
    this.waiting = none();
    this.durationsMs = [];
    if (Date.now() < this.ruleDueMs) return;
    await applyMissingDataRule(this.metrics);
    this.ruleDueMs = Date.now() + MISSING_DATA_EVERY_MS;
  }

  close(): void {
    this.states.destroy();
    this.metrics.destroy();
  }

  /** Those that ended last, or run, first. A state machine that is not deployed yet has no executions. */
  private async page(nextToken?: string): Promise<{ executions: ExecutionListItem[]; nextToken: string | undefined }> {
    try {
      const { stateMachineArn } = this.options;
      const told = await this.states.send(
        new ListExecutionsCommand({
          stateMachineArn,
          maxResults: 100,
          nextToken,
        }),
      );
      return { executions: told.executions ?? [], nextToken: told.nextToken };
    } catch (error) {
      if (error instanceof Error && error.name === 'StateMachineDoesNotExist')
        return { executions: [], nextToken: undefined };
      throw error;
    }
  }

  /** An execution that is no longer among the latest of the list. A restarted emulator has forgotten it. */
  private async takeOne(executionArn: string): Promise<void> {
    try {
      this.take(await this.states.send(new DescribeExecutionCommand({ executionArn })));
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ExecutionDoesNotExist') throw error;
      this.known.delete(executionArn);
    }
  }

  private take(
    execution: Partial<Pick<ExecutionListItem, 'executionArn' | 'status' | 'startDate' | 'stopDate'>>,
  ): void {
    const { executionArn = '', status = 'RUNNING' } = execution;
    const startedAtMs = execution.startDate?.getTime() ?? 0;
    const before = this.known.get(executionArn);
    if (before && !before.running) return;
    if (!before) this.waiting.started += 1;
    const running = status === 'RUNNING' || status === 'PENDING_REDRIVE';
    this.known.set(executionArn, { startedAtMs, running });
    if (running) return;
    this.waiting[COUNTER[status]] += 1;
    if (execution.stopDate) this.durationsMs.push(execution.stopDate.getTime() - startedAtMs);
  }
}
