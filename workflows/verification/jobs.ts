import { workflowInfo } from '@temporalio/workflow';
import type { FoundJob } from '../../activities/act/jobs/verify-jobs';
import { limitsOf } from '../../rules/verification/limits';
import { executionOf, jobsOf } from '../../rules/jobs/jobs-api';
import type { Part } from '../../rules/verification/verification';
import { stateOf, withPart } from '../../rules/verification/verification';
import { percent } from '../../rules/format';
import { activitiesWithin, type Steps, submitting } from './steps';

type Expects = 'golden-results' | 'failure';

/**
 * > Test Job Submission
 *
 * Submits through the API to the side that the flag selects. When that is the old one, asks an API that takes
 * probe jobs for it with the header; otherwise, or when the API ignores the header, gives the same job directly to the
 * state machine. A verification never raises traffic.
 */
export async function testJob(steps: Steps, percentage: number | undefined): Promise<void> {
  const { jobsMs } = limitsOf(steps.plan.verification);
  await steps.take('test-job', jobsMs, () => throughApi(steps, percentage, 'golden-results'));
  await steps.take('step-functions', jobsMs, () => onStepFunctions(steps, jobsMs));
}

/**
 * A failed execution on the new side makes the alarms fire that return traffic to 0, so this job is sent only while no
 * traffic goes there.
 */
export async function failingJob(steps: Steps, percentage: number | undefined): Promise<void> {
  if (percentage !== 0 && stateOf(steps.seen(), 'failing-job') === 'open') {
    const at = percentage === undefined ? 'the percentage is not known' : `the flag is at ${percent(percentage)}`;
    const why = `${at}: the failed job might run on the new side and fire the alarms that return traffic to 0 %`;
    return steps.show(withPart(steps.seen(), 'failing-job', { state: 'left-out', why }));
  }
  const { jobsMs } = limitsOf(steps.plan.verification);
  await steps.take('failing-job', jobsMs, () => throughApi(steps, percentage, 'failure'));
}

async function throughApi(steps: Steps, percentage: number | undefined, expects: Expects): Promise<Partial<Part>> {
  const { aws, verification } = steps.plan;
  const { apiUrl, jobs, testJob: golden, failingJob: failing } = verification;
  const job = (expects === 'failure' ? failing?.job : golden) ?? '';
  const submitted = await submitting.submitVerificationJob({ verification: { apiUrl, jobs }, job });
  if ('refused' in submitted) return { state: 'failed', why: submitted.refused, unseen: submitted.unseen };
  const { uuid, perhapsTwice } = submitted;
  const running = expects === 'failure' ? 'failing-job' : 'test-job';
  steps.show(withPart(steps.seen(), running, { why: `job ${uuid} was submitted and is followed`, job: uuid }));
  const activities = activitiesWithin(limitsOf(verification).jobsMs);
  const found = await activities.followVerificationJob({ plan: { aws, verification }, uuid, expects, percentage });
  const twice = perhapsTwice ? '; an earlier attempt was cut off and may have submitted one more' : '';
  return asPart({ ...found, why: found.why + twice });
}

async function onStepFunctions({ plan, seen }: Steps, withinMs: number): Promise<Partial<Part>> {
  const through = seen().parts.find(({ part }) => part === 'test-job');
  const jobs = jobsOf(plan.verification);
  if (through?.backend === jobs.sides.new) {
    const { job, backend, differences, state, why } = through;
    const execution = job === undefined ? undefined : executionOf(jobs, job);
    const named = { job, execution, backend, way: 'api' as const };
    const said = `by the API's own job: ${why}`;
    return { state, why: said, ...named, differences };
  }
  const { aws, verification, diagnosis } = plan;
  const asked = (verification.probeJobs ?? 0) > 0 ? await askedByHeader(plan, withinMs) : undefined;
  if (asked?.part !== undefined) return asked.part;
  const name = `verification-${workflowInfo().runId}`;
  const found = await activitiesWithin(withinMs).runVerificationExecution({
    plan: { aws, verification, diagnosis },
    name,
  });
  return asPart({ ...found, why: asked === undefined ? found.why : `${found.why}; ${asked.otherwise}` });
}

/** As the rollout's probe does it. Without a part the job did not go to the new side, and the reason is given. */
async function askedByHeader(
  { aws, verification }: Steps['plan'],
  withinMs: number,
): Promise<{ readonly part: Partial<Part> } | { readonly part?: undefined; readonly otherwise: string }> {
  const { apiUrl, jobs, testJob: job } = verification;
  if (apiUrl === undefined || job === undefined) return { otherwise: 'the plan names no address of the API' };
  const side = 'new' as const;
  const submitted = await submitting.submitVerificationJob({ verification: { apiUrl, jobs }, job, side });
  if ('refused' in submitted) return { otherwise: `the API was asked for it by x-rollout-probe: ${submitted.refused}` };
  const { uuid } = submitted;
  if (submitted.side !== side)
    return { otherwise: `the API was asked for it by x-rollout-probe, and put job ${uuid} elsewhere` };
  const order = { plan: { aws, verification }, uuid, side, expects: 'golden-results' as const };
  const found = await activitiesWithin(withinMs).followVerificationJob(order);
  const facts = { job: uuid, execution: executionOf(jobsOf(verification), uuid), way: 'api' as const };
  return { part: { ...asPart({ ...found, why: `asked for by x-rollout-probe: ${found.why}` }), ...facts } };
}

function asPart({ ok, ...found }: FoundJob): Partial<Part> {
  return { ...found, state: ok ? 'passed' : 'failed' };
}
