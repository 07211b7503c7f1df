import { InvalidArgumentError } from 'commander';
import type { OptionDeclaration, VerbDeclaration } from './verb';

/** The options of every verb. */
export const commonOptions: readonly OptionDeclaration[] = [
  { flags: '--plan <file>', summary: 'plan file (default: rollout.yaml here or in the nearest folder above)' },
  { flags: '--service <name>', summary: 'name of the service, instead of reading it from a plan' },
  { flags: '--sandbox', summary: 'use the sandbox that `npm start` runs on this machine' },
  { flags: '--profile <name>', summary: 'profile of the Temporal configuration file' },
  { flags: '--ui <url>', summary: 'address of the Temporal Web UI, for links (default: $TEMPORAL_UI)' },
  { flags: '--json', summary: 'JSON on standard output, everything else on standard error' },
  { flags: '--debug', summary: 'show where an error came from' },
];

/** The options of every verb that changes something. */
export const commandOptions = (reason: VerbDeclaration['reason']): readonly OptionDeclaration[] =>
  reason === undefined
    ? []
    : [
        { flags: '--by <name>', summary: 'your name, for the record (default: $ROLLOUT_ACTOR, else your user name)' },
        {
          flags: '--reason <text>',
          summary: 'why, for the log',
          required: reason === 'required' || undefined,
        },
      ];

export function percentageOf(text: string): number {
  const percentage = numberIn(text);
  if (percentage > 0 && percentage <= 100) return percentage;
  throw new InvalidArgumentError('Write a number above 0, up to 100.');
}

export function anyPercentageOf(text: string): number {
  const percentage = numberIn(text);
  if (percentage >= 0 && percentage <= 100) return percentage;
  throw new InvalidArgumentError('Write a number from 0 to 100.');
}

const numberIn = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text.replace(/\s*%$/, '')));
