import { RemovalPolicy } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { formatFlags, tupleFor } from '../flags/contract';
import type { FlagTarget } from '../rules/plan/environment-plan';

/**
 * The parameter that holds the flag document, starting at 0 %. CloudFormation owns its existence, never its content: the
 * value in the template is a constant, and CloudFormation updates a resource only when its properties changed, so later
 * deployments leave the percentage of a running rollout alone. Changing any property here (name, pattern, description)
 * would write the initial value again: do it only between rollouts.
 */
export function flagParameter(
  scope: Construct,
  id: string,
  { parameter: parameterName, salt }: FlagTarget,
): StringParameter {
  const parameter = new StringParameter(scope, id, {
    parameterName,
    description: 'Share of new jobs on the new side, as one JSON document. Written by the rollout orchestrator.',
    stringValue: formatFlags({
      schema: 1,
      generation: 0,
      writer: 'cloudformation',
      reason: 'initial value',
      salt,
      ...tupleFor(0),
    }),
    allowedPattern: flagDocumentPattern,
  });
  // A deleted parameter would leave every running API without flags.
  parameter.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
  return parameter;
}

const has = (field: string, value: string): string => `(?=[\\s\\S]*"${field}"\\s*:\\s*${value}\\s*[,}])`;

/**
 * Refuses what no reader could use: not an object, a field missing or of the wrong kind, a percentage outside 0 to 100.
 * Fields may come in any order and with white space, as people write them in an emergency. Not a full JSON parser: the
 * reader still checks.
 */
export const flagDocumentPattern = [
  '^\\s*\\{',
  has('schema', '1'),
  has('generation', '\\d+'),
  has('writer', '"(?:[^"\\\\]|\\\\.)*"'),
  has('USE_STEP_FUNCTIONS', '(?:true|false)'),
  has('ENABLE_STEP_FUNCTIONS_ROLLOUT', '(?:true|false)'),
  has('STEP_FUNCTIONS_ROLLOUT_PERCENTAGE', '(?:100(?:\\.0+)?|\\d{1,2}(?:\\.\\d+)?)'),
  '[\\s\\S]*\\}\\s*$',
].join('');
