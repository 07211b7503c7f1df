import type { SeqRegion } from './seq-region';

export type JobStatus = 'pending' | 'running' | 'failed' | 'completed';

/** A job as the API shows it. Unknown fields are left out, as in PAVI (`response_model_exclude_none`). */
export interface JobView {
  readonly uuid: string;
  readonly status: JobStatus;
  readonly name: string;
  /** Step Functions: INITIALIZING, DONE, ERROR. Nextflow: sequence_retrieval, alignment, done. */
  readonly stage?: string;
  readonly error_message?: string;
  /** Step Functions only. */
  readonly input_count?: number;
  readonly sequences_processed?: number;
  /** Nextflow only. */
  readonly task_events?: readonly TaskEvent[];
}

export interface TaskEvent {
  readonly process: string;
  readonly status: 'COMPLETED' | 'FAILED' | 'RUNNING';
}

export interface Job {
  readonly view: JobView;
  /** The input of the job: results are made from it. */
  readonly regions: readonly SeqRegion[];
  /** The place of the results, from the execution; of Step Functions only. */
  readonly resultUri?: string;
}

export const jobName = (uuid: string): string => `pavi-job-${uuid}`;

/** PAVI's own must-fail payload (`pipeline_failure_seq_regions.json`): no FASTA file holds this sequence. */
export const FAILURE_TEST_SEQ_ID = 'FAILURE_TEST_SEQ_ID';

/** The error of the program that reads the FASTA file. */
export const NOT_PRESENT = `KeyError: "sequence '${FAILURE_TEST_SEQ_ID}' not present"`;

/** Whether the input itself is wrong, so that every backend fails it. */
export const isFaulty = (regions: readonly SeqRegion[]): boolean =>
  regions.length === 0 || regions.some(({ seq_id }) => seq_id === FAILURE_TEST_SEQ_ID);
