import { PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** Allows actions on resources, without a condition. */
export const allow = (actions: readonly string[], resources: readonly string[]): PolicyStatement =>
  new PolicyStatement({ actions: [...actions], resources: [...resources] });

/** Nothing without a resource. */
export const allowed = (actions: readonly string[], resources: readonly string[]): PolicyStatement[] =>
  resources.length === 0 ? [] : [allow(actions, resources)];
