import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { parse } from 'yaml';
import { dev, prod, staging } from '../../../infra/pavi/environments';
import { PipelineStack } from '../../../infra/pavi/pipeline-stack';
import { RolloutStack } from '../../../infra/rollout-stack';
import { checkPlan } from '../../../rules/plan/plan';
import { environmentPlan } from '../../../rules/plan/resolve';
import { rolloutPartsOf } from '../../../rules/plan/rollout-parts';
import { anApp } from '../../helpers/infra/an-app';
import { templateOf } from '../../helpers/infra/template-of';

const pipeline = (props: typeof prod, context: Record<string, string> = {}): Template =>
  templateOf(new PipelineStack(anApp({ context }), 'PipelineStack', props));

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

/** Every statement of every policy in the template, wherever it hangs. */
function statements(value: unknown): readonly Statement[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('Effect' in value && 'Action' in value) return [value as Statement];
  return Object.values(value).flatMap(statements);
}
const list = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

const template = pipeline(prod);
const partsOfProd = () => {
  const checked = checkPlan(readFileSync(resolve(__dirname, '../../../plans/pavi.yaml'), 'utf8'));
  const resolved = checked.ok ? environmentPlan(checked.plan, 'prod') : checked;
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
  return rolloutPartsOf(resolved.plan);
};

describe('alarms', () => {
  const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm'))
    .map(({ Properties }) => Properties)
    .filter(({ AlarmName }) => AlarmName.startsWith('pavi-sfn-'));

  it.each([
    { name: 'pavi-sfn-executions-failed-prod', metric: 'ExecutionsFailed', statistic: 'Sum', limit: '>= 1' },
    { name: 'pavi-sfn-executions-timeout-prod', metric: 'ExecutionsTimedOut', statistic: 'Sum', limit: '>= 1' },
    { name: 'pavi-sfn-execution-time-high-prod', metric: 'ExecutionTime', statistic: 'Average', limit: '> 1800000' },
    { name: 'pavi-sfn-executions-throttled-prod', metric: 'ExecutionThrottled', statistic: 'Sum', limit: '>= 1' },
  ])('$name rings at $metric $limit within five minutes', ({ name, metric, statistic, limit }) => {
    const [sign, threshold] = limit.split(' ');
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: name,
      Namespace: 'AWS/States',
      MetricName: metric,
      Statistic: statistic,
      ComparisonOperator: sign === '>' ? 'GreaterThanThreshold' : 'GreaterThanOrEqualToThreshold',
      Threshold: Number(threshold),
      Period: 300,
      EvaluationPeriods: 1,
      TreatMissingData: 'notBreaching',
      Dimensions: [{ Name: 'StateMachineArn', Value: { Ref: Match.stringLikeRegexp('StateMachine') } }],
    });
  });

  it('tells the topic of every change of state', () => {
    expect(alarms).toHaveLength(4);
    for (const { AlarmActions, OKActions, InsufficientDataActions } of alarms) {
      for (const actions of [AlarmActions, OKActions, InsufficientDataActions])
        expect(JSON.stringify(actions)).toContain(`:sns:us-east-1:${prod.account}:pavi-rollout-alarms-prod"`);
    }
  });

  it('has, with what `rollout setup` makes, every alarm, dashboard, flag and queue of plans/pavi.yaml', () => {
    const file = resolve(__dirname, '../../../plans/pavi.yaml');
    expect(existsSync(file)).toBe(true);
    // CloudFormation makes no SecureString: the address of a webhook is put there by hand.
    const { notify: _notify, ...made } = parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    const plan = JSON.stringify(made);
    const named = [...plan.matchAll(/"((?:pavi-sfn|PAVI-StepFunctions|pavi-rollout|\/pavi\/)[^"]*\{env\}[^"]*)"/g)].map(
      ([, name]) => name!,
    );
    expect(named.length).toBeGreaterThanOrEqual(6);
    const stack = JSON.stringify([template.toJSON(), templateOf(new RolloutStack(anApp(), partsOfProd())).toJSON()]);
    for (const name of named) expect(stack).toContain(`"${name.replaceAll('{env}', 'prod')}"`);
  });
});

