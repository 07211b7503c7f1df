import { proxyActivities, setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { Activities } from '../../activities';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import { findingsParameterOf } from '../../rules/nextflow/findings-document';
import type { NextflowRollback, NextflowStep } from '../../rules/nextflow/nextflow';
import { beginRollback, ended, inFlightWords, withStep } from '../../rules/nextflow/nextflow';
import { describeRollback } from '../../rules/report/nextflow';
import type { FindingsInput, FindingsResult, NextflowInput } from '../messages';
import { nextflowQuery } from '../messages';
import { deliverZero } from '../deliver-zero';
import { read } from '../proxies';
import { causeOf } from '../cancellable';

const INSTANCES_WITHIN_MS = 10 * 60_000;
const DRAIN_WITHIN_MS = 60 * 60_000;

const { writeFindings } = proxyActivities<Pick<Activities, 'writeFindings'>>({
  startToCloseTimeout: '15s',
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumAttempts: 6 },
});
const { awaitNextflow, listInFlight, completeOnNextflow } = proxyActivities<
  Pick<Activities, 'awaitNextflow' | 'listInFlight' | 'completeOnNextflow'>
>({
  startToCloseTimeout: '70m',
  heartbeatTimeout: '30s',
  retry: { initialInterval: '2s', maximumAttempts: 3 },
});

type Found = { readonly ok: boolean; readonly why: string; readonly inFlight?: readonly string[] };

/**
 * > Full Rollback to Nextflow: set USE_STEP_FUNCTIONS=false on all API instances, monitor that Nextflow is handling
 * traffic, > investigate, document findings before retry.
 *
 * Starts when the flag is at 0 %, which the rollout reaches on its own short way. After a failed step the later ones still
 * run.
 */
export async function nextflowRollback({ plan, by, reason, drain }: NextflowInput): Promise<NextflowRollback> {
  let rollback = beginRollback({ service: plan.service, environment: plan.environment, by, reason });
  setHandler(nextflowQuery, () => rollback);
  const show = (next: NextflowRollback): void => {
    rollback = next;
    setCurrentDetails(describeRollback(rollback));
  };
  const take = async (step: NextflowStep['step'], work: () => Promise<Found>): Promise<void> => {
    show(withStep(rollback, step, 'running'));
    const { ok, why, inFlight } = await work().catch((error: unknown): Found => ({ ok: false, why: causeOf(error) }));
    show(withStep({ ...rollback, inFlight: inFlight ?? rollback.inFlight }, step, ok ? 'done' : 'failed', why));
  };
  await take('traffic', () => flagIsOff(plan));
  await take('record', () => owe(plan, by, reason));
  await take('instances', () => instancesSayNextflow(plan));
  await take('in-flight', () => inFlightOf(plan, drain === true));
  await take('jobs', () => jobsOn(plan));
  show(ended(rollback));
  return rollback;
}

async function flagIsOff({ aws, flag }: EnvironmentPlan): Promise<Found> {
  const found = await read.readFlag({ aws, flag });
  if (!found.found) return { ok: false, why: found.why };
  const why = `the flag is at ${found.percentage} %, written by ${found.writer}`;
  return { ok: found.percentage === 0, why };
}

async function owe(plan: EnvironmentPlan, by: string, reason: string): Promise<Found> {
  const parameter = findingsParameterOf(plan);
  await writeFindings({ aws: plan.aws, parameter, rolledBack: { atMs: Date.now(), by, reason } });
  return { ok: true, why: `a retry waits for \`rollout findings ${plan.environment} --file FINDINGS.md\`` };
}

/** For an API that knows only variables AWS gives the number of instances; else the plan must name them. */
async function instancesSayNextflow(plan: EnvironmentPlan): Promise<Found> {
  const delivered = await deliverZero(plan, INSTANCES_WITHIN_MS);
  if (delivered !== undefined) return delivered;
  const { verification } = plan;
  const instances = verification.instances ?? (verification.apiUrl === undefined ? [] : [verification.apiUrl]);
  if (instances.length === 0)
    return { ok: false, why: 'the plan names no verification.apiUrl: check every instance of the API by hand' };
  const { all, why } = await awaitNextflow({ instances, withinMs: INSTANCES_WITHIN_MS });
  return { ok: all, why };
}

async function inFlightOf({ aws, watch }: EnvironmentPlan, drain: boolean): Promise<Found> {
  const named = watch.guards.flatMap((guard) => (guard.kind === 'executions' ? [guard.stateMachine] : []));
  const stateMachines = [...new Set(named)];
  if (stateMachines.length === 0) return { ok: false, why: 'no guard of the plan names a state machine to check' };
  const drainWithin = drain ? { drainWithinMs: DRAIN_WITHIN_MS } : {};
  const inFlight = await listInFlight({ aws, stateMachines, ...drainWithin });
  return { ok: !drain || inFlight.length === 0, why: inFlightWords(inFlight, drain), inFlight };
}

async function jobsOn(plan: EnvironmentPlan): Promise<Found> {
  const { passed, why } = await completeOnNextflow({ verification: plan.verification });
  return { ok: passed, why };
}

/** Workflow type `findings`: "Document findings before retry". */
export async function findings({ plan, by, text }: FindingsInput): Promise<FindingsResult> {
  const parameter = findingsParameterOf(plan);
  const document = await writeFindings({ aws: plan.aws, parameter, findings: { by, text, atMs: Date.now() } });
  return { document };
}
