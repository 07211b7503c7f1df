import { userInfo } from 'node:os';
import { nameProblem, personOf } from '../../rules/person';
import type { Command } from '../../workflows/messages';
import type { CommandOptions } from '../options';
import { Failure } from '../terminal/failure';

/**
 * Who asks: `--by`, else ROLLOUT_ACTOR, else the name this machine knows the user by. Throws a Failure for a name of which something
 * cannot be seen: two people would look like one, and one like two.
 */
export function actor(by: string | undefined): string {
  const named = given(by);
  if (named === undefined) return userName();
  const problem = nameProblem(named);
  if (problem !== undefined) throw new Failure(2, `Who asks is not known: ${problem.why}. ${upper(problem.remedy)}.`);
  return personOf(named);
}

/** The name of the one who asks, and why. */
export const commandOf = (options: CommandOptions): Command & { readonly by: string } => ({
  by: actor(options.by),
  reason: options.reason,
});

/** The same for a verb that leads to 0 % or keeps a rollout from rising: no name refuses it. */
export const commandOfZero = (options: CommandOptions): Command & { readonly by: string } => ({
  by: actorOfZero(options.by),
  reason: options.reason,
});

/** The name for a verb that may lead to 0 %: a name never keeps it from being carried out, only what can be seen of it counts. */
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
    throw new Failure(2, 'This machine does not know your name. Say who you are with --by NAME or ROLLOUT_ACTOR.');
  }
}

const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
