import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';

/** What every verb takes. */
export function common(command: Command): Command {
  return command
    .option('--plan <file>', 'plan file (default: plans/pavi.yaml; with --sandbox plans/sandbox.yaml)')
    .option('--service <name>', 'name the service yourself, without a plan')
    .option('--sandbox', 'the sandbox that `npm start` runs on this machine')
    .option('--profile <name>', 'profile of the Temporal configuration file')
    .option('--ui <url>', 'address of the Temporal Web UI, for links (default: $TEMPORAL_UI)')
    .option('--json', 'JSON on standard output, everything else on standard error')
    .option('--debug', 'show where an error came from');
}

/** What a verb takes that changes something. */
export function commanding(command: Command): Command {
  return named(command).option('--reason <text>', 'why, for those who read the log later');
}

/** The same for a verb that nobody may use without a reason. */
export function reasoned(command: Command): Command {
  return named(command).requiredOption('--reason <text>', 'why, for those who read the log later');
}

function named(command: Command): Command {
  return common(command).option('--by <name>', 'who asks (default: $ROLLOUT_ACTOR, else your user name)');
}

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
