import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import { summary } from '../../rules/words';
import type { NextflowRollback } from '../../rules/nextflow/nextflow';
import { describeRollback } from '../../rules/nextflow/nextflow';
import type { NextflowInput } from '../../workflows/messages';
import { nextflowQuery, nextflowWorkflowId, rolloutWorkflowId, TASK_QUEUE } from '../../workflows/messages';
import { alsoAbortRelease } from '../deployment/abort-release';
import { effect, told } from './pause-resume-abort';
import { verdictOf } from './control-outcome';
import { actorOfZero } from '../input/actor';
import type { Temporal } from '../temporal/connect';
import { inTime, withTemporal } from '../temporal/connect';
import { notConfirmed, silence } from '../temporal/explain-error';
import { Failure } from '../terminal/failure';
import type { ExitCode } from '../terminal/failure';
import { infraRollback } from '../deployment/infra-rollback';
import type { RollbackOptions } from '../options';
import { remark, say } from '../terminal/output';
import { readPlan } from '../input/plan-file';
import { zeroOrAbort } from './start';

const LOOK_EVERY_MS = 1_000;

/** `rollout rollback <env> --to flag|infra|nextflow` */
export function rollback(environment: string, options: RollbackOptions): Promise<ExitCode> {
  if (options.to === 'infra') return infraRollback(environment, options);
  if (options.diff === true)
    throw new Failure(2, '--diff goes with --to infra: of the flag only the percentage changes.');
  return flagRollback(environment, options);
}

/**
 * `rollout rollback <env> --to flag`: "Fastest rollback - disable Step Functions for new jobs". A running rollout is aborted;
 * what an ended one has left is put to 0 by a rollout that does nothing else. Waits until 0 % is confirmed. `--to nextflow`
 * goes on from there: "Full Rollback to Nextflow".
 */
function flagRollback(environment: string, options: RollbackOptions): Promise<ExitCode> {
  const { plan } = readPlan(environment, options);
  const by = actorOfZero(options.by);
  return withTemporal<ExitCode>(options, async (temporal) => {
    const zero = await toZero(temporal, plan, by, options);
    // Nothing is put in front of the zero; but a release that runs would begin a rollout after it.
    await alsoAbortRelease(environment, options);
    return options.to === 'nextflow' && zero === 0 ? toNextflow(temporal, plan, by, options) : zero;
  });
}

async function toZero(
  temporal: Temporal,
  plan: EnvironmentPlan,
  by: string,
  options: RollbackOptions,
): Promise<ExitCode> {
  const { service, environment } = plan;
  const which = { service, environment, workflowId: rolloutWorkflowId(service, environment) };
  try {
    await zeroOrAbort(temporal, { plan, startedBy: by, backToZero: true, reason: options.reason });
  } catch (error) {
    throw notConfirmed(temporal, 'rollback', error);
  }
  const after = await effect(temporal, 'abort', which, options);
  const verdict = verdictOf('abort', after);
  if (options.to !== 'nextflow' || !verdict.done)
    return told(temporal, after, { verb: 'abort', sent: true, ...verdict }, options);
  options.nextWay?.heard();
  remark(options, verdict.text);
  return 0;
}

/** One that runs already is followed instead of another one. */
async function toNextflow(
  temporal: Temporal,
  plan: EnvironmentPlan,
  by: string,
  options: RollbackOptions,
): Promise<ExitCode> {
  const { service, environment } = plan;
  const workflowId = nextflowWorkflowId(service, environment);
  const drain = options.drain === true ? { drain: true } : {};
  const input: NextflowInput = { plan, by, reason: options.reason ?? 'no reason given', ...drain };
  try {
    const start = {
      taskQueue: TASK_QUEUE,
      workflowId,
      args: [input],
      staticSummary: summary(`${service} ${environment}: back to Nextflow`),
    };
    await inTime(temporal, () => temporal.client.workflow.start('nextflowRollback', start));
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    remark(options, 'A full rollback runs already; following it.');
  }
  const rollback = await followed(temporal, workflowId, options);
  say(options, { text: describeRollback(rollback), json: { ...rollback } });
  return rollback.outcome === 'done' ? 0 : 1;
}

/** Says each step when it is over. */
async function followed(temporal: Temporal, workflowId: string, options: RollbackOptions): Promise<NextflowRollback> {
  const handle = temporal.client.workflow.getHandle(workflowId);
  const said = new Set<string>();
  for (;;) {
    const rollback = await inTime(temporal, () => handle.query(nextflowQuery)).catch((error: unknown) => {
      throw new Failure(
        1,
        `0 % is confirmed. How the rest of the way back is, is NOT KNOWN (${silence(error)}); it goes on in Temporal when a worker runs.`,
        { workflowId, answered: true },
      );
    });
    for (const { step, state, why } of rollback.steps) {
      if ((state !== 'done' && state !== 'failed') || said.has(step)) continue;
      said.add(step);
      if (options.json !== true) remark(options, `${state === 'done' ? '✓' : '✗'} ${step}: ${why}`);
    }
    if (rollback.outcome !== undefined) return rollback;
    await sleep(LOOK_EVERY_MS);
  }
}
