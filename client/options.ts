/** The options every verb takes, as commander hands them over. */
export interface CommonOptions {
  /** Plan file, relative to the working directory. */
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
  /** Set by the program for the verbs that must name another way to 0 % when nobody answers. */
  readonly nextWay?: NextWay;
}

/** The way to 0 % that needs no Temporal, for a verb whose effect is not confirmed. */
export interface NextWay {
  /** A worker answered: the verb's own words are enough. */
  heard(): void;
  /** Prints the way, once. */
  say(): void;
  /** Commands to paste into a shell, one for each environment that may be meant. */
  readonly lines: readonly string[];
}

export interface CommandOptions extends CommonOptions {
  readonly by?: string;
  readonly reason?: string;
}

export interface ResumeOptions extends CommandOptions {
  /** Goes on from the percentage that somebody else wrote. */
  readonly adopt?: boolean;
  /** Writes the percentage of the step again over it. */
  readonly restore?: boolean;
}

export interface DeployOptions extends CommandOptions {
  /** Only shows what would change. */
  readonly diff?: boolean;
  /** False to deploy without verifying. */
  readonly verify?: boolean;
}

export interface ReleaseOptions extends CommandOptions {
  /** Only starts it. */
  readonly detach?: boolean;
}

export interface RollbackOptions extends DeployOptions {
  /** How far back. */
  readonly to: 'flag' | 'infra' | 'nextflow';
  /** Waits until nothing runs on Step Functions any more. */
  readonly drain?: boolean;
}

export interface FlagsSetOptions extends CommandOptions {
  readonly percentage: number;
  readonly reason: string;
  /** Without Temporal. */
  readonly breakGlass?: boolean;
}

export interface FindingsOptions extends CommandOptions {
  readonly file: string;
}

export interface StartOptions extends CommandOptions {
  readonly watch?: boolean;
}

/** For the verbs that mean one raise. */
export interface StepOptions extends CommandOptions {
  readonly percentage?: number;
}

/** For the verbs that may mean a deployment instead of a rollout. */
export interface DeploymentOptions extends CommandOptions {
  readonly deployment?: boolean;
}

export interface AbortOptions extends DeploymentOptions {
  /** Ends the rollout although 0 % is not delivered to every instance. */
  readonly undelivered?: boolean;
}

export interface ApproveOptions extends StepOptions, DeploymentOptions {
  /** Hash of what a deployment would deploy, as it was read. */
  readonly template?: string;
}

export interface PromoteOptions extends CommandOptions {
  readonly full?: boolean;
  readonly override?: boolean;
}

export interface ExtendOptions extends CommandOptions {
  /** A length of time, as `6h`, from now. */
  readonly for?: string;
  /** ISO 8601. */
  readonly until?: string;
}

export interface FreezeOptions extends CommandOptions {
  readonly reason: string;
  /** ISO 8601; now when left out. */
  readonly from?: string;
  /** ISO 8601. */
  readonly until: string;
}

export interface ReasonedOptions extends CommandOptions {
  readonly reason: string;
}

export type UnfreezeOptions = ReasonedOptions;

export interface ChecklistOptions extends DeploymentOptions {
  /** Id of the item that is ticked. */
  readonly tick?: string;
}

export interface ListOptions extends CommonOptions {
  readonly all?: boolean;
}

export interface PlanOptions extends CommonOptions {
  /** When the rollout would start, ISO 8601; now when left out. */
  readonly from?: string;
}

export interface DiagnoseOptions extends CommonOptions {
  /** ARN of an execution of Step Functions. */
  readonly execution?: string;
}

/** The words to type for another verb on the same rollout. */
export function typed(verb: string, environment: string, options: CommonOptions): string {
  const { service, plan, sandbox, profile } = options;
  const which = [
    ...given('--service', service),
    ...given('--plan', service === undefined ? plan : undefined),
    ...(sandbox === true ? ['--sandbox'] : []),
    ...given('--profile', profile),
  ];
  return ['npx', 'rollout', verb, quoted(environment), ...which].join(' ');
}

const given = (option: string, value: string | undefined): readonly string[] =>
  value === undefined ? [] : [option, quoted(value)];

/**
 * The command that writes 0 % by AWS alone, to paste into a shell as it is. It needs the plan, which says where the flag is;
 * what was typed beside it is repeated.
 */
export function breakGlassLine(environment: string, reason: string, options: CommandOptions): string {
  const { service, plan, sandbox, profile, by } = options;
  return [
    ...['npx', 'rollout', 'flags', 'set', quoted(environment), '--percentage', '0', '--break-glass'],
    ...given('--reason', reason),
    ...given('--by', by),
    ...given('--plan', plan),
    ...given('--service', service),
    ...(sandbox === true ? ['--sandbox'] : []),
    ...given('--profile', profile),
  ].join(' ');
}

/**
 * One word of a POSIX shell. Control characters become spaces: a terminal that is pasted into would obey them, and no line may
 * be cut in two.
 */
function quoted(text: string): string {
  const line = text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
  return /^[\w./:@%+,][\w./:=@%+,-]*$/.test(line) ? line : `'${line.replaceAll("'", "'\\''")}'`;
}
