import {
  ActivityFailure,
  CancellationScope,
  log,
  setCurrentDetails,
  setHandler,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import { isDeployable, NO_INFRASTRUCTURE } from '../../rules/deployment/deployable';
import { answerWords, type Check, mayTurn, namedCheck } from '../../rules/checks/check';
import { channelsFor } from '../../rules/notify/channels';
import { verificationNotices } from '../../rules/report/verification-notice';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import type { Found } from '../../rules/verification/health';
import { limitsOf } from '../../rules/verification/limits';
import { addressesOf } from '../../rules/verification/parts';
import type { Part, Verification } from '../../rules/verification/verification';
import { describeVerification } from '../../rules/report/verification';
import * as rule from '../../rules/verification/verification';
import type { VerificationInput } from '../messages';
import { verificationQuery } from '../messages';
import { read } from '../proxies';
import { formatDuration } from '../../rules/format';
import { askCheck } from '../checks';
import { sendAtTheEnd } from '../notify/send';
import { causeOf } from '../cancellable';
import { failingJob, testJob } from './jobs';
import { watchParts } from './monitor';
import { activitiesWithin, recording, type Steps } from './steps';

/**
 * > After any deployment, verify: health check, test job submission, monitor dashboard for 30 minutes
 *
 * Part by part, each within its own time. After a failed part the others still run, but the half hour of watching is
 * skipped. The result belongs to the template that is deployed at the start. Failed and refused are results.
 */
export async function verification({ plan, startedBy: by, reason }: VerificationInput): Promise<Verification> {
  let seen = rule.beginVerification({ plan, by, nowMs: Date.now(), reason });
  const show = (next: Verification): void => {
    seen = next;
    setCurrentDetails(describeVerification(seen));
  };
  setHandler(verificationQuery, () => seen);
  show(seen);
  const refusal = rule.notAsked(plan);
  if (refusal !== undefined) {
    show(rule.refused(seen, refusal, Date.now()));
    return seen;
  }
  show({ ...seen, ...(await boundTo(plan)) });
  const steps: Steps = {
    plan,
    seen: () => seen,
    show,
    take: (part, withinMs, work) => take(steps, part, withinMs, work),
  };
  await Promise.all([asked(steps), answers(steps)]);
  const percentage = await percentageOf(plan);
  await testJob(steps, percentage);
  await failingJob(steps, percentage);
  await watchParts(steps);
  show(await recorded(plan, rule.conclude(seen, Date.now())));
  log.info('verified', { outcome: seen.outcome, why: seen.why });
  await notifyOfFailure(plan, seen);
  return seen;
}

/** Runs an open part. Any error is the reason why it failed. */
async function take(
  { seen, show }: Steps,
  part: string,
  withinMs: number,
  work: () => Promise<Partial<Part>>,
): Promise<void> {
  if (rule.stateOf(seen(), part) !== 'open') return;
  const startedAtMs = Date.now();
  show(rule.withPart(seen(), part, { state: 'running', startedAtMs, untilMs: startedAtMs + withinMs }));
  const change = await work().catch((error: unknown): Partial<Part> => ({
    state: 'failed',
    unseen: true,
    why: isTimeout(error)
      ? `no worker finished it within ${formatDuration(withinMs)}: ${causeOf(error)}`
      : causeOf(error),
  }));
  show(rule.withPart(seen(), part, { ...rule.endedPart(seen(), part, change), endedAtMs: Date.now() }));
}

const isTimeout = (error: unknown): boolean =>
  error instanceof ActivityFailure && error.cause instanceof TimeoutFailure;

/** The deployment that the result is about. Without a record there is none, and the result states that. */
async function boundTo(plan: EnvironmentPlan): Promise<Partial<Verification>> {
  const { aws, service, environment } = plan;
  if (!isDeployable(plan)) return { notes: [`nothing is recorded: ${NO_INFRASTRUCTURE}`] };
  try {
    const { deployed } = await recording.readDeployed({ aws, service, environment });
    if (deployed !== undefined) return { template: deployed.template };
    return { notes: ['nothing is recorded: no deployment by `rollout deploy` is known'] };
  } catch (error) {
    return { notes: [`nothing is recorded: what is deployed cannot be read: ${causeOf(error)}`] };
  }
}

/**
 * The plan's checks, all at once: a long one does not delay the others. One of the service that says no is asked again for as
 * long as the API's own answers may take. They begin before the other parts: a check replaces the part of its name.
 */
async function asked(steps: Steps): Promise<void> {
  const { plan, seen, take: run } = steps;
  const { answersMs: againForMs } = limitsOf(plan.verification);
  const checks = (plan.verification.checks ?? []).flatMap((name) => namedCheck(plan.checks, name) ?? []);
  const ask = async (check: Check): Promise<Partial<Part>> => {
    const answer = await askCheck(check, { plan, sinceMs: seen().startedAtMs, againForMs });
    const { outcome, why, evidence } = answer;
    const unseen = outcome === 'unknown' || undefined;
    return { state: outcome === 'yes' ? 'passed' : 'failed', why: answerWords({ outcome, why }), evidence, unseen };
  };
  await Promise.all(
    checks.map((check) => run(check.name, check.withinMs + (mayTurn(check) ? againForMs : 0), () => ask(check))),
  );
}

/** The API's own health, and its answer to invalid input. */
async function answers({ plan, take: run }: Steps): Promise<void> {
  const { aws, flag, environment, verification: asked } = plan;
  const { answersMs: withinMs } = limitsOf(asked);
  const activities = activitiesWithin(withinMs);
  const { apiUrl, jobs } = asked;
  await run('health', withinMs, async () => {
    const addresses = addressesOf(asked);
    return asPart(await activities.checkHealth({ aws, flag, environment, addresses, withinMs }));
  });
  await run('deployment-status', withinMs, async () => {
    const address = `${(apiUrl ?? '').replace(/\/+$/, '')}/api/deployment-status`;
    return asPart(await activities.checkDeploymentStatus({ address, environment, withinMs }));
  });
  await run('bad-input', withinMs, async () =>
    asPart(await activities.refuseBadInput({ verification: { apiUrl, jobs }, job: asked.badJob ?? '' })),
  );
}

const asPart = ({ ok, why, unseen }: Found): Partial<Part> => ({ state: ok ? 'passed' : 'failed', why, unseen });

/** Undefined when not known: then a job may be on either side. */
async function percentageOf({ aws, flag }: EnvironmentPlan): Promise<number | undefined> {
  try {
    const found = await read.readFlag({ aws, flag });
    return found.found ? found.percentage : undefined;
  } catch (error) {
    log.warn(`the flag cannot be read: ${causeOf(error)}`);
    return undefined;
  }
}

/** A result that is not in the record permits nothing, so it does not count as passed. */
async function recorded(plan: EnvironmentPlan, ended: Verification): Promise<Verification> {
  const { template, outcome, why = '', by } = ended;
  if (template === undefined) return ended;
  const { aws, service, environment } = plan;
  const { workflowId, runId } = workflowInfo();
  const verified = { template, atMs: Date.now(), by, workflowId, runId, passed: outcome === 'passed', why };
  try {
    await recording.recordVerified({ aws, service, environment, verified });
    return ended;
  } catch (error) {
    const lost = `the result could not be recorded: ${causeOf(error)}`;
    return { ...ended, outcome: 'failed', why: `${lost}; ${why}` };
  }
}

/** The caller that cancelled it knows that it did not pass. */
async function notifyOfFailure(plan: EnvironmentPlan, seen: Verification): Promise<void> {
  if (CancellationScope.current().consideredCancelled || channelsFor(plan, 'verification-failed').length === 0) return;
  const { workflowId } = workflowInfo();
  const around = { workflowId, nowMs: Date.now(), zone: plan.windows[0]?.zone ?? 'UTC', contact: plan.contact };
  await sendAtTheEnd({ plan }, verificationNotices(seen, around));
}
