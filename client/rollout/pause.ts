import { defineVerb } from '../program/verb';
import type { CommandOptions } from '../options';
import { control } from './control';

export const verb = defineVerb<CommandOptions>({
  name: 'pause',
  argument: '[env]',
  group: 'Raise',
  daily: true,
  summary: 'stops all raises until `resume`; the soak grows by the pause; alarms still return traffic to 0 %',
  examples: [['rollout pause prod --reason "looking at job 17"', 'no raise until `resume`']],
  reason: 'optional',
  leadsToZero: true,
  handler: (target, options) => control('pause', target, options),
});
