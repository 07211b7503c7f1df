/** What was read from AWS for a diagnosis. Anything that was not or could not be read is left out. */

export interface Evidence {
  /** The API call it comes from, as `GetExecutionHistory`. */
  readonly source: string;
  /** ARN or name of the resource. */
  readonly where: string;
  readonly atMs?: number;
  readonly says: string;
}

export interface Signs {
  readonly nowMs: number;
  readonly region: string;
  /** Errors of executions that are the user's own mistake. */
  readonly userErrors: readonly string[];
  readonly executions: readonly ExecutionSign[];
  readonly queue?: QueueSign;
  readonly computeEnvironments: readonly ComputeSign[];
  readonly jobDefinitions: readonly JobDefinitionSign[];
  readonly waitingJobs: readonly JobSign[];
  readonly failedJobs: readonly JobSign[];
  readonly bucket?: BucketSign;
  readonly roles: readonly RoleSign[];
  readonly logLines: readonly Evidence[];
}

/** An execution that did not succeed. */
export interface ExecutionSign {
  readonly arn: string;
  readonly status: string;
  /** When it was started, or redriven last. */
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
  /** The error it ended with; absent when it was stopped or timed out. */
  readonly error?: string;
  /** Its failing events as `error: cause`, oldest first, the end of the execution last. */
  readonly events: readonly Evidence[];
}

export interface QueueSign {
  readonly name: string;
  readonly found: boolean;
  readonly state?: string;
  readonly status?: string;
  readonly statusReason?: string;
  /** Names, in the queue's order. */
  readonly computeEnvironments: readonly string[];
}

export interface ComputeSign {
  readonly name: string;
  readonly found: boolean;
  readonly state?: string;
  readonly status?: string;
  readonly statusReason?: string;
  readonly maxvCpus?: number;
  /** vCPUs of all running machines together. */
  readonly desiredvCpus?: number;
  readonly subnets: readonly string[];
}

export interface JobDefinitionSign {
  readonly name: string;
  /** Whether it has an active revision. */
  readonly found: boolean;
  readonly image?: string;
  readonly jobRoleArn?: string;
}

export interface JobSign {
  readonly id: string;
  readonly name: string;
  readonly createdAtMs: number;
  readonly statusReason?: string;
  readonly vcpus?: number;
  readonly exitCode?: number;
  readonly containerReason?: string;
}

export interface BucketSign {
  readonly name: string;
  /** `hidden`: AWS refuses to say, because the bucket belongs to another account or the worker lacks the permission. */
  readonly kind: 'found' | 'missing' | 'elsewhere' | 'hidden';
  readonly region?: string;
  /** The bucket policy as JSON; absent when it has none. */
  readonly policy?: string;
}

/** What the policies of a job's role allow on the bucket, according to IAM's policy simulator. */
export interface RoleSign {
  readonly arn: string;
  readonly found: boolean;
  readonly refused: readonly { readonly action: string; readonly resource: string; readonly decision: string }[];
}
