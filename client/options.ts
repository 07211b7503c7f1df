import { called, quoted } from './terminal/called';

/** The options of every verb, as commander passes them. */
export interface CommonOptions {
  /** Plan file, relative to the working directory; without it `rollout.yaml` is looked for there and above. */
  readonly plan?: string;
  readonly sandbox?: boolean;
  /** Names the service instead of a plan. */
  readonly service?: string;
  /** Profile of the Temporal configuration file. */
  readonly profile?: string;
  /** Address of the Temporal Web UI, for links. */
  readonly ui?: string;
  readonly json?: boolean;
  readonly debug?: boolean;
  /** Gets the answer instead of standard output: a verb that is run by a page answers there. */
  readonly answered?: (answer: { readonly text: string; readonly json: object }) => void;
}

/** The way to 0 % without Temporal, for a verb whose effect is not confirmed. */
export interface NextWay {
  /** A worker answered, so the verb's own message is enough. */
  heard(): void;
  /** Prints the way, once. */
  say(): void;
  /** Shell commands to paste, one for each environment that the verb may act on. */
  readonly lines: readonly string[];
}

export interface CommandOptions extends CommonOptions {
  readonly by?: string;
  readonly reason?: string;
}

export interface ReasonedOptions extends CommandOptions {
  readonly reason: string;
}

/** For verbs that may act on a deployment instead of a rollout. */
export interface DeploymentOptions extends CommandOptions {
  readonly deployment?: boolean;
}

/** The command line of another verb on the same rollout, as it can be pasted in the current folder. */
export const commandLine = (verb: string, environment: string, options: CommonOptions): string =>
  [called('rollout'), verb, quoted(environment), ...sameTarget(options)].join(' ');

/** The options typed that say which plan, service and server are meant. */
export function sameTarget({ service, plan, sandbox, profile }: CommonOptions): readonly string[] {
  return [
    ...given('--service', service),
    ...given('--plan', service === undefined ? plan : undefined),
    ...(sandbox === true ? ['--sandbox'] : []),
    ...given('--profile', profile),
  ];
}

const given = (option: string, value: string | undefined): readonly string[] =>
  value === undefined ? [] : [option, quoted(value)];

/**
 * The shell command that writes 0 % with AWS alone. It needs the plan, which says where the flag is, and repeats the
 * options typed.
 */
export function breakGlassLine(environment: string, reason: string, options: CommandOptions): string {
  const { service, plan, sandbox, profile, by } = options;
  return [
    ...[called('rollout'), 'flags', 'set', quoted(environment), '--percentage', '0', '--break-glass'],
    ...given('--reason', reason),
    ...given('--by', by),
    ...given('--plan', plan),
    ...given('--service', service),
    ...(sandbox === true ? ['--sandbox'] : []),
    ...given('--profile', profile),
  ].join(' ');
}
