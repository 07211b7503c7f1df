import type { AwsTarget, Infrastructure } from '../../../rules/plan/environment-plan';

export interface DeployOrder {
  readonly infrastructure: Infrastructure;
  readonly aws: AwsTarget;
  /** Instead of the stacks of `infrastructure`. */
  readonly stacks?: readonly string[];
  /**
   * Token of the operations at CloudFormation, at most 110 letters, digits and hyphens: another attempt recognizes them by
   * it.
   */
  readonly token: string;
  /** Names of alarms for which CloudFormation itself rolls the deployment back; `monitorMs` of the infrastructure is the time. */
  readonly alarms?: readonly string[];
  /** Hash of the approved template (`rules/stacks/synthesis.ts`): nothing else is deployed. */
  readonly approved?: string;
}
