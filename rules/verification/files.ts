import type { Verification } from '../plan/environment-plan';

/** The same verification with every file path changed; the plan has them relative to its own file. */
export function withFiles(verification: Verification, change: (path: string) => string): Verification {
  const { testJob, golden, failingJob, badJob, ...rest } = verification;
  return {
    ...rest,
    testJob: testJob === undefined ? undefined : change(testJob),
    golden:
      golden === undefined
        ? undefined
        : Object.fromEntries(Object.entries(golden).map(([name, file]) => [name, change(file)])),
    failingJob: failingJob === undefined ? undefined : { ...failingJob, job: change(failingJob.job) },
    badJob: badJob === undefined ? undefined : change(badJob),
  };
}
