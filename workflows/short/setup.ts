import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../../activities';
import type { SetupInput, SetupResult } from '../messages';
import { deploying, synthesizing } from '../infra-rollback/proxies';

const { prepareSetup } = proxyActivities<Pick<Activities, 'prepareSetup'>>({
  startToCloseTimeout: '30s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumAttempts: 5 },
});

/**
 * Creates what a rollout needs in AWS beside the service, from the plan alone: flag, alarm push and guardian, as a separate
 * stack. A later run applies changes of the plan. With `diff` it only shows the changes.
 */
export async function setup({ plan, show }: SetupInput): Promise<SetupResult> {
  const { aws } = plan;
  const { deployments, notes } = await prepareSetup(plan);
  const last = deployments.at(-1);
  if (last === undefined) return { changes: [], stacks: [], notes };
  const { changes, template } = await synthesizing.synthesize({ infrastructure: last, aws, nextEnvironments: [] });
  if (show === true) return { changes, stacks: [], notes };
  const { firstExecutionRunId } = workflowInfo();
  const stacks = [];
  for (const [i, infrastructure] of deployments.entries()) {
    const approved = infrastructure === last ? template : undefined;
    const done = await deploying.deployStacks({ infrastructure, aws, token: `${firstExecutionRunId}-${i}`, approved });
    stacks.push(...done.stacks);
  }
  return { changes, stacks, notes };
}
