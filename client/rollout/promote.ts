import type { Command, PromoteCommand } from '../../workflows/messages';
import { promoteUpdate } from '../../workflows/messages';
import type { CommandOptions } from '../options';
import { defineVerb } from '../program/verb';
import { CliError } from '../terminal/cli-error';
import { steer } from './steer';

export interface PromoteOptions extends CommandOptions {
  readonly full?: boolean;
  readonly override?: boolean;
}

export const verb = defineVerb<PromoteOptions>({
  name: 'promote',
  argument: '<env>',
  group: 'Raise',
  summary: 'ends the soak; window, freeze, health and approvals still decide',
  examples: [['rollout promote prod', 'raise as soon as the other gates are open']],
  reason: 'optional',
  options: [
    { flags: '--full', summary: 'end every remaining soak, up to 100 %' },
    {
      flags: '--override',
      summary: 'emergency: ignore window and freeze for the next raise, once; needs --reason',
    },
  ],
  leadsToZero: true,
  handler: async (target, options) => {
    const how = promotion(options);
    return steer(target, options, promoteUpdate, (command) => ({ ...command, ...how }));
  },
});

export function promotion(options: PromoteOptions): Omit<PromoteCommand, keyof Command> {
  const { full, override, reason } = options;
  if (override === true && reason === undefined)
    throw new CliError(2, 'Overriding windows and freezes needs a reason for the record: add --reason TEXT.');
  return { full, override };
}
