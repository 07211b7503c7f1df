import type { FlagReading } from '../../flags';
import { tupleOf } from '../../pavi/flag';
import type { ReadsBy } from '../../pavi/unsafe-tuples';

export interface ApiHealth {
  readonly status: 'up';
  readonly execution_mode: 'step_functions' | 'nextflow';
  readonly environment: string;
  readonly rollout?: { readonly enabled: true; readonly percentage: number };
  /** Not PAVI's: this instance finds a job by the job. An instance with PAVI's defect omits this. */
  readonly reads_by?: 'job';
  /** Not PAVI's: which instance answers, by its id in AWS. */
  readonly instance?: string;
  /** Not PAVI's: the flag document this instance uses. */
  readonly flags: {
    readonly source: FlagReading['source'];
    readonly generation?: number;
    /** Of the SSM parameter. */
    readonly version?: number;
    readonly ageMs?: number;
    readonly why: string;
  };
}

/** As PAVI's `/api/health`; `rollout` is there exactly when ENABLE_STEP_FUNCTIONS_ROLLOUT is true. */
export function healthOf(environment: string, reading: FlagReading, readsBy: ReadsBy): ApiHealth {
  const { document, version, source, ageMs, why } = reading;
  const tuple = document && tupleOf(document);
  return {
    status: 'up',
    execution_mode: tuple?.USE_STEP_FUNCTIONS ? 'step_functions' : 'nextflow',
    environment,
    ...(readsBy === 'job' ? { reads_by: readsBy } : {}),
    ...(tuple?.ENABLE_STEP_FUNCTIONS_ROLLOUT
      ? { rollout: { enabled: true, percentage: tuple.STEP_FUNCTIONS_ROLLOUT_PERCENTAGE } }
      : {}),
    flags: {
      source,
      ...(document ? { generation: document.generation } : {}),
      version,
      ageMs,
      why,
    },
  };
}
