import type { FlagReading } from './last-good';
import type { FlagReader } from './reader';

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
  if (source === 'last-good') return { reason: 'STALE', metadata };
  return { reason: isSplit(reading) ? 'SPLIT' : 'STATIC', metadata };
}

/** 0 before the first document. */
export function percentageOf({ document }: FlagReading): number {
  return document?.percentage ?? 0;
}

/** Whether it depends on the job where it runs. */
export function isSplit(reading: FlagReading): boolean {
  const percentage = percentageOf(reading);
  return percentage > 0 && percentage < 100;
}

/** Without a job's id, only a flag that applies to all jobs applies. */
export function isNewFor(reader: FlagReader, reading: FlagReading, jobId: string | undefined): boolean {
  return jobId === undefined ? percentageOf(reading) === 100 : reader.isNew(jobId);
}

export function sideFor(reader: FlagReader, reading: FlagReading, jobId: string | undefined): string {
  return isNewFor(reader, reading, jobId) ? reader.sides.new : reader.sides.old;
}
