import { RemovalPolicy } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { formatFlags } from '../flags/contract';
import { type FlagFormat, type FlagValue, keysIn } from '../flags/format';
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
  { parameter: parameterName, salt, format }: FlagTarget,
): StringParameter {
  const parameter = new StringParameter(scope, id, {
    parameterName,
    description: 'Share of new jobs on the new side, as one JSON document. Written by the rollout orchestrator.',
    stringValue: formatFlags(
      { schema: 1, generation: 0, writer: 'cloudformation', reason: 'initial value', salt, percentage: 0 },
      format,
    ),
    allowedPattern: flagPattern(format),
  });
  // A deleted parameter would leave every running API without flags.
  parameter.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
  return parameter;
}

const NUMBER = '(?:100(?:\\.0+)?|\\d{1,2}(?:\\.\\d+)?)';

const has = (field: string, value: string): string => `(?=[\\s\\S]*"${literal(field)}"\\s*:\\s*${value}\\s*[,}])`;

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

const oneOf = (values: readonly FlagValue[]): string =>
  `(?:${values.map((value) => literal(JSON.stringify(value))).join('|')})`;

/**
 * Refuses what no reader could use: not an object, a field missing or of the wrong kind, a percentage outside 0 to 100.
 * Fields may come in any order and with white space, as people write them in an emergency. Not a full JSON parser: the
 * reader still checks.
 */
export function flagPattern(format?: FlagFormat): string {
  if (format === 'number') return `^\\s*${NUMBER}\\s*$`;
  const { percentage, switches = [] } = keysIn(format);
  return [
    '^\\s*\\{',
    has('schema', '1'),
    has('generation', '\\d+'),
    has('writer', '"(?:[^"\\\\]|\\\\.)*"'),
    ...switches.map(({ name, above, atZero }) => has(name, oneOf([above, atZero]))),
    has(percentage, NUMBER),
    '[\\s\\S]*\\}\\s*$',
  ].join('');
}
