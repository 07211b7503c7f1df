import { messageOf } from '../../activities/break-glass';
import { percent } from '../../rules/format';
import { sidesOf } from '../../rules/plan/environment-plan';
import { actor } from '../input/actor';
import type { CommandOptions } from '../options';
import { commandLine } from '../options';
import { defineVerb } from '../program/verb';
import type { Target } from '../target';
import { CliError } from '../terminal/cli-error';
import type { ExitCode } from '../terminal/cli-error';
import type { Answers } from '../answers/answers';
import { say } from '../terminal/output';
import { otherAccount, wayTo } from './break-glass';

export const verb = defineVerb<CommandOptions>({
  name: 'flags init',
  argument: '<env>',
  group: 'Raise',
  summary: 'makes the flag parameter of an environment at 0 %; one that is there keeps its percentage and its keys',
  examples: [['rollout flags init dev', 'the first document of dev']],
  reason: 'optional',
  handler: flagsInit,
});

async function flagsInit(target: Target, options: CommandOptions): Promise<ExitCode> {
  const { named: environment } = target;
  const way = wayTo(target, environment);
  const { parameter, format } = way.flag;
  const by = actor(options.by);
  const made = await way.glass.create(by).catch((error: unknown) => {
    throw new CliError(1, `The flag of ${environment} was not made: ${messageOf(error)}.`);
  });
  if (made.status === 'other-account') throw otherAccount(way, { account: made.account, wrote: false });
  if (made.status === 'refused')
    throw new CliError(
      1,
      `Parameter ${parameter} was not changed: ${made.why}. Name another one in the plan's flag.parameter, or empty it.`,
    );
  const json: Answers['flag-made'] = { verb: 'flags init', done: true, environment, parameter, by, ...made };
  const what = made.status === 'written' ? 'written' : 'there already, and unchanged';
  const limits =
    format === 'number'
      ? ['- a plain number names no writer, and readers cannot ignore a raise that arrives late']
      : [];
  const text = [
    `**${way.service} ${environment}: the flag is ${what}, at ${percent(made.percentage)} ${sidesOf(way.flag).new}**`,
    `- parameter ${parameter}`,
    ...limits,
    `- compare it with the plan: \`${commandLine('doctor', environment, options)}\``,
  ].join('\n');
  say(options, 'flag-made', { text, json });
  return 0;
}
