import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Template } from 'aws-cdk-lib/assertions';
import { RolloutStack } from '../../../infra/rollout-stack';
import { checkPlan } from '../../../rules/plan/plan';
import { environmentPlan } from '../../../rules/plan/resolve';
import { rolloutPartsOf, type RolloutParts, unwatchedAfterMs } from '../../../rules/plan/rollout-parts';
import { anApp } from '../../helpers/infra/an-app';
import { templateOf } from '../../helpers/infra/template-of';

const HOUR_MS = 3_600_000;
const env = { account: '100225593120', region: 'us-east-1' };
const checked = checkPlan(readFileSync(resolve(__dirname, '../../../plans/pavi.yaml'), 'utf8'));
const planOf = (environment: string) => {
  const resolved = checked.ok ? environmentPlan(checked.plan, environment) : checked;
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
  return resolved.plan;
};
const prod = planOf('prod');
const app = anApp();
const of = (parts: RolloutParts, where = anApp()): Template => templateOf(new RolloutStack(where, parts, { env }));
const parts = rolloutPartsOf(prod);
const template = of(parts, app);

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

it.each(['dev', 'staging', 'prod'])('makes flag, push and guardian of %s by the names of the plan', (environment) => {
  const plan = planOf(environment);
  const made = JSON.stringify(of(rolloutPartsOf(plan)).toJSON());
  const { flag, watch } = plan;
  const alarm = `pavi-rollout-unwatched-${environment}`;
  for (const name of [flag.parameter, watch.pushQueue, `pavi-rollout-guardian-${environment}`, alarm])
    expect(made).toContain(`"${name}"`);
});

it('leaves a flag parameter alone that was made elsewhere', () => {
  const made = of({ ...parts, flagIsThere: true });
  made.resourceCountIs('AWS::SSM::Parameter', 0);
  made.resourceCountIs('AWS::Lambda::Function', 1);
});

describe('the alarm push', () => {
  it('brings changes of alarms that have no action, in the words of an action', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.cloudwatch'],
        'detail-type': ['CloudWatch Alarm State Change'],
        detail: { alarmName: prod.watch.alarms.map(({ name }) => name) },
      },
    });
    const rule = Object.values(template.findResources('AWS::Events::Rule')).find(({ Properties }) =>
      JSON.stringify(Properties.Targets).includes('AlarmPushTopic'),
    );
    const { InputPathsMap, InputTemplate } = rule?.['Properties'].Targets[0].InputTransformer;
    expect(Object.values(InputPathsMap).sort()).toEqual(
      ['$.detail.alarmName', '$.detail.state.reason', '$.detail.state.timestamp', '$.detail.state.value'].sort(),
    );
    for (const field of ['AlarmName', 'NewStateValue', 'NewStateReason', 'StateChangeTime'])
      expect(InputTemplate).toContain(`"${field}":<`);
  });

  it('lets only alarms of this account and its own rule publish, and only over TLS', () => {
    const [policy] = Object.values(template.findResources('AWS::SNS::TopicPolicy'));
    const statements = policy?.['Properties'].PolicyDocument.Statement as Record<string, unknown>[];
    const [rule] =
      Object.entries(template.findResources('AWS::Events::Rule')).find(([, { Properties }]) =>
        JSON.stringify(Properties.Targets).includes('AlarmPushTopic'),
      ) ?? [];
    expect(statements).toMatchObject([
      { Effect: 'Deny', Action: 'sns:Publish', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      {
        Effect: 'Allow',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': env.account } },
      },
      {
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Condition: { ArnEquals: { 'aws:SourceArn': { 'Fn::GetAtt': [rule, 'Arn'] } } },
      },
    ]);
  });

  it('lets only this topic, and its own rules, send to the queue, encrypted and with a place for what cannot be read', () => {
    template.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'pavi-rollout-alarms-prod',
      SqsManagedSseEnabled: true,
      RedrivePolicy: { maxReceiveCount: 5 },
    });
    const [topic] = Object.keys(template.findResources('AWS::SNS::Topic'));
    for (const { Properties } of Object.values(template.findResources('AWS::SQS::QueuePolicy')))
      for (const statement of Properties.PolicyDocument.Statement as Record<string, unknown>[])
        if (statement['Effect'] === 'Allow' && !JSON.stringify(statement).includes('events.amazonaws.com'))
          expect(statement).toMatchObject({
            Principal: { Service: 'sns.amazonaws.com' },
            Condition: { ArnEquals: { 'aws:SourceArn': { Ref: topic } } },
          });
  });
});

describe("the dead man's alarm", () => {
  it('rings when no look was reported for as long as the plan says, also without any data', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'pavi-rollout-unwatched-prod',
      Namespace: 'Rollout',
      MetricName: 'Looks',
      Dimensions: [
        { Name: 'Environment', Value: 'prod' },
        { Name: 'Service', Value: 'pavi' },
      ],
      Statistic: 'SampleCount',
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      Period: 60,
      EvaluationPeriods: unwatchedAfterMs(prod.watch) / 60_000,
      TreatMissingData: 'breaching',
    });
  });

  it('tells guardian and worker by the topic, and people by the topics of the plan', () => {
    const people = 'arn:aws:sns:us-east-1:100225593120:on-call';
    const made = of({ ...parts, topics: [people] });
    const [topic] = Object.keys(made.findResources('AWS::SNS::Topic'));
    made.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'pavi-rollout-unwatched-prod',
      AlarmActions: [people, { Ref: topic }],
    });
  });

  it.each([
    [10_000, 10, 1],
    [65_000, 10, 7],
    [179_000, 10, 18],
    [180_000, 60, 3],
    [300_001, 60, 6],
    [HOUR_MS, 60, 60],
  ])('of %d ms has periods that CloudWatch takes', (afterMs, Period, EvaluationPeriods) =>
    of({ ...parts, unwatched: { ...parts.unwatched, afterMs } }).hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'pavi-rollout-unwatched-prod',
      Period,
      EvaluationPeriods,
    }),
  );
});

