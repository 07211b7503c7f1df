import { deploymentWorkflowId, rolloutWorkflowId } from '../../workflows/messages';
import { abortRelease, alsoAbortRelease } from '../deployment/abort-release';
import { act } from './pause-resume-abort';
import { checklist as rolloutChecklist } from './checklist';
import { withTemporal } from '../temporal/connect';
import { Failure } from '../terminal/failure';
import type { ExitCode } from '../terminal/failure';
import { runningDeployment } from '../temporal/find-deployment';
import type { AbortOptions, ApproveOptions, ChecklistOptions, CommandOptions, DeploymentOptions } from '../options';
import { typed } from '../options';
import { remark, warn } from '../terminal/output';
import { serviceOf } from '../input/plan-file';
import { approve as approveRaise, leaveUndelivered, reject as rejectRaise } from './steer';
import * as deployment from '../deployment/steer';

/** `rollout approve <env>`: a deployment that waits, or the next raise. */
export async function approve(environment: string, options: ApproveOptions): Promise<ExitCode> {
  const isDeployment = options.template !== undefined || (await meansDeployment(environment, options));
  return isDeployment ? deployment.approveDeployment(environment, options) : approveRaise(environment, options);
}

/** `rollout reject <env> --reason` */
export async function reject(environment: string, options: DeploymentOptions): Promise<ExitCode> {
  if (await meansDeployment(environment, options)) return deployment.rejectDeployment(environment, options);
  return rejectRaise(environment, options);
}

/** `rollout checklist <env> [--tick <id>]` */
export async function checklist(environment: string, options: ChecklistOptions): Promise<ExitCode> {
  if (await meansDeployment(environment, options)) return deployment.deploymentChecklist(environment, options);
  return rolloutChecklist(environment, options);
}

/**
 * `rollout abort [env]`: the rollout first, and nothing is put in front of it; then a release, which would begin one. A
 * deployment by itself only when it is named.
 */
export async function abort(environment: string | undefined, options: AbortOptions): Promise<ExitCode> {
  if (options.undelivered === true) {
    if (options.deployment === true) throw new Failure(2, '--undelivered is about a rollout, not about a deployment.');
    return leaveUndelivered(environment, options);
  }
  if (options.deployment === true && environment !== undefined) return deployment.abortDeployment(environment, options);
  const code = await act('abort', environment, options, (temporal) => abortRelease(temporal, environment, options));
  if (environment === undefined) return code;
  await alsoAbortRelease(environment, options);
  const words = `${typed('abort', environment, options)} --deployment`;
  // What was asked for is done: that nobody can be asked about a deployment now is no failure of it.
  const { deploys } = await whatRuns(environment, options).catch(() => ({ deploys: false }));
  if (deploys) warn(`A deployment of ${environment} is running, and goes on: ${words} stops it.`);
  return code;
}

/** Said by a flag, or the only one that runs. Where both run the rollout is meant. */
async function meansDeployment(
  environment: string,
  options: DeploymentOptions & { readonly percentage?: number },
): Promise<boolean> {
  if (options.deployment === true) return true;
  if (options.percentage !== undefined) return false;
  const { deploys, rolls } = await whatRuns(environment, options);
  if (deploys && rolls) remark(options, `A deployment of ${environment} is running too: --deployment means that one.`);
  return deploys && !rolls;
}

function whatRuns(
  environment: string,
  options: CommandOptions,
): Promise<{ readonly deploys: boolean; readonly rolls: boolean }> {
  const service = serviceOf(environment, options);
  return withTemporal(options, async (temporal) => {
    const deploys = await runningDeployment(temporal, deploymentWorkflowId(service, environment));
    if (deploys === undefined) return { deploys: false, rolls: false };
    const rollout = temporal.client.workflow.getHandle(rolloutWorkflowId(service, environment));
    const rolls = await rollout.describe().then(
      ({ status }) => status.name === 'RUNNING',
      () => false,
    );
    return { deploys: true, rolls };
  });
}
