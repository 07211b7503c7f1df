import { planHash } from '../../rules/plan/plan-hash';
import { approveUpdate } from '../../workflows/messages';
import { approveDeployment } from '../deployment/steer';
import type { CommandOptions, DeploymentOptions } from '../options';
import { percentageOf } from '../program/shared-options';
import { DEPLOYMENT, defineVerb } from '../program/verb';
import type { Target } from '../target';
import type { RolloutView } from '../temporal/find-rollout';
import type { ExitCode } from '../terminal/cli-error';
import { meansDeployment, steer } from './steer';

export interface ApproveOptions extends DeploymentOptions {
  readonly percentage?: number;
  /** Template hash of the deployment that the operator read. */
  readonly template?: string;
}

export const verb = defineVerb<ApproveOptions>({
  name: 'approve',
  argument: '<env>',
  group: 'Raise',
  daily: true,
  summary: 'approves, in your name, the next raise under the plan you read, or a waiting deployment',
  examples: [['rollout approve prod', 'approve the next raise under the plan in this file']],
  reason: 'optional',
  options: [
    { flags: '--percentage <n>', summary: 'the raise to approve (default: the next one)', parse: percentageOf },
    { flags: '--template <hash>', summary: 'template hash of the deployment to approve, as you read it' },
    DEPLOYMENT,
  ],
  leadsToZero: true,
  handler: async (target, options) => {
    const isDeployment = options.template !== undefined || (await meansDeployment(target, options));
    return isDeployment ? approveDeployment(target, options) : approveRaise(target, options);
  },
});

async function approveRaise(target: Target, options: ApproveOptions): Promise<ExitCode> {
  const hash = planHash(target.planned().plan);
  return steer(target, options, approveUpdate, (command, seen) => ({
    ...command,
    ...requestedStep(options, seen),
    planHash: hash,
  }));
}

/** The raise to approve: the one typed, else the next one that the rollout shows now. */
export function requestedStep(
  options: CommandOptions & { readonly percentage?: number },
  { status }: Pick<RolloutView, 'status'>,
): { readonly percentage?: number } {
  return { percentage: options.percentage ?? status.next };
}
