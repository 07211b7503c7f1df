import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { App } from 'aws-cdk-lib';
import { dev, prod, staging } from '../../../infra/environments';
import { pipelineNames } from '../../../infra/names';
import { PipelineStack } from '../../../infra/pipeline-stack';
import { checkPlan } from '../../../rules/plan/plan';
import { environmentPlan } from '../../../rules/plan/resolve-plan';
import { templateOf } from '../../helpers/template-of';

const app = new App();
const template = templateOf(new PipelineStack(app, 'Prod', prod));
const names = pipelineNames('prod');

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
}
const guardians = Object.entries(template.toJSON().Resources as Record<string, Resource>).filter(([id]) =>
  id.startsWith('Guardian'),
);
const only = (type: string): Resource => {
  const found = guardians.filter(([, { Type }]) => Type === type).map(([, resource]) => resource);
  expect(found).toHaveLength(1);
  return found[0]!;
};
const settings = JSON.parse(
  (only('AWS::Lambda::Function').Properties['Environment'] as { Variables: { GUARDIAN: string } }).Variables.GUARDIAN,
) as Record<string, unknown>;

it('is there for prod; dev and staging have people and the rollout', () => {
  expect(prod.guardian).toBeDefined();
  for (const props of [dev, staging])
    templateOf(new PipelineStack(new App(), props.environment, props)).resourceCountIs('AWS::Lambda::Function', 0);
});

it('acts on the alarms of which the plan says rollback, and at 100 % for as long as the last soak', () => {
  const checked = checkPlan(readFileSync(resolve(__dirname, '../../../plans/pavi.yaml'), 'utf8'));
  const resolved = checked.ok ? environmentPlan(checked.plan, 'prod') : checked;
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
  const { watch, steps, flag } = resolved.plan;
  expect(settings).toMatchObject({
    alarms: watch.alarms.filter(({ onBreach }) => onBreach === 'rollback').map(({ name }) => name),
    fullForMs: steps.at(-1)!.soakMs,
    parameter: flag.parameter,
    salt: flag.salt,
  });
});

it('is told only of these alarms, only when they ring, and after the grace', () => {
  expect(only('AWS::SNS::Subscription').Properties).toMatchObject({
    FilterPolicyScope: 'MessageBody',
    FilterPolicy: { AlarmName: [names.alarms.failed, names.alarms.timedOut], NewStateValue: ['ALARM'] },
  });
  template.hasResourceProperties('AWS::SQS::Queue', {
    QueueName: 'pavi-rollout-guardian-prod',
    DelaySeconds: Number(settings['graceMs']) / 1_000,
    SqsManagedSseEnabled: true,
    RedrivePolicy: { maxReceiveCount: 5 },
  });
  expect(only('AWS::Lambda::EventSourceMapping').Properties).toMatchObject({ BatchSize: 1 });
});

it('may read and write the one parameter, take from its queue and write its log, and nothing else', () => {
  expect(only('AWS::IAM::Role').Properties['ManagedPolicyArns']).toBeUndefined();
  const document = only('AWS::IAM::Policy').Properties['PolicyDocument'] as { Statement: Record<string, unknown>[] };
  const [parameter] = Object.keys(template.findResources('AWS::SSM::Parameter'));
  const ssm = document.Statement.filter(({ Action }) => JSON.stringify(Action).includes('ssm:'));
  expect(ssm).toMatchObject([
    { Effect: 'Allow', Action: ['ssm:GetParameter', 'ssm:GetParameterHistory', 'ssm:PutParameter'] },
  ]);
  expect(JSON.stringify(ssm[0]!['Resource'])).toMatch(new RegExp(`:parameter",\\{"Ref":"${parameter}"\\}`));
  const others = document.Statement.filter((statement) => !ssm.includes(statement));
  for (const { Action, Resource } of others) {
    for (const action of [Action].flat()) expect(action).toMatch(/^(sqs|logs):/);
    expect(JSON.stringify(Resource)).toMatch(/"Fn::GetAtt":\["Guardian(Grace|Logs)/);
  }
});

it('always finds room, and a person is told when it fails', () => {
  expect(only('AWS::Lambda::Function').Properties).toMatchObject({
    ReservedConcurrentExecutions: 1,
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
  });
  const [topic] = Object.keys(template.findResources('AWS::SNS::Topic'));
  expect(only('AWS::CloudWatch::Alarm').Properties).toMatchObject({
    Namespace: 'AWS/SQS',
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Threshold: 1,
    AlarmActions: [{ Ref: topic }],
  });
});

it('is one file that needs nothing but Node and the SDK of the runtime', () => {
  const { directory } = app.synth();
  const assets = Object.values(
    (JSON.parse(readFileSync(resolve(directory, 'Prod.assets.json'), 'utf8')) as { files: Record<string, Asset> })
      .files,
  );
  const [folder] = assets.flatMap(({ source }) =>
    source.packaging === 'zip' ? [resolve(directory, source.path)] : [],
  );
  const file = resolve(folder!, 'index.js');
  expect(existsSync(file)).toBe(true);
  const asked = [...readFileSync(file, 'utf8').matchAll(/require\("([^"]+)"\)/g)].map(([, name]) => name);
  expect(asked.sort()).toEqual(['@aws-sdk/client-ssm', 'node:timers/promises']);
});

interface Asset {
  readonly source: { readonly path: string; readonly packaging: string };
}
