import { Context } from '@temporalio/activity';
import type { Verification } from '../../../rules/plan/environment-plan';
import { limitsOf } from '../../../rules/verification/limits';
import type { JobKinds } from '../../../rules/jobs/job-kind';
import { sideNamed } from '../../../rules/jobs/side';
import { messageOf } from '../../failures';
import { withHeartbeat } from '../../heartbeat';
import { ask, completed, fieldOf, type JobsPlace, jobsPlace, NotAsExpected, readJob } from './jobs-api';
import { servedResults, submit, unexpected } from './jobs-api';

/** What an attempt passes to the next one: running jobs are not submitted again. */
interface Memory {
  readonly jobs: readonly string[];
}

export interface Ran {
  readonly passed: boolean;
  readonly why: string;
}

/**
 * > API_BASE_URL=… python test_step_functions_e2e.py: health, submit, status until completed, results.
 *
 * Submits the plan's test job the given number of times at once, waits until each has completed, reads the results of each
 * from the API and every instance, and compares them with the golden ones, when the plan names them. Returns the result, or
 * why it is not as expected; never throws but for a cancellation. Another attempt continues with the jobs of the one
 * before. `onOldSide`: nothing is submitted while the API reports that it sends jobs elsewhere.
 */
export async function runTestJobs(
  verification: Verification,
  { count, onOldSide = false }: { readonly count: number; readonly onOldSide?: boolean },
  kinds: JobKinds,
): Promise<Ran> {
  const { apiUrl, testJob } = verification;
  if (apiUrl === undefined) return { passed: false, why: 'the plan names no verification.apiUrl' };
  if (testJob === undefined) return { passed: false, why: 'the plan names no verification.testJob' };
  const context = Context.current();
  const memory: { jobs: readonly string[] } = { jobs: remembered(context.info.heartbeatDetails) };
  const ran = async (): Promise<Ran> => {
    const place = jobsPlace(verification, kinds);
    const mode = await modeOf(place.api);
    const health = `healthy${mode === undefined ? '' : ` in mode ${mode}`}`;
    const { sides } = place.jobs;
    if (onOldSide && sideNamed(mode, sides) !== 'old')
      throw new NotAsExpected(`the API does not send jobs to ${sides.old}: ${health}`);
    if (memory.jobs.length === 0) {
      const body = await readJob(testJob);
      const submitted = await Promise.all(Array.from({ length: count }, () => submit(place, body)));
      memory.jobs = submitted.map(({ id }) => id);
      context.heartbeat(memory);
    }
    const said = await Promise.all(memory.jobs.map((job) => asGolden(place, job, verification)));
    return { passed: true, why: `${health}; completed ${said[0] ?? 'none'}: ${memory.jobs.join(', ')}` };
  };
  try {
    return await withHeartbeat(ran, { details: () => memory });
  } catch (error) {
    context.cancellationSignal.throwIfAborted();
    if (error instanceof NotAsExpected) return { passed: false, why: error.message };
    return { passed: false, why: `${apiUrl} could not be asked: ${messageOf(error)}` };
  }
}

/** The job has completed, and every instance serves the golden results. */
async function asGolden(place: JobsPlace, job: string, verification: Verification): Promise<string> {
  await completed(place, job, limitsOf(verification).jobsMs);
  const found = await servedResults(verification, place, job);
  if (found.state === 'good') return found.why;
  const differences = found.state === 'bad' ? (found.differences ?? []) : [];
  throw new NotAsExpected(`job ${job} completed, and ${[found.why, ...differences].join('; ')}`);
}

function remembered(details: unknown): readonly string[] {
  const jobs = (details as Partial<Memory> | undefined)?.jobs;
  return Array.isArray(jobs) ? jobs.filter((job) => typeof job === 'string') : [];
}

async function modeOf(api: string): Promise<string | undefined> {
  const answer = await ask(`${api}/api/health`);
  if (answer.status !== 200) throw unexpected('/api/health', answer);
  return fieldOf(answer.text, 'execution_mode');
}
