import { type App, Stack } from 'aws-cdk-lib';
import type { DeliveryPlace } from '../../../infra/delivery-access';
import { accessNames, RolloutAccess } from '../../../infra/rollout-access';
import { RolloutStack } from '../../../infra/rollout-stack';
import { FOR_DRIFT } from '../../../infra/deployer-access';
import { guardedParts } from '../samples/guarded-parts';
import { type Asked, allows, askedIn, inlineStatements, type Statement, statementsIn } from './policies';
import { templateOf } from './template-of';

/** A process with rights of its own. */
export interface Part {
  readonly name: string;
  readonly statements: readonly Statement[];
  /** What its code asks, and the file that does. */
  readonly asked: Asked;
}

const env = { account: '111111111111', region: 'eu-west-1' };
const place = { service: 'shop', environment: 'prod' };
const role = (name: string): string => `arn:aws:iam::${env.account}:role/${name}`;
const rule = `arn:aws:elasticloadbalancing:eu-west-1:${env.account}:listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee`;

/** Each way to deliver needs rights of its own, so that a worker has those of one alone. */
export const DELIVERIES: readonly DeliveryPlace[] = [
  { kind: 'ecs', cluster: 'shop', service: 'shop-api', family: 'shop-api', roles: [role('task'), role('execution')] },
  { kind: 'elastic-beanstalk', application: 'shop', environment: 'shop-prod' },
  { kind: 'lambda-alias', function: 'shop' },
  { kind: 'load-balancer', listenerRule: rule },
];

/** Everything that a plan can name. */
const everything = (delivery: DeliveryPlace) => ({
  ...place,
  flagParameter: '/shop/prod/rollout',
  webhookParameters: ['/shop/prod/webhook'],
  noticeSecrets: ['shop/pager'],
  noticeTopics: [`arn:aws:sns:eu-west-1:${env.account}:on-call`],
  audit: { bucket: 'shop-records', prefix: 'rollouts/' },
  dashboard: 'Shop-prod',
  pushQueue: 'shop-rollout-alarms-prod',
  logGroups: ['/shop/api'],
  stateMachines: ['shop-jobs'],
  buckets: ['shop-results'],
  batch: true,
  stacks: ['ShopStack'],
  repositories: [{ name: 'shop-image', ...env }],
  delivery,
  checks: { stateMachines: ['shop-proof'], functions: ['shop-check:live'], dashboards: ['Other'] },
});

/** Files of `activities/` whose requests only a deployment makes. */
const OF_DEPLOYMENTS =
  /^act\/(stacks\/|keep-stacks|stack-back)|^observe\/(stacks\/(drift|images|kept-images|synthesis)|changes)/;
/** How a document in a parameter is written: the flag, and what a deployment kept. */
const WRITES_DOCUMENTS = /^act\/flag\/put-document|^observe\/flag\/(flags|parameter-history)/;
/** Asked of the own identity, which AWS always allows. */
const FREE = new Set(['sts:GetCallerIdentity']);
/** Of `rollout init`, which has the operator's own rights. */
const OF_OPERATORS = /^alarm-list/;

/** All parts with their rights, in stacks of apps from `app`. */
export function partsIn(app: () => App): readonly Part[] {
  const templates = DELIVERIES.map((delivery) => {
    const stack = new Stack(app(), 'Access', { env });
    new RolloutAccess(stack, 'Access', everything(delivery));
    return templateOf(stack);
  });
  const names = accessNames(place.service, place.environment);
  const of = (name: string): readonly Statement[] => unique(templates.flatMap((one) => statementsIn(one, name)));
  const asked = askedIn(['activities', 'worker']).filter(
    ([action, file]) => !FREE.has(action) && !OF_OPERATORS.test(file),
  );
  // One file reads stacks for both.
  const deploys = ([action, file]: Asked[number]): boolean =>
    OF_DEPLOYMENTS.test(file) || action === 'cloudformation:DescribeStackEvents';
  const writes = ([, file]: Asked[number]): boolean => WRITES_DOCUMENTS.test(file);
  const reading: Asked = [['ssm:GetParameter', "the API's own client of SSM"]];
  const relaying: Asked = [['ssm:GetParameters', 'worker/relay']];
  return [
    { name: 'reader', statements: of(names.reader), asked: reading },
    { name: 'relay', statements: of(names.relay), asked: [...reading, ...relaying] },
    { name: 'worker', statements: of(names.worker), asked: asked.filter((one) => !deploys(one)) },
    {
      name: 'deployer',
      statements: of(names.deployer),
      asked: asked.filter((one) => deploys(one) || writes(one) || /^observe\/stacks/.test(one[1])),
    },
    {
      name: 'break glass',
      statements: of(names.breakGlass),
      asked: asked.filter(writes),
    },
    {
      name: 'guardian',
      statements: inlineStatements(templateOf(new RolloutStack(app(), guardedParts, { env }))),
      asked: askedIn(['infra']).filter(([, file]) => file === 'guardian-handler.ts'),
    },
  ];
}

function unique(statements: readonly Statement[]): readonly Statement[] {
  return [...new Map(statements.map((one) => [JSON.stringify(one), one])).values()];
}

/** Rights that no line of code asks for by name, and who needs them instead. */
const NEEDED_BY_AWS: Readonly<Record<string, string>> = {
  'kms:Decrypt': 'SSM decrypts a SecureString for its caller',
  'secretsmanager:GetSecretValue': 'SSM reads a secret for its caller',
  'iam:PassRole': 'CloudFormation and ECS take a role on',
  'sts:AssumeRole': 'the CDK uses the roles of its bootstrap',
  's3:GetObjectVersion': 'GetObject with a version',
  ...Object.fromEntries(
    ['ReceiveMessage', 'ChangeMessageVisibility', 'GetQueueUrl', 'DeleteMessage'].map((action) => [
      `sqs:${action}`,
      'Lambda reads the queue with the role of its function',
    ]),
  ),
  'logs:CreateLogStream': 'Lambda writes the log with the role of its function',
  'logs:PutLogEvents': 'Lambda writes the log with the role of its function',
  'ecs:TagResource': 'RegisterTaskDefinition with tags',
  'cloudformation:DetectStackResourceDrift': 'DetectStackDrift detects each resource',
  ...Object.fromEntries(FOR_DRIFT.map((action) => [action, 'CloudFormation detects drift as its caller'])),
};

/** Why a part may do something: the files that ask for it, or who else needs it. Empty: nothing does. */
export function reasonsOf({ asked }: Part, action: string): readonly string[] {
  const files = asked.filter(([one]) => one === action).map(([, file]) => file);
  const byAws = NEEDED_BY_AWS[action];
  return files.length === 0 && byAws !== undefined ? [byAws] : [...new Set(files)];
}

/** What a part is allowed without a reason. */
export const tooMuch = (part: Part): readonly string[] =>
  [...new Set(part.statements.flatMap(({ Action }) => Action))].filter((one) => reasonsOf(part, one).length === 0);

/** What the code of a part asks, with its file, and no statement allows. */
export const tooLittle = ({ asked, statements }: Part): Asked =>
  asked.filter(([action]) => !allows(statements, action));
