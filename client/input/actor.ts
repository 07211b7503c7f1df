import { userInfo } from 'node:os';
import { nameProblem, personOf } from '../../rules/person';
import type { Command } from '../../workflows/messages';
import type { CommandOptions } from '../options';
import { CliError } from '../terminal/cli-error';

/**
 * The actor: `--by`, else ROLLOUT_ACTOR, else the user name on this machine. Throws a Failure for a name with invisible
 * characters: two people could look like one, or one like two.
 */
export function actor(by: string | undefined): string {
  const named = given(by);
  if (named === undefined) return userName();
  const problem = nameProblem(named);
  if (problem !== undefined)
    throw new CliError(2, `The name of the actor cannot be used: ${problem.why}. ${upper(problem.remedy)}.`);
  return personOf(named);
}

/** The actor and the reason. */
export const commandOf = (options: CommandOptions): Command & { readonly by: string } => ({
  by: actor(options.by),
  reason: options.reason,
});

/** The same for a verb that leads to 0 % or stops raises: no name is refused. */
export const commandOfZero = (options: CommandOptions): Command & { readonly by: string } => ({
  by: actorOfZero(options.by),
  reason: options.reason,
});

/** The actor of a verb that may lead to 0 %. An unusable name never stops the verb; only its visible characters count. */
export function actorOfZero(by: string | undefined): string {
  const named = personOf(given(by) ?? '');
  return named === '' ? userName() : named;
}

function given(by: string | undefined): string | undefined {
  const named = process.env['ROLLOUT_ACTOR'];
  return by ?? (named === undefined || named.trim() === '' ? undefined : named);
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    throw new CliError(2, 'This machine does not know your name. Set it with --by NAME or ROLLOUT_ACTOR.');
  }
}

const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
