import { ChildWorkflowCancellationType, isCancellation, startChild, workflowInfo } from '@temporalio/workflow';
import type { DeploymentResult, VerifiedAfter } from '../../rules/stacks/results';
import { notAsked } from '../../rules/verification/verification';
import type { DeploymentStore } from './store';
import { verificationWorkflowId } from '../messages';
import { causeOf, untilStopped } from '../cancellable';
import type { verification } from '../verification/verification';

/**
 * > After any deployment, verify
 *
 * Verifies the new deployment with the workflow that `rollout verify` starts, so that its parts can be followed there. The
 * deployment stays whatever the result; an abort ends the verification.
 */
export async function verifiedAfter(store: DeploymentStore, result: DeploymentResult): Promise<DeploymentResult> {
  const { plan, state } = store;
  const wanted = result.refusal === undefined && result.aborted === undefined && state.aborted === undefined;
  if (!wanted || notAsked(plan) !== undefined) return result;
  store.enter('verifying');
  return { ...result, verification: await verificationOf(store) };
}

async function verificationOf(store: DeploymentStore): Promise<VerifiedAfter> {
  const { plan, state } = store;
  const workflowId = verificationWorkflowId(plan.service, plan.environment);
  const input = { plan, startedBy: state.startedBy, reason: `deployed by ${workflowInfo().workflowId}` };
  try {
    const { outcome, why = '' } = await untilStopped(
      () => store.state.aborted !== undefined,
      async () => {
        const child = await startChild<typeof verification>('verification', {
          workflowId,
          args: [input],
          cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
        });
        return child.result();
      },
    );
    return { passed: outcome === 'passed', why, workflowId };
  } catch (error) {
    const aborted = isCancellation(error) || store.state.aborted !== undefined;
    const why = aborted ? 'the deployment was aborted meanwhile' : causeOf(error);
    return { passed: false, why: `not verified: ${why}`, workflowId };
  }
}
