import { actor } from '../input/actor';
import type { ReasonedOptions } from '../options';
import { defineVerb } from '../program/verb';
import { zoneOfPlan } from '../input/times';
import { plansOf, writeAll } from './freeze';

export const verb = defineVerb<ReasonedOptions>({
  name: 'unfreeze',
  argument: '[env]',
  group: 'Raise',
  summary: 'removes every freeze that `freeze` wrote; freezes of the plan file stay',
  examples: [['rollout unfreeze --reason "the holidays are over"', 'allow raises again']],
  reason: 'required',
  handler: async (target, { by, reason }) => {
    const plans = plansOf(target);
    const order = { by: actor(by), reason };
    return writeAll('unfreeze', plans, target, (plan) => ({ ...order, zone: zoneOfPlan(plan) }));
  },
});
