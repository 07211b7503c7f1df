import { Context } from '@temporalio/activity';
import type { ChecklistItem, EnvironmentPlan, Proof } from '../../rules/plan/environment-plan';
import { judge } from '../../rules/guards/health';
import { strictly } from '../../rules/guards/guard-policy';
import { ABSENT } from '../../rules/stacks/kept';
import type { Proved } from '../../rules/rollout/state/gates';
import type { Outcome } from '../../rules/rollout/status/status';
import { cutInTheMiddle, formatTime } from '../../rules/format';
import type { AwsFor } from '../aws';
import { messageOf, nameOf } from '../failures';
import { readAlarm } from '../observe/guards/alarms';
import { dashboardHasData } from '../observe/verification/dashboard-data';
import { type Observation, observedThere } from '../observe/guards/observation';
import { createKeepActivities } from './keep-stacks';
import { runTestJobs } from './jobs/test-jobs';
import { webFetch } from '../web';

export interface ProofOrder {
  readonly plan: EnvironmentPlan;
  readonly item: ChecklistItem;
  /** Earlier events do not count. */
  readonly sinceMs: number;
}

/** The newest rollout of an environment as Temporal knows it; without an outcome when it was ended from outside. */
export interface LastRollout {
  readonly running: boolean;
  readonly outcome?: Outcome;
}
export type FindLastRollout = (service: string, environment: string) => Promise<LastRollout | undefined>;

type Found = Omit<Proved, 'atMs'>;

const LOOK_MS = 20_000;
const SAMPLE_JOBS = 3;

/**
 * > Validation Checklist … Pre-deployment Checklist
 *
 * Tries to prove one item. An item that cannot be checked is not proved, with the reason; only a cancellation throws. Those
 * with jobs take as long as the pipeline, up to half an hour, and send heartbeats meanwhile.
 */
export function createProofs(
  awsFor: AwsFor,
  lastRollout?: FindLastRollout,
): { proveItem(order: ProofOrder): Promise<Proved> } {
  return {
    async proveItem({ plan, item, sinceMs }) {
      const { cancellationSignal } = Context.current();
      const found = await prove(plan, item.proof, { awsFor, lastRollout, sinceMs }).catch((error: unknown): Found => {
        cancellationSignal.throwIfAborted();
        return { proved: false, why: `it could not be checked: ${nameOf(error)}: ${messageOf(error)}` };
      });
      return { ...found, atMs: Date.now() };
    },
  };
}

interface Parts {
  readonly awsFor: AwsFor;
  readonly lastRollout: FindLastRollout | undefined;
  readonly sinceMs: number;
}

async function prove(plan: EnvironmentPlan, proof: Proof | undefined, parts: Parts): Promise<Found> {
  if (proof === undefined) return { proved: false, why: 'a person has to tick it' };
  switch (proof.by) {
    case 'alarms-quiet':
      return alarmsQuiet(plan, lookOf(plan, parts), parts.awsFor);
    case 'dashboard-has-data':
      return dashboardHasData(plan.watch.dashboard, lookOf(plan, parts));
    case 'sample-jobs':
      return jobs(plan, SAMPLE_JOBS);
    case 'end-to-end':
      return jobs(plan, 1);
    case 'rollback-template-kept':
      return templateKept(plan, parts.awsFor);
    case 'rollout-completed':
      return rolloutCompleted(plan.service, proof.environment, parts.lastRollout);
    case 'team-notified':
      return { proved: false, why: 'the rollout or deployment notifies the team itself' };
    case 'no-open-incident':
      return noOpenIncident(proof.url);
  }
}

function lookOf({ aws }: EnvironmentPlan, { awsFor, sinceMs }: Parts): Observation {
  const abortSignal = AbortSignal.any([Context.current().cancellationSignal, AbortSignal.timeout(LOOK_MS)]);
  return { clients: awsFor(aws), aws, nowMs: Date.now(), sinceMs, abortSignal };
}

