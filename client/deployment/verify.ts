import type { Client } from '@temporalio/client';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import { describeVerification } from '../../rules/report/verification';
import { singleLine } from '../../rules/format';
import type { Verification, VerificationInput } from '../../workflows/messages';
import { deploymentWorkflowId, infraRollbackWorkflowId, verificationWorkflowId } from '../../workflows/messages';
import { actor } from '../input/actor';
import { inTime, type Temporal } from '../temporal/connect';
import { CliError, type ExitCode } from '../terminal/cli-error';
import type { CommandOptions } from '../options';
import { defineVerb } from '../program/verb';
import type { Target } from '../target';
import { say } from '../terminal/output';
import { refusedBy } from '../terminal/refused';
import { verificationProgress } from './verification-progress';
import { followWork } from '../temporal/work-progress';

export const verb = defineVerb<CommandOptions>({
  name: 'verify',
  argument: '<env>',
  group: 'Deploy',
  summary: 'verifies what is deployed: health, jobs with golden results, alarms and dashboard',
  examples: [['rollout verify staging', 'does what is deployed work?']],
  reason: 'optional',
  handler: verify,
});

/**
 * > After any deployment, verify
 *
 * Shows each part. 0 when it passed, 1 when it failed, 3 when a rule refused it.
 */
async function verify(target: Target, options: CommandOptions): Promise<ExitCode> {
  const { plan } = target.planned();
  const startedBy = actor(options.by);
  const { service, environment } = plan;
  const workflowId = verificationWorkflowId(service, environment);
  await refuseWhileStacksChange(await target.temporal(), plan);
  const said = verificationProgress(workflowId);
  const progress = (client: Client): ReturnType<typeof said> => said(client);
  const result = await followWork<VerificationInput, Verification>(target, {
    ...{ type: 'verification', workflowId, what: 'verification', progress },
    input: { plan, startedBy, reason: options.reason },
    summary: `${service} ${environment}: verified by ${startedBy}`,
  });
  return told(result, options);
}

/** While stacks change, a verification would not know what it verifies. */
async function refuseWhileStacksChange(temporal: Temporal, { service, environment }: EnvironmentPlan): Promise<void> {
  const works = [
    ['a deployment', deploymentWorkflowId],
    ['a rollback of the stacks', infraRollbackWorkflowId],
  ] as const;
  for (const [what, idOf] of works) {
    const workflowId = idOf(service, environment);
    if (!(await inTime(temporal, () => isRunning(temporal, workflowId)))) continue;
    const why = `${what} of ${environment} is running (workflow ${workflowId})`;
    throw refusedBy({ rule: 'state', why, remedy: 'wait until it has ended' });
  }
}

async function isRunning({ client }: Temporal, workflowId: string): Promise<boolean> {
  try {
    return (await client.workflow.getHandle(workflowId).describe()).status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowNotFoundError') return false;
    throw error;
  }
}

function told(result: Verification, options: CommandOptions): ExitCode {
  const json = { ...result, passed: result.outcome === 'passed', recorded: result.template !== undefined };
  if (result.refusal !== undefined) throw refusedBy(result.refusal, json);
  const text = describeVerification(result);
  if (result.outcome === 'passed') {
    say(options, 'verification', { text, json });
    return 0;
  }
  if (options.json !== true) say(options, 'verification', { text, json });
  const { service, environment, why = '' } = result;
  throw new CliError(1, `${service} ${environment}: the verification failed: ${singleLine(why)}.`, json);
}
