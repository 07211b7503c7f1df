import type { Refusal } from '../refusal';

/** What a deployment answers and how it says how far it is: the same for the activity, the workflow and the CLI. */
export interface DeploymentResult {
  readonly stacks: readonly DeployedStack[];
  /** Present when a rule or a person refused it; then nothing was deployed. */
  readonly refusal?: Refusal;
  /** Present when somebody aborted it: what that left. */
  readonly aborted?: string;
  /** Hash of what was deployed (`rules/stacks/synthesis.ts`), and its revision where git knows one. */
  readonly template?: string;
  readonly revision?: string;
  /** What verifying it found; absent when nothing was deployed, or nobody wanted it verified. */
  readonly verification?: VerifiedAfter;
  /** What somebody should know although it was done. */
  readonly notes?: readonly string[];
}

export interface VerifiedAfter {
  readonly passed: boolean;
  readonly why: string;
  /** Where its parts are. */
  readonly workflowId: string;
}

export const verifiedWords = ({ passed, why }: VerifiedAfter): string =>
  `${passed ? 'verified' : 'the verification FAILED'}: ${why}`;

export interface DeployedStack {
  readonly name: string;
  /** `no-changes` is a success: what is deployed equals what was synthesized. */
  readonly outcome: 'created' | 'updated' | 'no-changes';
  readonly outputs: Readonly<Record<string, string>>;
}

/** A stack after a deployment was stopped. */
export interface StoppedStack {
  readonly name: string;
  /** CloudFormation's word, or `absent`. */
  readonly status: string;
  /** Whether the deployment had begun anything on it. */
  readonly begun: boolean;
}

/** Heartbeat details of a running deployment. */
export interface DeploymentProgress {
  /** Empty while the app is synthesized. */
  readonly stack: string;
  readonly message: string;
  /** Resources done, of `total`; both 0 until CloudFormation tells. */
  readonly done: number;
  readonly total: number;
}

/** Of a stack whose resources are not counted. */
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
  /** All changes, after the note. */
  readonly text: string;
  /** Why the comparison is not sure. */
  readonly note?: string;
}

export interface ChangesResult {
  readonly stacks: readonly StackChanges[];
  /** Of a deployment: what it would deploy, and why it would be refused now. */
  readonly template?: string;
  readonly revision?: string;
  readonly notes?: readonly string[];
  readonly wouldBeRefused?: Refusal;
  readonly refusal?: Refusal;
}

/** What came of the way back of the stacks. */
export interface InfraRollbackResult {
  readonly outcome: 'back' | 'nothing-to-do' | 'refused' | 'failed';
  readonly why: string;
  readonly refusal?: Refusal;
  readonly stacks: readonly StackBack[];
  /** What changed, as it was shown before; absent when it could not be compared or nothing was to be done. */
  readonly changes?: readonly StackChanges[];
  readonly notes: readonly string[];
  /** Why 0 % has not reached every instance, where the flags are delivered as environment variables. */
  readonly undelivered?: string;
}

export interface StackBack {
  readonly name: string;
  readonly way: string;
  /** CloudFormation's word, after it. */
  readonly status: string;
  /** As in `KeptStack`, after it. */
  readonly template: string;
  /** Resources whose properties are not those of the template; absent when drift could not be detected. */
  readonly drifted?: readonly string[];
}
