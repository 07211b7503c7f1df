import { rejectUpdate } from '../../workflows/messages';
import { rejectDeployment } from '../deployment/steer';
import type { DeploymentOptions } from '../options';
import { DEPLOYMENT, defineVerb } from '../program/verb';
import { meansDeployment, steer } from './steer';

export const verb = defineVerb<DeploymentOptions>({
  name: 'reject',
  argument: '<env>',
  group: 'Raise',
  summary: 'rejects the raise or deployment that waits for approval',
  examples: [['rollout reject prod --reason "job 17 differs"', 'reject the waiting raise']],
  reason: 'required',
  options: [DEPLOYMENT],
  leadsToZero: true,
  handler: async (target, options) =>
    (await meansDeployment(target, options))
      ? rejectDeployment(target, options)
      : steer(target, options, rejectUpdate, (command) => command),
});
