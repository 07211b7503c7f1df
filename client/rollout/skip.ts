import { skipUpdate } from '../../workflows/messages';
import type { CommandOptions } from '../options';
import { percentageOf } from '../program/shared-options';
import { defineVerb } from '../program/verb';
import { steer } from './steer';

interface SkipOptions extends CommandOptions {
  readonly percentage?: number;
}

export const verb = defineVerb<SkipOptions>({
  name: 'skip',
  argument: '<env>',
  group: 'Raise',
  summary: 'leaves out one step of the plan, but not the last one',
  examples: [['rollout skip prod --percentage 50', 'from 25 % to 75 %']],
  reason: 'optional',
  options: [
    { flags: '--percentage <n>', summary: 'the step to leave out; it must be the next one', parse: percentageOf },
  ],
  leadsToZero: true,
  // The rollout refuses a step that is not named, so that a verb typed twice skips only one.
  handler: (target, options) =>
    steer(target, options, skipUpdate, (command) => ({ ...command, percentage: options.percentage })),
});
