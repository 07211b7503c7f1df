import { BACKEND_HEADER } from './server';
import type { JobView } from './job-view';
import type { SeqRegion } from './seq-region';
import type { AwsTarget } from '../../rules/plan/environment-plan';
import { sampleJobs } from '../pipeline/sample-jobs';
import { startStatesMetrics, type ExecutionCounts } from '../pipeline/states-metrics';
import { messageOf } from '../process/user-error';

export interface TrafficOptions {
  /** As `http://127.0.0.1:4711`, without `/api`. */
  readonly apiUrl: string;
  readonly aws: AwsTarget;
  readonly stateMachineArn: string;
  /** 0 submits none, and only publishes metrics. */
  readonly ratePerSecond: number;
  /** Decides the content of the jobs. The API chooses their ids, so which of them go to Step Functions is random. */
  readonly seed: number;
  /** Share of jobs with a variant, which the regression fails; default: 0.5. */
  readonly variantShare?: number;
  /** Share of jobs that fail everywhere; default: 0, because one of them on Step Functions makes an alarm fire. */
  readonly mustFailShare?: number;
  /** Between two publications of metrics, and between two searches for jobs that are due to be read; default: 300 ms, without jobs 1 s. */
  readonly pollMs?: number;
}

export interface BackendCounts {
  readonly running: number;
  readonly completed: number;
  readonly failed: number;
}

export interface TrafficStats {
  readonly submitted: number;
  /** Answered with anything but 201, or not at all. */
  readonly refused: number;
  /** Not submitted, because too many were under way. */
  readonly skipped: number;
  /** Accepted, and later answered with 404. */
  readonly lost: number;
  /** Not done in the time a job may take. */
  readonly overdue: number;
  readonly stepFunctions: BackendCounts;
  readonly nextflow: BackendCounts;
  /** What was published to AWS/States. */
  readonly executions: ExecutionCounts;
  readonly trouble?: string;
}

export interface Traffic {
  readonly stats: () => TrafficStats;
  readonly stop: () => Promise<void>;
}

type Backend = 'stepFunctions' | 'nextflow';
type Counted = 'submitted' | 'refused' | 'skipped' | 'lost' | 'overdue';

interface OpenJob {
  readonly uuid: string;
  readonly backend: Backend;
  readonly submittedAtMs: number;
  /** When it is read next. */
  dueAtMs: number;
}

/** Bounds the memory: this many jobs are followed at once, finished ones are forgotten, hanging ones given up. */
const MOST_OPEN = 500;
const MOST_AGE_MS = 120_000;
/** Between two reads of one job: reading jobs is most of the load of an idle sandbox. */
const READ_EVERY_MS = 1_000;
const POLLED_AT_ONCE = 8;
const ANSWER_WITHIN_MS = 10_000;

/**
 * Submits jobs at a steady rate and follows each to its end. Also publishes the AWS/States metrics of the state machine
 * (see states-metrics), because the emulator emits none.
 */
export function startTraffic(options: TrafficOptions): Traffic {
  const { ratePerSecond } = options;
  const pollMs = options.pollMs ?? (ratePerSecond > 0 ? 300 : 1_000);
  const generator = new Generator(options);
  const metrics = startStatesMetrics({
    aws: options.aws,
    stateMachineArn: options.stateMachineArn,
    intervalMs: pollMs,
  });
  const submitTimer = ratePerSecond > 0 ? setInterval(() => generator.submit(), 1000 / ratePerSecond) : undefined;
  const pollTimer = setInterval(() => generator.poll(), pollMs);
  return {
    stats: () => {
      const trouble = generator.trouble ?? metrics.trouble();
      return { ...generator.counts(), executions: metrics.counts(), trouble };
    },
    stop: async () => {
      clearInterval(submitTimer);
      clearInterval(pollTimer);
      await generator.settled();
      await metrics.stop();
    },
  };
}

class Generator {
  trouble: string | undefined;
  private readonly jobs: Iterator<readonly SeqRegion[], never>;
  private readonly open = new Map<string, OpenJob>();
  private readonly count: Record<Counted, number> = { submitted: 0, refused: 0, skipped: 0, lost: 0, overdue: 0 };
  private readonly ended = { stepFunctions: { completed: 0, failed: 0 }, nextflow: { completed: 0, failed: 0 } };
  private readonly submissions = new Set<Promise<void>>();
  private polling: Promise<void> | undefined;

  constructor(private readonly options: TrafficOptions) {
    const { seed, variantShare = 0.5, mustFailShare = 0 } = options;
    this.jobs = sampleJobs({ seed, variantShare, mustFailShare });
  }

  submit(): void {
    const regions = this.jobs.next().value;
    if (this.open.size + this.submissions.size >= MOST_OPEN) {
      this.count.skipped += 1;
      return;
    }
    const submission = this.send(regions).finally(() => this.submissions.delete(submission));
    this.submissions.add(submission);
  }

  poll(): void {
    this.polling ??= this.readAll().finally(() => {
      this.polling = undefined;
    });
  }

  async settled(): Promise<void> {
    await Promise.all(this.submissions);
    await this.polling;
  }

  counts(): Omit<TrafficStats, 'executions' | 'trouble'> {
    const running = (wanted: Backend): number =>
      [...this.open.values()].filter(({ backend }) => backend === wanted).length;
    return {
      ...this.count,
      stepFunctions: { running: running('stepFunctions'), ...this.ended.stepFunctions },
      nextflow: { running: running('nextflow'), ...this.ended.nextflow },
    };
  }

  private async send(regions: readonly SeqRegion[]): Promise<void> {
    try {
      const response = await this.ask('/api/pipeline-job/', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(regions),
      });
      if (response.status !== 201)
        throw new Error(`a submission was answered with ${response.status}: ${await response.text()}`);
      const { uuid } = (await response.json()) as JobView;
      const backend = response.headers.get(BACKEND_HEADER) === 'step-functions' ? 'stepFunctions' : 'nextflow';
      const nowMs = Date.now();
      this.open.set(uuid, { uuid, backend, submittedAtMs: nowMs, dueAtMs: nowMs + READ_EVERY_MS });
      this.count.submitted += 1;
    } catch (error) {
      this.count.refused += 1;
      this.say(error);
    }
  }

  private async readAll(): Promise<void> {
    const nowMs = Date.now();
    const queue = [...this.open.values()].filter(({ dueAtMs }) => dueAtMs <= nowMs);
    const reader = async (): Promise<void> => {
      for (let job = queue.shift(); job !== undefined; job = queue.shift()) await this.read(job);
    };
    await Promise.all(Array.from({ length: POLLED_AT_ONCE }, reader));
  }

  private async read(job: OpenJob): Promise<void> {
    const { uuid, backend, submittedAtMs } = job;
    job.dueAtMs = Date.now() + READ_EVERY_MS;
    try {
      const response = await this.ask(`/api/pipeline-job/${uuid}`);
      const { status } = (await response.json()) as Partial<JobView>;
      if (response.status === 404) {
        this.count.lost += 1;
        this.open.delete(uuid);
      } else if (status === 'completed' || status === 'failed') {
        this.ended[backend][status] += 1;
        this.open.delete(uuid);
      }
    } catch (error) {
      this.say(error);
    }
    if (Date.now() - submittedAtMs > MOST_AGE_MS && this.open.delete(uuid)) this.count.overdue += 1;
  }

  private ask(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(new URL(path, this.options.apiUrl), { ...init, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  }

  private say(error: unknown): void {
    this.trouble = messageOf(error);
  }
}
