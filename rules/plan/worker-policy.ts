import { auditRights } from '../audit/rights';
import { weightsRights } from '../delivery/rights';
import { isWeights } from '../delivery/delivery';
import { findingsParameterOf } from '../fallback/findings-document';
import { arnIn, s3ArnIn } from '../partition';
import { LOOKS } from '../rollout/outside/unwatched';
import { ownerParameterOf } from '../rollout/owner';
import { deployedParameterOf } from '../stacks/deployment-record';
import type { EnvironmentPlan } from './environment-plan';
import { fittingName, LONGEST } from './names';

/** Reading and writing a parameter, and removing a label that blocks a write (`activities/act/flag/put-document.ts`). */
export const WRITING = [
  'GetParameter',
  'GetParameterHistory',
  'PutParameter',
  'LabelParameterVersion',
  'UnlabelParameterVersion',
].map((action) => `ssm:${action}`);

/** The checks of several rollouts read their flags together. */
export const READING_FLAGS = 'ssm:GetParameters';

/** Each check reads alarms. AWS supports no narrower resource for these. */
export const READING_ALARMS = ['DescribeAlarms', 'DescribeAlarmHistory', 'GetMetricData', 'ListAlarmMuteRules'].map(
  (action) => `cloudwatch:${action}`,
);

/** Whether messages are in the queue for what could not be dealt with: the doctor counts them. */
export const COUNTING_QUEUE = ['GetQueueUrl', 'GetQueueAttributes'].map((action) => `sqs:${action}`);
export const undeliveredOf = (queue: string): string => fittingName(`${queue}-undelivered`, LONGEST.queue);

/** The alarm push. */
export const READING_QUEUE = ['GetQueueUrl', 'GetQueueAttributes', 'ReceiveMessage', 'DeleteMessage'].map(
  (action) => `sqs:${action}`,
);

interface Statement {
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
}

/**
 * The IAM policy of a worker that drives the flag, sets the weights of an alias or a load balancer, and watches the alarms
 * of one environment. What guards, deliveries of environment variables, notices, verifications and deployments need comes on
 * top: `infra/rollout-access.ts`.
 */
export function workerPolicy(plan: EnvironmentPlan): { readonly Version: string; readonly Statement: Statement[] } {
  const { aws, delivery, flag, freezeParameter, watch } = plan;
  const arn = (service: string, resource: string): string => arnIn(aws, service, resource);
  const parameter = (name: string): string => arn('ssm', `parameter${name}`);
  const owner = ownerParameterOf(flag);
  const documents = [flag.parameter, owner, freezeParameter, deployedParameterOf(plan), findingsParameterOf(plan)];
  const { pushQueue } = watch;
  const queue =
    pushQueue === undefined
      ? []
      : [allow(READING_QUEUE, [arn('sqs', pushQueue)]), allow(COUNTING_QUEUE, [arn('sqs', undeliveredOf(pushQueue))])];
  const to = delivery?.to;
  const rights =
    to !== undefined && isWeights(to) ? weightsRights(to, (name) => arn('lambda', `function:${name}`)) : [];
  const s3 = (resource: string): string => s3ArnIn(aws.region, resource);
  const recording = plan.audit === undefined ? [] : auditRights(plan.audit, plan, s3);
  const feed = { ...allow(['cloudwatch:PutMetricData'], ['*']), Condition: { StringEquals: NAMESPACE } };
  return {
    Version: '2012-10-17',
    Statement: [
      allow(
        WRITING,
        documents.flatMap((name) => (name === undefined ? [] : [parameter(name)])),
      ),
      allow([READING_FLAGS], [parameter(flag.parameter)]),
      allow(['ssm:DeleteParameter'], [parameter(owner)]),
      allow(READING_ALARMS, ['*']),
      feed,
      ...queue,
      ...rights.map(({ actions, resource }) => allow(actions, [resource])),
      ...recording.map(({ actions, resource, condition }) => ({ ...allow(actions, [resource]), Condition: condition })),
    ],
  };
}

/** The dead man's alarm is fed by each check; AWS narrows the permission only by namespace. */
const NAMESPACE = { 'cloudwatch:namespace': LOOKS.namespace };

const allow = (Action: readonly string[], Resource: readonly string[]): Statement => ({
  Effect: 'Allow',
  Action,
  Resource,
});
