import { defineVerb } from '../program/verb';
import type { CommandOptions } from '../options';
import { CliError } from '../terminal/cli-error';
import { control } from './control';

interface ResumeOptions extends CommandOptions {
  /** Continue from the percentage of the outside change. */
  readonly adopt?: boolean;
  /** Overwrite it with the percentage of the step. */
  readonly restore?: boolean;
}

export const verb = defineVerb<ResumeOptions>({
  name: 'resume',
  argument: '[env]',
  group: 'Raise',
  summary: 'continues after a pause or a hold',
  examples: [['rollout resume prod', 'continue after a pause']],
  reason: 'optional',
  options: [
    {
      flags: '--adopt',
      summary: 'after an outside change of the flag: continue from the present value (default)',
    },
    {
      flags: '--restore',
      summary: 'after an outside change of the flag: overwrite it with the percentage of the step',
    },
  ],
  leadsToZero: true,
  handler: async (target, options) => control('resume', target, options, flagOf(options)),
});

function flagOf({ adopt, restore }: ResumeOptions): 'adopt' | 'restore' | undefined {
  if (adopt === true && restore === true)
    throw new CliError(
      2,
      'Choose one: --adopt continues from the value of the flag, --restore writes the percentage of the step again.',
    );
  if (restore === true) return 'restore';
  return adopt === true ? 'adopt' : undefined;
}
