import { PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { formatFlags } from '../../flags/contract';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';

/** As `rollout setup` leaves a flag. */
export async function flagAtZero(ssm: SSMClient, { salt, parameter }: EnvironmentPlan['flag']): Promise<void> {
  const zero = { schema: 1, generation: 1, writer: 'bench', reason: 'bench', salt, percentage: 0 } as const;
  await ssm.send(new PutParameterCommand({ Name: parameter, Value: formatFlags(zero), Type: 'String' }));
}
