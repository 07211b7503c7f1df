import { ArnFormat, type Stack } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { allowed } from './statements';

/** Names, `{env}` replaced. */
export interface CheckPlaces {
  /** Of checks of the kind `execution`. */
  readonly stateMachines?: readonly string[];
  /** Of checks of the kind `lambda`, with `:alias` or `:version` as the plan has them. */
  readonly functions?: readonly string[];
  /** Other dashboards than `watch.dashboard`. */
  readonly dashboards?: readonly string[];
}

/**
 * What the worker needs for checks that start an execution, invoke a function or read another dashboard than the plan's;
 * nothing for a plan without them.
 */
export function checkStatements(stack: Stack, places: CheckPlaces = {}): PolicyStatement[] {
  const { stateMachines = [], functions = [], dashboards = [] } = places;
  const arn = (service: string, resource: string, resourceName: string): string =>
    stack.formatArn({ service, resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  const statements: readonly (readonly [action: string, resources: readonly string[]])[] = [
    ['states:StartExecution', stateMachines.map((name) => arn('states', 'stateMachine', name))],
    ['states:DescribeExecution', stateMachines.map((name) => arn('states', 'execution', `${name}:*`))],
    // Invoking an alias or a version is a right on that alone, with its name.
    ['lambda:InvokeFunction', functions.map((name) => arn('lambda', 'function', name))],
    [
      'cloudwatch:GetDashboard',
      dashboards.map((resourceName) =>
        stack.formatArn({ service: 'cloudwatch', region: '', resource: 'dashboard', resourceName }),
      ),
    ],
  ];
  return statements.flatMap(([action, resources]) => allowed([action], resources));
}
