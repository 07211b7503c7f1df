/** What a deployment answers and how it says how far it is: the same for the activity, the workflow and the CLI. */
export interface DeploymentResult {
  readonly stacks: readonly DeployedStack[];
}

export interface DeployedStack {
  readonly name: string;
  /** `no-changes` is a success: what is deployed equals what was synthesized. */
  readonly outcome: 'created' | 'updated' | 'no-changes';
  readonly outputs: Readonly<Record<string, string>>;
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
