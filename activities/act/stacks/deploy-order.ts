import type { AwsTarget, Infrastructure } from '../../../rules/plan/environment-plan';

export interface DeployOrder {
  readonly infrastructure: Infrastructure;
  readonly aws: AwsTarget;
  /** Instead of the stacks of `infrastructure`. */
  readonly stacks?: readonly string[];
  /** Of the operations at CloudFormation, at most 110 letters, digits and hyphens: another attempt knows them by this. */
  readonly token: string;
  /** Names of alarms that CloudFormation itself takes the deployment back for; `monitorMs` of the infrastructure says how long. */
  readonly alarms?: readonly string[];
  /** Hash of what was approved (`rules/stacks/synthesis.ts`): anything else is not deployed. */
  readonly approved?: string;
}