describe('policies', () => {
  const allowed = statements(template.toJSON()).filter(({ Effect }) => Effect === 'Allow');

  it('never allows an action by a wildcard', () => {
    for (const { Action } of allowed) for (const action of list(Action)) expect(action).not.toContain('*');
  });

  it('allows on every resource only what has no narrower one', () => {
    const wide = allowed.filter(({ Resource }) => list(Resource).includes('*')).flatMap(({ Action }) => list(Action));
    const unavoidable =
      /^(batch:DescribeJobs|logs:(.*LogDelivery|.*LogDeliveries|.*ResourcePolicy|.*ResourcePolicies|DescribeLogGroups))$/;
    for (const action of wide) expect(action).toMatch(unavoidable);
  });
});

describe('what must survive', () => {
  it.each(['AWS::S3::Bucket', 'AWS::DynamoDB::Table'])('keeps %s when it leaves the stack', (type) => {
    template.allResources(type, { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
  });

  it('expires work files by a prefix that S3 understands, never results', () => {
    const [bucket] = Object.values(template.findResources('AWS::S3::Bucket'));
    const rules: readonly { Prefix?: string; ExpirationInDays?: number }[] =
      bucket?.['Properties'].LifecycleConfiguration.Rules;
    const expiring = rules.filter(({ ExpirationInDays }) => ExpirationInDays !== undefined);
    expect(expiring).toMatchObject([{ Prefix: 'work/', ExpirationInDays: 30 }]);
  });

  it('has a table with point-in-time recovery, a time to live and the index by status', () => {
    template.hasResourceProperties('AWS::DynamoDB::Table', {
      TableName: 'pavi-jobs-prod',
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      GlobalSecondaryIndexes: [Match.objectLike({ IndexName: 'status-created_at-index' })],
    });
  });
});

describe('PipelineStack', () => {
  it('shows success and error rates on the dashboard', () => {
    const [dashboard] = Object.values(template.findResources('AWS::CloudWatch::Dashboard'));
    const text = JSON.stringify(dashboard);
    expect(text).toContain('PAVI-StepFunctions-Pipeline-prod');
    for (const title of ['Execution success rate', 'Execution error rate', 'Execution time'])
      expect(text).toContain(title);
  });

  it('needs nothing of another stack', () => {
    expect(JSON.stringify(template.toJSON())).not.toContain('Fn::ImportValue');
  });

  it('has the outputs that the API needs', () => {
    expect(Object.keys(template.findOutputs('*')).sort()).toEqual([
      ...['AlignmentJobDefArn', 'ApiLogGroupName'],
      ...['JobQueueArn', 'JobsTableArn'],
      ...['JobsTableName', 'SeqRetrievalJobDefArn', 'StateMachineArn', 'WorkBucketName'],
    ]);
  });

  it('goes into the account of the context when one is given', () => {
    const output = pipeline(prod, { account: '333333333333' }).findOutputs('JobQueueArn')['JobQueueArn'];
    expect(JSON.stringify(output)).toContain(':batch:us-east-1:333333333333:job-queue/pavi_pipeline_prod');
  });

  it.each(['dev', 'staging'])(
    'decides nothing by the name of the environment: %s differs from prod only by it',
    (environment) => {
      let text = JSON.stringify(pipeline({ ...prod, environment }).toJSON());
      for (const before of ['-', '_', '/', ', '])
        text = text.replaceAll(new RegExp(`${before}${environment}\\b`, 'g'), `${before}prod`);
      expect(text).toBe(JSON.stringify(template.toJSON()));
    },
  );

  it.each([dev, staging, prod])('takes all that may differ from the literal properties of $environment', (props) => {
    pipeline(props).hasResourceProperties('AWS::StepFunctions::StateMachine', {
      StateMachineName: `pavi-pipeline-sfn-${props.environment}`,
    });
  });
});
