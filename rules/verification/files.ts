import type { Verification } from '../plan/environment-plan';

/** The same with the path of every file changed: they are written relative to the plan file. */
export function withFiles(verification: Verification, change: (path: string) => string): Verification {
  const { testJob, golden, failingJob, badJob, ...rest } = verification;
  return {
    ...rest,
    ...(testJob === undefined ? {} : { testJob: change(testJob) }),
    ...(golden === undefined
      ? {}
      : { golden: { alignment: change(golden.alignment), seqInfo: change(golden.seqInfo) } }),
    ...(failingJob === undefined ? {} : { failingJob: { ...failingJob, job: change(failingJob.job) } }),
    ...(badJob === undefined ? {} : { badJob: change(badJob) }),
  };
}
