import type { Command } from 'commander';
import type { ExitCode } from '../terminal/failure';
import type { CommonOptions, FlagsSetOptions, ReasonedOptions } from '../options';
import { anyPercentageOf, common, reasoned } from './shared-options';
import { verbs } from './lazy-verbs';

/** `rollout flags get|set`: the flag by AWS alone, when Temporal is down. `release-owner` asks the worker, as other verbs do. */
export function addFlags(top: Command, done: (exitCode: ExitCode) => void): void {
  const flags = top
    .command('flags')
    .description('the flag document itself; get and set by AWS alone: they work while Temporal is down');
  common(flags.command('get <env>').description('shows the flag document as it stands')).action(
    async (env: string, options: CommonOptions) => done(await verbs.flags().flagsGet(env, options)),
  );
  reasoned(flags.command('set <env>').description('emergency: writes 0 % without Temporal, and looks at it again'))
    .requiredOption('--percentage <n>', 'only 0 is accepted', anyPercentageOf)
    .option('--break-glass', 'you know that no rollout is asked')
    .action(async (env: string, options: FlagsSetOptions) => done(await verbs.flags().flagsSet(env, options)));
  reasoned(
    flags.command('release-owner <env>').description('frees a flag whose owner, another rollout, is known to be gone'),
  ).action(async (env: string, options: ReasonedOptions) => done(await verbs.flagsOwner()(env, options)));
}
