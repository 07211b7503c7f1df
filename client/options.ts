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
  const which = [
    ...(options.service === undefined ? [] : ['--service', options.service]),
    ...(options.plan === undefined || options.service !== undefined ? [] : ['--plan', options.plan]),
    ...(options.sandbox === true ? ['--sandbox'] : []),
    ...(options.profile === undefined ? [] : ['--profile', options.profile]),
  ];
  return ['npx', 'rollout', verb, environment, ...which].join(' ');
}
