import { type CheckAnswer, no, unknown, yes } from '../../../rules/checks/check';
import { judgeIncidents } from '../../../rules/checks/judge';
import { formatTime } from '../../../rules/format';
import { strictly } from '../../../rules/guards/guard-policy';
import { judge } from '../../../rules/guards/health';
import { ABSENT } from '../../../rules/stacks/kept';
import { runTestJobs } from '../../act/jobs/test-jobs';
import { createKeepActivities } from '../../act/keep-stacks';
import { webFetch } from '../../web';
import { readAlarm } from '../guards/alarms';
import { type Observation, observedThere } from '../guards/observation';
import { dashboardHasData } from '../verification/dashboard-data';
import type { Asking } from './asking';

const SAMPLE_JOBS = 3;
const JOBS_ON_OLD_SIDE = 2;

function lookOf({ plan: { aws }, awsFor, sinceMs, signal }: Asking): Observation {
  return { clients: awsFor(aws), aws, nowMs: Date.now(), sinceMs, abortSignal: signal };
}

/** > Confirm alarms are not firing. All of the plan's, whatever each would do: none fires, none fired since, each works. */
export async function alarmsQuiet(asking: Asking): Promise<CheckAnswer> {
  const strict = strictly(asking.plan.watch.alarms);
  if (strict.length === 0) return unknown('the plan names no watch.alarms');
  const look = lookOf(asking);
  const alarms = await Promise.all(
    strict.map((alarm) => readAlarm(alarm, observedThere(look, alarm.aws, asking.awsFor))),
  );
  const moment = { nowMs: look.nowMs, stepSinceMs: look.sinceMs, percentage: 0, errorsInARow: {} };
  const { outcome, why } = judge({ alarms: strict, guards: [] }, { alarms, guards: [] }, moment);
  if (outcome === 'healthy') return yes(why);
  return outcome === 'breach' ? no(why) : unknown(why);
}

/** > Verify CloudWatch dashboard shows metrics */
export const dashboard = (named: string | undefined, asking: Asking): Promise<CheckAnswer> =>
  dashboardHasData(named ?? asking.plan.watch.dashboard, lookOf(asking));

/** Takes as long as the pipeline; its own limits end it. */
export async function jobs(kind: 'sample-jobs' | 'end-to-end', { plan, jobKinds }: Asking): Promise<CheckAnswer> {
  const count = kind === 'sample-jobs' ? SAMPLE_JOBS : 1;
  const { passed, why } = await runTestJobs(plan.verification, { count }, jobKinds);
  return passed ? yes(why) : no(why);
}

/** Test jobs complete while the API reports that it sends them to the old side. */
export async function jobsOnOldSide({ plan, jobKinds }: Asking): Promise<CheckAnswer> {
  const order = { count: JOBS_ON_OLD_SIDE, onOldSide: true };
  const { passed, why } = await runTestJobs(plan.verification, order, jobKinds);
  return passed ? yes(why) : no(why);
}

/** > Rollback plan reviewed: `rollout rollback --to infra` has something to go back to. */
export async function templateKept({ plan: { aws, service, environment }, awsFor }: Asking): Promise<CheckAnswer> {
  const kept = (await createKeepActivities(awsFor).readKept({ aws, service, environment })).at(-1);
  if (kept === undefined) return no('nothing is kept: no deployment has changed a stack yet');
  const absent = kept.stacks.filter(({ template }) => template === ABSENT).map(({ name }) => name);
  if (absent.length > 0) return no(`nothing is kept of ${absent.join(', ')}: it was made by that deployment`);
  const names = kept.stacks.map(({ name, template }) => `${name} (${template})`).join(', ');
  return yes(`kept by the deployment of ${formatTime(kept.atMs, 'UTC')}: ${names}`);
}

/** > Staging validation complete */
export async function rolloutCompleted(
  environment: string,
  { plan: { service }, lastRollout }: Asking,
): Promise<CheckAnswer> {
  const name = `${service} ${environment}`;
  if (lastRollout === undefined) return unknown('this worker cannot query Temporal');
  const last = await lastRollout(service, environment);
  if (last === undefined) return unknown(`no rollout of ${name} is known`);
  if (last.running) return no(`the rollout of ${name} is still running`);
  const { outcome } = last;
  if (outcome === undefined) return no(`the last rollout of ${name} ended without an outcome`);
  const when = formatTime(outcome.atMs, 'UTC');
  if (outcome.outcome === 'completed') return yes(`the last rollout of ${name} completed at ${when}`);
  return no(`the last rollout of ${name} ended ${outcome.outcome} at ${when}: ${outcome.why}`);
}

/** > No active incidents */
export async function noOpenIncident(url: string, { signal }: Asking): Promise<CheckAnswer> {
  const response = await webFetch(url, { signal, headers: { accept: 'application/json' } });
  return judgeIncidents(url, { status: response.status, body: await response.text() });
}
