import type { Verification } from '../plan/environment-plan';
import { durationMs } from '../plan/duration';

/** The pipeline's state machine gives up after 30 minutes, including a cold start of Batch. */
const STANDARD = { answersMs: 2 * 60_000, jobsMs: 35 * 60_000 } as const;

type Limits = NonNullable<Verification['limits']>;

/** The limits of a plan file. */
export function verificationLimits(written: {
  readonly answers?: string | undefined;
  readonly jobs?: string | undefined;
}): Limits {
  const ms = (text: string | undefined): number | undefined => (text === undefined ? undefined : durationMs(text));
  return { answersMs: ms(written.answers) ?? STANDARD.answersMs, jobsMs: ms(written.jobs) ?? STANDARD.jobsMs };
}

export const limitsOf = ({ limits }: Pick<Verification, 'limits'>): Limits => limits ?? STANDARD;
