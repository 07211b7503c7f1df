import type { Refusal } from '../refusal';

/** Result and progress of a deployment, the same for the activity, the workflow and the CLI. */
export interface DeploymentResult {
  readonly stacks: readonly DeployedStack[];
  /** Present when a rule or a person refused it; then nothing was deployed. */
  readonly refusal?: Refusal;
  /** Present when it was aborted: what was left behind. */
  readonly aborted?: string;
  /** Hash of the deployed template (`rules/stacks/synthesis.ts`), and its git revision if known. */
  readonly template?: string;
  readonly revision?: string;
  /** Result of its verification; absent when nothing was deployed or no verification was requested. */
  readonly verification?: VerifiedAfter;
  /** What the operator should know although it succeeded. */
  readonly notes?: readonly string[];
}

export interface VerifiedAfter {
  readonly passed: boolean;
  readonly why: string;
  /** The workflow that shows its parts. */
  readonly workflowId: string;
}

export const verifiedWords = ({ passed, why }: VerifiedAfter): string =>
  `${passed ? 'verified' : 'the verification FAILED'}: ${why}`;

export interface DeployedStack {
  readonly name: string;
  /** `no-changes` is a success: the deployment already equals the synthesized template. */
  readonly outcome: 'created' | 'updated' | 'no-changes';
  readonly outputs: Readonly<Record<string, string>>;
}

/** A stack after a deployment was stopped. */
export interface StoppedStack {
  readonly name: string;
  /** CloudFormation's status, or `absent`. */
  readonly status: string;
  /** Whether the deployment had started an operation on it. */
  readonly begun: boolean;
}

/** Heartbeat details of a running deployment. */
export interface DeploymentProgress {
  /** Empty while the app is synthesized. */
  readonly stack: string;
  readonly message: string;
  /** Resources done, of `total`; both 0 until CloudFormation reports them. */
  readonly done: number;
  readonly total: number;
}

/** Progress of a stack whose resources are not counted. */
export const uncounted = (stack: string, message: string): DeploymentProgress => ({
  stack,
  message,
  done: 0,
  total: 0,
});

/** What a deployment or a way back would change in one stack, as CDK shows it. */
export interface StackChanges {
  readonly name: string;
  readonly changed: boolean;
  /** Changes of permissions and network access; empty when there are none. */
  readonly security: string;
  /** All changes, after `note`. */
  readonly text: string;
  /** Why the comparison is uncertain. */
  readonly note?: string;
}

/** What a deployment, or the way back of the stacks, would change. */
export interface ChangesResult {
  readonly stacks: readonly StackChanges[];
  /** Only for a deployment: what it would deploy, and why it would be refused now. */
  readonly template?: string;
  readonly revision?: string;
  readonly notes?: readonly string[];
  readonly wouldBeRefused?: Refusal;
  readonly refusal?: Refusal;
}

/** Result of a rollback of the stacks. */
export interface InfraRollbackResult {
  readonly outcome: 'back' | 'nothing-to-do' | 'refused' | 'failed';
  readonly why: string;
  readonly refusal?: Refusal;
  readonly stacks: readonly StackBack[];
  /** The changes, as shown before; absent when they could not be compared or there was nothing to do. */
  readonly changes?: readonly StackChanges[];
  readonly notes: readonly string[];
  /** Why 0 % has not reached every instance, where the flags are delivered as environment variables. */
  readonly undelivered?: string;
}

export interface StackBack {
  readonly name: string;
  readonly way: string;
  /** CloudFormation's status after it. */
  readonly status: string;
  /** As in `KeptStack`, after the rollback. */
  readonly template: string;
  /** Resources whose properties differ from the template; absent when drift could not be detected. */
  readonly drifted?: readonly string[];
}
