import type { Client } from '@temporalio/client';
import { newsOf } from '../client/deployment/verification-progress';
import type { Verification } from '../rules/verification/verification';
import { TASK_QUEUE, verificationQuery, type VerificationInput, verificationWorkflowId } from '../workflows/messages';
import { UserError } from './process/user-error';
import type { Served } from './environment-handle';

const POLL_MS = 500;

/** Verifies the deployment of one environment as `rollout verify` does, and reports progress: a rollout requires it. */
export async function verify(
  client: Client,
  { plan, apiUrl }: Pick<Served, 'plan' | 'apiUrl'>,
  progress: (text: string) => void,
): Promise<void> {
  const { service, environment } = plan;
  const input: VerificationInput = {
    plan: { ...plan, verification: { ...plan.verification, apiUrl } },
    startedBy: 'sandbox',
  };
  const workflowId = verificationWorkflowId(service, environment);
  const handle = await client.workflow.start('verification', { taskQueue: TASK_QUEUE, workflowId, args: [input] });
  const said = new Map<string, string>();
  const timer = setInterval(() => {
    const told = (seen: Verification): void =>
      newsOf(seen, said, Date.now()).forEach((line) => progress(`${environment}: ${line}`));
    handle.query(verificationQuery).then(told, () => undefined);
  }, POLL_MS);
  try {
    const { outcome, why = '' } = (await handle.result()) as Verification;
    if (outcome !== 'passed') throw new UserError(`The verification of ${environment} ${outcome ?? 'ended'}: ${why}`);
  } finally {
    clearInterval(timer);
  }
}
