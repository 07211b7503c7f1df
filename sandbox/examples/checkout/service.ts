import { PutMetricAlarmCommand, CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import {
  CreateAliasCommand,
  CreateFunctionCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { formatFlags } from '../../../flags/contract';
import type { AliasTarget } from '../../../rules/delivery/weights';
import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import { awsClient } from '../../aws/client-config';
import { NODE_FUNCTION, zipOf } from '../../aws/function-code';
import { UserError } from '../../process/user-error';

/**
 * Three releases of a small web service. None knows of a flag or a rollout. The third looks up vouchers in a table that it
 * does not have: it fails for carts with a voucher.
 */
const RELEASES = [
  `exports.handler = async ({ prices = [] }) => ({ version: 1, total: prices.reduce((a, b) => a + b, 0) });`,
  `exports.handler = async ({ prices = [], voucher }) => {
  const total = prices.reduce((a, b) => a + b, 0);
  return { version: 2, total: voucher === undefined ? total : total * 0.9 };
};`,
  `const vouchers = undefined;
exports.handler = async ({ prices = [], voucher }) => {
  const total = prices.reduce((a, b) => a + b, 0);
  return { version: 3, total: voucher === undefined ? total : total * vouchers.get(voucher) };
};`,
] as const;

/** Where the plan splits the traffic. */
export function aliasOf({ environment, delivery }: EnvironmentPlan): AliasTarget {
  if (delivery?.to.kind !== 'lambda-alias')
    throw new UserError(`The plan of ${environment} has no flag.delivery.lambdaAlias.`);
  return delivery.to;
}

/** Function, alias and flag parameter in one region, as a deployment of the service would make them. */
export async function createService(plan: EnvironmentPlan): Promise<void> {
  const { function: FunctionName, alias: Name, versions } = aliasOf(plan);
  const lambda = new LambdaClient(awsClient(plan.aws));
  const ssm = new SSMClient(awsClient(plan.aws));
  try {
    const [first, ...later] = RELEASES.map(zipOf);
    await lambda.send(new CreateFunctionCommand({ ...NODE_FUNCTION, FunctionName, Code: { ZipFile: first } }));
    await lambda.send(new PublishVersionCommand({ FunctionName }));
    for (const ZipFile of later) {
      await lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile }));
      await lambda.send(new PublishVersionCommand({ FunctionName }));
    }
    await lambda.send(new CreateAliasCommand({ FunctionName, Name, FunctionVersion: versions.old }));
    const { parameter, salt, format } = plan.flag;
    const document = {
      schema: 1,
      generation: 0,
      writer: 'sandbox',
      reason: 'initial value',
      salt,
      percentage: 0,
    } as const;
    const Value = formatFlags(document, format);
    await ssm.send(new PutParameterCommand({ Name: parameter, Value, Type: 'String' }));
  } finally {
    lambda.destroy();
    ssm.destroy();
  }
}

/** The alarm of a release: errors of its new version behind the alias, a metric that Lambda publishes by itself. */
export async function putAlarm(plan: EnvironmentPlan): Promise<void> {
  const cloudwatch = new CloudWatchClient(awsClient(plan.aws));
  const { function: FunctionName, alias, versions } = aliasOf(plan);
  try {
    for (const { name } of plan.watch.alarms)
      await cloudwatch.send(
        new PutMetricAlarmCommand({
          ...{ AlarmName: name, Namespace: 'AWS/Lambda', MetricName: 'Errors', Statistic: 'Sum' },
          Dimensions: errorDimensions({ FunctionName, alias, version: versions.new }),
          ...{ Period: 60, EvaluationPeriods: 1, Threshold: 1, TreatMissingData: 'notBreaching' },
          ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        }),
      );
  } finally {
    cloudwatch.destroy();
  }
}

/** Lambda, developer guide: metrics of an alias with weights have the version that ran as a dimension. */
export const errorDimensions = (of: {
  readonly FunctionName: string;
  readonly alias: string;
  readonly version: string;
}) => [
  { Name: 'FunctionName', Value: of.FunctionName },
  { Name: 'Resource', Value: `${of.FunctionName}:${of.alias}` },
  { Name: 'ExecutedVersion', Value: of.version },
];

/** What a team does after a release that went to 100 %: the alias points at the new version alone. */
export async function settleOn(plan: EnvironmentPlan): Promise<void> {
  const { function: FunctionName, alias: Name, versions } = aliasOf(plan);
  const lambda = new LambdaClient(awsClient(plan.aws));
  try {
    const RoutingConfig = { AdditionalVersionWeights: {} };
    await lambda.send(new UpdateAliasCommand({ FunctionName, Name, FunctionVersion: versions.new, RoutingConfig }));
  } finally {
    lambda.destroy();
  }
}

/** The plan of the release after this one: the edit of `versions` that its team makes. */
export function nextRelease(plan: EnvironmentPlan): EnvironmentPlan {
  const to = aliasOf(plan);
  const versions = { new: String(Number(to.versions.new) + 1), old: to.versions.new };
  const { delivery } = plan;
  return { ...plan, delivery: { ...delivery!, to: { ...to, versions } } };
}
