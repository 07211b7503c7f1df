import type { FinishedJob } from './api-log';
import { isFaulty, jobName, NOT_PRESENT, type Job, type JobStatus, type JobView, type TaskEvent } from './job-view';
import type { SeqRegion } from './seq-region';

interface Run {
  readonly startedAtMs: number;
  readonly regions: readonly SeqRegion[];
  told?: boolean;
}

/** Older runs are forgotten, so that days of traffic need no more memory than an hour. */
const KEPT_RUNS = 10_000;

/**
 * The old backend. As in PAVI, runs belong to this process and live in its memory: a restart loses them. The run itself is
 * simulated by elapsed time: pending, sequence retrieval in the first half, alignment in the second.
 */
export class NextflowJobs {
  private readonly runs = new Map<string, Run>();

  constructor(
    private readonly durationMs: number,
    /** Called once for every job, by the first read that sees its end. */
    private readonly finished: (job: FinishedJob) => void = () => undefined,
  ) {}

  start(uuid: string, regions: readonly SeqRegion[]): JobView {
    this.runs.set(uuid, { startedAtMs: Date.now(), regions });
    const oldest = this.runs.keys().next();
    if (this.runs.size > KEPT_RUNS && !oldest.done) this.runs.delete(oldest.value);
    return { uuid, status: 'pending', name: jobName(uuid) };
  }

  get(uuid: string): Job | undefined {
    const run = this.runs.get(uuid);
    if (!run) return undefined;
    const progress = this.durationMs === 0 ? 1 : (Date.now() - run.startedAtMs) / this.durationMs;
    const view = viewAt(uuid, progress, isFaulty(run.regions));
    if (!run.told) run.told = this.tell(view);
    return { regions: run.regions, view };
  }

  private tell({ uuid: job, status: outcome, error_message: error }: JobView): boolean {
    if (outcome !== 'completed' && outcome !== 'failed') return false;
    const { durationMs } = this;
    // Only wrong input makes the simulated runs fail.
    const fault = error === undefined ? undefined : 'user-input';
    this.finished({ backend: 'nextflow', job, outcome, durationMs, error, fault });
    return true;
  }

  /** What `nextflow log` would print. */
  logs(job: Job): string {
    const lines = (job.view.task_events ?? []).map(({ process, status }) => `[${process}] ${status}`);
    return `${[`N E X T F L O W  run ${job.view.name}, simulated`, ...lines].join('\n')}\n`;
  }
}

function viewAt(uuid: string, progress: number, faulty: boolean): JobView {
  const retrieved = progress >= 0.5;
  const status: JobStatus = progress < 1 ? 'running' : faulty ? 'failed' : 'completed';
  const retrieval: TaskEvent['status'] = !retrieved ? 'RUNNING' : faulty ? 'FAILED' : 'COMPLETED';
  const events: TaskEvent[] = [{ process: 'sequence_retrieval', status: retrieval }];
  if (retrieved && !faulty) events.push({ process: 'alignment', status: progress < 1 ? 'RUNNING' : 'COMPLETED' });
  return {
    uuid,
    status,
    name: jobName(uuid),
    stage: status === 'completed' ? 'done' : events.length === 1 ? 'sequence_retrieval' : 'alignment',
    task_events: events,
    ...(status === 'failed' ? { error_message: `sequence_retrieval: ${NOT_PRESENT}` } : {}),
  };
}
