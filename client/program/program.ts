import { Command, Option } from 'commander';
import { nearestName } from '../../rules/plan/problems/nearest-name';
import { singleLine } from '../../rules/format';
import { version } from '../installed';
import type { CommonOptions } from '../options';
import type * as nextWayModule from '../flag/next-way';
import type * as targetModule from '../target';
import type { ExitCode } from '../terminal/cli-error';
import { sayWaits } from '../terminal/patience';
import { commandOptions, commonOptions } from './shared-options';
import type { OptionDeclaration, VerbDeclaration } from './verb';
import { startVerb, verbsFor } from './verbs';

export type ProgramName = 'rollout' | 'start-rollout';
type Done = (exitCode: ExitCode) => void;

/** Parses the command line. `done` gets the exit code of the verb that ran. Without `words` every verb is defined. */
export function program(name: ProgramName, done: Done, words: readonly string[] = []): Command {
  const command = name === 'start-rollout' ? verbOf(startVerb(), done, new Command(name)) : rollout(words, done);
  return command.version(version(), '--version', 'show the version of this program');
}

function rollout(words: readonly string[], done: Done): Command {
  const verbs = verbsFor(words);
  const top = new Command('rollout')
    .description('Shows and steers rollouts. Without [env] a verb uses the only rollout that is running.')
    .showHelpAfterError('(rollout --help lists the verbs, rollout VERB --help the options of one)')
    .on('command:*', ([typed = '']: readonly string[]) => top.error(unknownVerb(typed, verbs), { exitCode: 2 }))
    .addHelpText('after', () => `${examplesOf(verbs)}\n${REFUSED}${EXIT_CODES}`);
  for (const verb of verbs) verbOf(verb, done, commandOf(top, verb));
  return top;
}

/** A slip of a finger must not become an abort: what goes back is never suggested. */
function unknownVerb(typed: string, verbs: readonly VerbDeclaration[]): string {
  const names = verbs.filter(({ group }) => group !== 'Go back').map(({ name }) => name.split(' ')[0] ?? name);
  const meant = nearestName(typed, [...new Set(names)]);
  return `error: unknown command '${singleLine(typed)}'${meant === undefined ? '' : `\n(Did you mean ${meant}?)`}`;
}

/** `flags get` is a subcommand of `flags`. */
function commandOf(top: Command, { name }: VerbDeclaration): Command {
  const [family = '', rest] = name.split(' ');
  if (rest === undefined) return top.command(name);
  const known = top.commands.find((command) => command.name() === family);
  return (known ?? top.command(family).description('reads or writes the flag document directly')).command(rest);
}

function verbOf(verb: VerbDeclaration, done: Done, command: Command): Command {
  const { argument, second, summary, reason, options = [] } = verb;
  command.description(`${summary}.`).summary(summary);
  const words = [argument, second?.argument].filter((word) => word !== undefined);
  for (const word of words) command.argument(word);
  for (const option of options) command.addOption(optionOf(option));
  for (const option of [...commandOptions(reason), ...commonOptions]) command.addOption(optionOf(option));
  command.addHelpText('after', () => `${examplesOf([verb])}${EXIT_CODES}`);
  return command.action(async (...typed: readonly unknown[]) => {
    const given = typed[words.length] as CommonOptions;
    const [word, more] = typed.slice(0, words.length) as (string | undefined)[];
    done(await runVerb(verb, word, second === undefined ? given : { ...given, [second.key]: more }));
  });
}

function optionOf({ flags, summary, required, choices, parse, default: standard }: OptionDeclaration): Option {
  const option = new Option(flags, summary);
  if (required === true) option.makeOptionMandatory();
  if (choices !== undefined) option.choices(choices);
  if (parse !== undefined) option.argParser(parse);
  return standard === undefined ? option : option.default(standard);
}

/** Runs a verb as the program does. Throws a Failure for every end but exit code 0 and the ends that the verb reports. */
export function runVerb(verb: VerbDeclaration, word: string | undefined, options: CommonOptions): Promise<ExitCode> {
  // Loaded only now: help needs no plan.
  const { Target } = require('../target') as typeof targetModule;
  sayWaits(true);
  const target = new Target(word, options);
  const run = (): Promise<ExitCode> => target.run(() => verb.handler(target, options));
  if (verb.leadsToZero !== true) return run();
  const { orNextWay } = require('../flag/next-way') as typeof nextWayModule;
  return orNextWay(verb.name, target, run);
}

const EXIT_CODES = `
Exit codes: 0 done, 1 failed, 2 wrong usage or a wrong plan, 3 refused by a rule, 4 when the time of status --timeout was up. A watch ends with 0 when the rollout completed, 3 when it was refused at the start, and 1 when it was rolled back, aborted or cut off.

Temporal is found by TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_… or a profile of the
Temporal configuration file.`;

const REFUSED = `
A refused verb changes nothing: it says which rule refused, what would make it accept and, where time alone decides, from
when; with --json as { error, exitCode, rule, why, remedy, fromMs }.
`;

const LONGEST_EXAMPLE = 48;

/** All examples of these verbs, one per line. */
function examplesOf(verbs: readonly VerbDeclaration[]): string {
  const all = verbs.flatMap(({ examples }) => examples);
  const lines = all.map(([words, meaning]) => `  ${words.padEnd(LONGEST_EXAMPLE)}  ${meaning}`);
  return ['', 'Examples:', ...lines, ''].join('\n');
}