/** > Confirm alarms are not firing. All of the plan's, whatever each would do: none fires, none fired since, each works. */
async function alarmsQuiet({ watch }: EnvironmentPlan, look: Observation, awsFor: AwsFor): Promise<Found> {
  const strict = strictly(watch.alarms);
  const alarms = await Promise.all(strict.map((alarm) => readAlarm(alarm, observedThere(look, alarm.aws, awsFor))));
  const moment = { nowMs: look.nowMs, stepSinceMs: look.sinceMs, percentage: 0, errorsInARow: {} };
  const { outcome, why } = judge({ alarms: strict, guards: [] }, { alarms, guards: [] }, moment);
  return { proved: outcome === 'healthy', why };
}

async function jobs({ verification }: EnvironmentPlan, count: number): Promise<Found> {
  const { passed, why } = await runTestJobs(verification, count);
  return { proved: passed, why };
}

/** > Rollback plan reviewed: `rollout rollback --to infra` has something to go back to. */
async function templateKept({ aws, service, environment }: EnvironmentPlan, awsFor: AwsFor): Promise<Found> {
  const kept = (await createKeepActivities(awsFor).readKept({ aws, service, environment })).at(-1);
  if (kept === undefined) return { proved: false, why: 'nothing is kept: no deployment has changed a stack yet' };
  const absent = kept.stacks.filter(({ template }) => template === ABSENT).map(({ name }) => name);
  if (absent.length > 0)
    return { proved: false, why: `nothing is kept of ${absent.join(', ')}: it was made by that deployment` };
  const names = kept.stacks.map(({ name, template }) => `${name} (${template})`).join(', ');
  return { proved: true, why: `kept by the deployment of ${formatTime(kept.atMs, 'UTC')}: ${names}` };
}

/** > Staging validation complete */
async function rolloutCompleted(
  service: string,
  environment: string,
  lastRollout: FindLastRollout | undefined,
): Promise<Found> {
  const name = `${service} ${environment}`;
  if (lastRollout === undefined) return { proved: false, why: 'this worker cannot query Temporal' };
  const last = await lastRollout(service, environment);
  if (last === undefined) return { proved: false, why: `no rollout of ${name} is known` };
  if (last.running) return { proved: false, why: `the rollout of ${name} is still running` };
  const { outcome } = last;
  if (outcome === undefined) return { proved: false, why: `the last rollout of ${name} ended without an outcome` };
  const when = formatTime(outcome.atMs, 'UTC');
  if (outcome.outcome === 'completed') return { proved: true, why: `the last rollout of ${name} completed at ${when}` };
  return { proved: false, why: `the last rollout of ${name} ended ${outcome.outcome} at ${when}: ${outcome.why}` };
}

const INCIDENTS_WITHIN_MS = 10_000;

/** > No active incidents */
async function noOpenIncident(url: string): Promise<Found> {
  const signal = AbortSignal.any([Context.current().cancellationSignal, AbortSignal.timeout(INCIDENTS_WITHIN_MS)]);
  const response = await webFetch(url, { signal, headers: { accept: 'application/json' } });
  const text = await response.text();
  if (response.status !== 200) return { proved: false, why: `${url} answered ${response.status}` };
  const open = openIncidents(text);
  if (open === undefined)
    return { proved: false, why: `${url} answered neither a list nor { "open": n }: ${cutInTheMiddle(text, 200)}` };
  if (open === 0) return { proved: true, why: `no incident is open by ${url}` };
  return { proved: false, why: `${open === 1 ? '1 incident is' : `${open} incidents are`} open by ${url}` };
}

/** The number, or undefined when the answer contains none. */
function openIncidents(text: string): number | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value.length;
    const open = (value as { readonly open?: unknown } | null)?.open;
    return typeof open === 'number' && Number.isInteger(open) && open >= 0 ? open : undefined;
  } catch {
    return undefined;
  }
}
