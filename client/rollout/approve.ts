import { planHash } from '../../rules/plan/plan-hash';
import { approveUpdate } from '../../workflows/messages';
import { approveDeployment } from '../deployment/steer';
import type { CommandOptions, DeploymentOptions } from '../options';
import { percentageOf } from '../program/shared-options';
import { DEPLOYMENT, defineVerb } from '../program/verb';
import type { Target } from '../target';
import type { Seen } from '../temporal/find-rollout';
import type { ExitCode } from '../terminal/failure';
import { meansDeployment, steer } from './steer';

export interface ApproveOptions extends DeploymentOptions {
  readonly percentage?: number;
  /** Hash of what a deployment would deploy, as it was read. */
  readonly template?: string;
}

export const verb = defineVerb<ApproveOptions>({
  name: 'approve',
  argument: '<env>',
  group: 'Raise',
  daily: true,
  summary: 'approves, in your name, the next raise of the plan you read, or a deployment that waits',
  examples: [['rollout approve prod', 'yes to the next raise, by the plan as it is here']],
  reason: 'optional',
  options: [
    { flags: '--percentage <n>', summary: 'the raise that is meant (default: the next one)', parse: percentageOf },
    { flags: '--template <hash>', summary: 'what a deployment would deploy, as it was read' },
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
    ...meant(options, seen),
    planHash: hash,
  }));
}

/** The raise that the one who asks has in mind: the one typed, else the next one as the rollout shows it now. */
export function meant(
  options: CommandOptions & { readonly percentage?: number },
  { status }: Pick<Seen, 'status'>,
): { readonly percentage?: number } {
  return { percentage: options.percentage ?? status.next };
}