describe('the guardian', () => {
  it('acts on the alarms of which the plan says rollback and on silence, and at 100 % for as long as the last soak', () => {
    const rollback = prod.watch.alarms.filter(({ onBreach }) => onBreach === 'rollback').map(({ name }) => name);
    expect(settings).toMatchObject({
      alarms: rollback,
      unwatched: 'pavi-rollout-unwatched-prod',
      fullForMs: prod.steps.at(-1)!.soakMs,
      parameter: prod.flag.parameter,
      owner: `${prod.flag.parameter}-owner`,
      salt: prod.flag.salt,
      lateWriteMs: 10_000,
    });
  });

  it('holds each alarm back for the grace, and takes none that asks for nothing', () => {
    template.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'pavi-rollout-guardian-prod',
      DelaySeconds: 120,
      VisibilityTimeout: 360,
      RedrivePolicy: { maxReceiveCount: 5 },
    });
    const filters = Object.values(template.findResources('AWS::SNS::Subscription')).map(
      ({ Properties }) => Properties.FilterPolicy,
    );
    expect(filters.filter((filter) => filter !== undefined)).toEqual([
      { AlarmName: [...parts.rollbackAlarms, parts.unwatched.alarm], NewStateValue: ['ALARM'] },
    ]);
    expect(only('AWS::Lambda::EventSourceMapping').Properties).toMatchObject({ BatchSize: 1 });
  });

  it('may write the one parameter, read it, its owner and its alarm, take from its queue, write its log, and nothing else', () => {
    expect(only('AWS::IAM::Role').Properties['ManagedPolicyArns']).toBeUndefined();
    const document = only('AWS::IAM::Policy').Properties['PolicyDocument'] as { Statement: Record<string, unknown>[] };
    const [parameter] = Object.keys(template.findResources('AWS::SSM::Parameter'));
    const asked = document.Statement.filter(({ Action }) => /ssm:|cloudwatch:/.test(JSON.stringify(Action)));
    expect(asked.map(({ Action }) => Action)).toEqual([
      ['ssm:GetParameter', 'ssm:GetParameterHistory', 'ssm:PutParameter'],
      'ssm:GetParameter',
      'cloudwatch:DescribeAlarms',
    ]);
    const [flag, owner, alarm] = asked.map(({ Resource }) => JSON.stringify(Resource));
    expect(flag).toMatch(new RegExp(`:parameter",\\{"Ref":"${parameter}"\\}`));
    expect(owner).toContain(`:parameter${prod.flag.parameter}-owner"`);
    expect(alarm).toContain(':alarm:pavi-rollout-unwatched-prod"');
    for (const { Action, Resource } of document.Statement.filter((statement) => !asked.includes(statement))) {
      for (const action of [Action].flat()) expect(action).toMatch(/^(sqs|logs):/);
      expect(JSON.stringify(Resource)).toMatch(/"Fn::GetAtt":\["Guardian(Grace|Logs)/);
    }
  });

  it('always finds room, and a person hears of it when it fails', () => {
    expect(only('AWS::Lambda::Function').Properties).toMatchObject({
      ReservedConcurrentExecutions: 1,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
    });
    const [topic] = Object.keys(template.findResources('AWS::SNS::Topic'));
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Threshold: 1,
      AlarmActions: [{ Ref: topic }],
    });
  });

  it('is one file that needs nothing but Node and the SDK of the runtime', () => {
    const { directory } = app.synth();
    const file = resolve(directory, 'RolloutStack-pavi-prod.assets.json');
    const { files } = JSON.parse(readFileSync(file, 'utf8')) as { files: Record<string, Asset> };
    const [folder] = Object.values(files).flatMap(({ source }) =>
      source.packaging === 'zip' ? [resolve(directory, source.path)] : [],
    );
    const code = resolve(folder!, 'index.js');
    expect(existsSync(code)).toBe(true);
    const asked = [...readFileSync(code, 'utf8').matchAll(/require\("([^"]+)"\)/g)].map(([, name]) => name);
    const ofNode = ['node:fs', 'node:path', 'node:timers/promises'];
    expect(asked.sort()).toEqual(['@aws-sdk/client-cloudwatch', '@aws-sdk/client-ssm', ...ofNode]);
  });

  it('is guarded itself by policies without wildcards', () => {
    const policies = template.findResources('AWS::IAM::Policy');
    const allowed = Object.values(policies).flatMap(
      ({ Properties }) => Properties.PolicyDocument.Statement as Allowed[],
    );
    expect(allowed.length).toBeGreaterThan(4);
    for (const { Action } of allowed) expect(JSON.stringify(Action)).not.toContain('*');
  });
});

interface Allowed {
  readonly Action: unknown;
}
interface Asset {
  readonly source: { readonly path: string; readonly packaging: string };
}
