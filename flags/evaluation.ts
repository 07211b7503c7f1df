import { effectivePercentage } from './contract';
import type { FlagReading } from './last-good';
import type { FlagReader } from './reader';
import type { Backend } from './routing';

/** The one flag. */
export const ROLLOUT_FLAG = 'step-functions-rollout';

/** The answer beside its value, in OpenFeature's terms. */
export interface AboutAnswer {
  /** `SPLIT`: it depends on the job. `STALE`: reads fail, the last good document counts. `DEFAULT`: there is none yet. */
  readonly reason: 'STATIC' | 'SPLIT' | 'STALE' | 'DEFAULT';
  readonly metadata: AnswerMetadata;
}

/** `generation` and `ageMs` are those of the document; absent before the first one. A type, as OpenFeature wants an index. */
export type AnswerMetadata = Pick<FlagReading, 'source' | 'why' | 'ageMs'> & { readonly generation?: number };

export function aboutAnswer(reading: FlagReading): AboutAnswer {
  const { document, source, ageMs, why } = reading;
  if (!document) return { reason: 'DEFAULT', metadata: { source, why } };
  const metadata = { source, why, generation: document.generation, ageMs: ageMs ?? 0 };
  if (source !== 'parameter') return { reason: 'STALE', metadata };
  return { reason: isSplit(reading) ? 'SPLIT' : 'STATIC', metadata };
}

/** 0 before the first document. */
export function percentageOf({ document }: FlagReading): number {
  return document ? effectivePercentage(document) : 0;
}

/** Whether it depends on the job where it runs. */
export function isSplit(reading: FlagReading): boolean {
  const percentage = percentageOf(reading);
  return percentage > 0 && percentage < 100;
}

/** Without a job's id, only a flag that applies to all jobs applies. */
export function backendFor(reader: FlagReader, reading: FlagReading, jobId: string | undefined): Backend {
  if (jobId !== undefined) return reader.route(jobId);
  return percentageOf(reading) === 100 ? 'step-functions' : 'nextflow';
}
