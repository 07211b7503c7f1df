import type { DeployedState } from '../../stacks/deployed-state';

/** What stands in the environment, as it was last looked at. */
export interface DeploymentRead {
  /** The newest that stood; absent before the first. */
  readonly standing?: DeployedState;
  readonly atMs: number;
  /** Why it could not be looked at, or does not count; absent when it stands. */
  readonly problem?: string;
  /** Since when, later by pauses. */
  readonly problemSinceMs?: number;
  /** How many looks in a row found no answer. */
  readonly tries?: number;
}
