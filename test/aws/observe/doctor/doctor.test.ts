import { PutCompositeAlarmCommand, PutDashboardCommand, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateStateMachineCommand } from '@aws-sdk/client-sfn';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import { GetParameterHistoryCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { createAwsFor } from '../../../../activities/aws';
import { createExaminations } from '../../../../activities/observe/doctor/examine';
import { formatFlags } from '../../../../flags/contract';
import type { AwsTarget, EnvironmentPlan } from '../../../../rules/plan/environment-plan';
import type { DoctorReport, Finding } from '../../../../rules/doctor/doctor-report';
import type { TemporalKnown } from '../../../../activities/act/flag/owner';

import type { Guard } from '../../../../rules/guards/guard';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { activityEnvironment } from '../../../helpers/activity-environment';
import { policy } from '../../../helpers/samples/deployments';
import { aPlan } from '../../../helpers/samples/plans';

const nextAccount = freshAccounts(20);
const awsFor = createAwsFor();

const guards: readonly Guard[] = [
  { kind: 'executions', name: 'success', stateMachine: 'pipeline', userErrors: [], breach: {}, onBreach: 'hold' },
  {
    kind: 'logs',
    name: 'errors',
    group: '/pavi/api',
    pattern: 'error',
    periodMs: 60_000,
    breach: { above: 5 },
    onBreach: 'hold',
  },
];

const planFor = (aws: AwsTarget, changes: Partial<EnvironmentPlan> = {}): EnvironmentPlan =>
  aPlan({
    aws,
    freezeParameter: '/pavi/prod/freezes',
    watch: {
      intervalMs: 1_000,
      alarms: [
        { name: 'failed', onBreach: 'rollback' },
        { name: 'any', onBreach: 'rollback' },
      ],
      guards,
      pushQueue: 'pavi-rollout-alarms-prod',
      dashboard: 'PAVI-prod',
    },
    ...changes,
  });

/** Everything the plan names. */
async function world(aws: AwsTarget): Promise<void> {
  const AlarmActions = [`arn:aws:sns:${aws.region}:${aws.account}:alarms`];
  const { ssm, cloudwatch, logs, sfn, sqs } = awsFor(aws);
  const flags = formatFlags({ schema: 1, generation: 3, writer: 'hand', reason: '', salt: 's', percentage: 25 });
  await ssm.send(new PutParameterCommand({ Name: '/pavi/prod/step-functions-rollout', Value: flags, Type: 'String' }));
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName: 'failed',
      Namespace: 'Test',
      MetricName: 'Failed',
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      AlarmActions,
    }),
  );
  await cloudwatch.send(new PutCompositeAlarmCommand({ AlarmName: 'any', AlarmRule: 'ALARM("failed")', AlarmActions }));
  await measure(aws, 0);
  await cloudwatch.send(
    new PutDashboardCommand({ DashboardName: 'PAVI-prod', DashboardBody: JSON.stringify({ widgets: [] }) }),
  );
  await logs.send(new CreateLogGroupCommand({ logGroupName: '/pavi/api' }));
  const definition = JSON.stringify({ StartAt: 'Done', States: { Done: { Type: 'Succeed' } } });
  await sfn.send(new CreateStateMachineCommand({ name: 'pipeline', roleArn: 'arn:aws:iam::1:role/r', definition }));
  await sqs.send(new CreateQueueCommand({ QueueName: 'pavi-rollout-alarms-prod' }));
}

const measure = (aws: AwsTarget, value: number) =>
  awsFor(aws).cloudwatch.send(
    new PutMetricDataCommand({ Namespace: 'Test', MetricData: [{ MetricName: 'Failed', Value: value }] }),
  );

const WORKFLOW = 'rollout-pavi-prod';
const examine = (plan: EnvironmentPlan, by = awsFor, known: TemporalKnown = { cluster: '' }): Promise<DoctorReport> =>
  activityEnvironment().run(createExaminations(by, known).examine, { plan, workflowId: WORKFLOW });

/** Level of each finding by its subject. */
const levels = ({ findings }: DoctorReport): Record<string, string> =>
  Object.fromEntries(findings.map(({ subject, level }) => [subject, level]));

const FLAG = '/pavi/prod/step-functions-rollout';

describe('examine', () => {
  it('finds everything in order, in reading order, and leaves the flag as it was', async () => {
    const aws = nextAccount();
    await world(aws);
    const examination = await examine(planFor(aws));
    const line = ({ subject, level, what }: Finding) => `${level}: ${subject}${level === 'problem' ? `: ${what}` : ''}`;
    expect(examination.findings.map(line)).toEqual([
      'ok: proxy of the worker',
      'ok: credentials',
      'ok: clock',
      `ok: flag parameter ${FLAG}`,
      `ok: permission to write ${FLAG}`,
      'ok: freeze parameter /pavi/prod/freezes',
      `ok: owner ${FLAG}-owner`,
      'ok: probe',
      "warning: dead man's alarm pavi-rollout-unwatched-prod",
      'ok: permission to feed pavi-rollout-unwatched-prod',
      'ok: alarm failed',
      'ok: alarm any',
      'ok: guard success',
      'warning: guard errors',
      'ok: push queue pavi-rollout-alarms-prod',
      'ok: dashboard PAVI-prod',
    ]);
    expect(examination.findings[3]?.what).toContain('25 %, generation 3, written by hand');
    const { Parameters } = await awsFor(aws).ssm.send(new GetParameterHistoryCommand({ Name: FLAG }));
    expect(Parameters).toHaveLength(1);
  });

  it('names everything that is missing, each with a remedy', async () => {
    const { findings } = await examine(planFor(nextAccount()));
    expect(levels({ atMs: 0, findings })).toEqual({
      'proxy of the worker': 'ok',
      credentials: 'ok',
      clock: 'ok',
      [`flag parameter ${FLAG}`]: 'problem',
      'freeze parameter /pavi/prod/freezes': 'ok',
      [`owner ${FLAG}-owner`]: 'ok',
      probe: 'ok',
      "dead man's alarm pavi-rollout-unwatched-prod": 'warning',
      'permission to feed pavi-rollout-unwatched-prod': 'ok',
      'alarm failed': 'problem',
      'alarm any': 'problem',
      'guard success': 'problem',
      'guard errors': 'problem',
      'push queue pavi-rollout-alarms-prod': 'warning',
      'dashboard PAVI-prod': 'warning',
    });
    expect(findings.filter(({ level, remedy }) => level !== 'ok' && remedy === undefined)).toEqual([]);
  });

  it('says that a plan without infrastructure deploys nothing, and offers no deployment as a remedy', async () => {
    const remediesOf = async (plan: EnvironmentPlan) => {
      const { findings } = await examine(plan);
      const infrastructure = findings.filter(({ subject }) => subject === 'infrastructure');
      return { infrastructure, remedies: findings.flatMap(({ remedy = '' }) => remedy).join('\n') };
    };
    const plan = planFor(nextAccount());
    const { infrastructure, remedies } = await remediesOf({ ...plan, infrastructure: undefined });
    expect(infrastructure).toEqual([
      { subject: 'infrastructure', level: 'ok', what: expect.stringMatching(/deploys no stacks, and looks at none$/) },
    ]);
    expect(remedies).toContain('deploy the stack that defines it, or correct its name');
    expect(remedies).not.toContain('rollout deploy');
    const other = await remediesOf(plan);
    expect(other.infrastructure).toEqual([]);
    expect(other.remedies).toContain('deploy the stack that defines it with `rollout deploy`, or correct its name');
  });

  it.each([
    ['EXPRESS', {}, 'problem', /pipeline is an EXPRESS state machine/],
    [
      'STANDARD',
      { ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' } } },
      'warning',
      /Distributed Map/,
    ],
  ] as const)('says that executions are in no list: %s %j', async (type, map, level, what) => {
    const aws = nextAccount();
    const one = { StartAt: 'Done', States: { Done: { Type: 'Succeed' } } };
    const ItemProcessor = 'ItemProcessor' in map ? { ...one, ...map.ItemProcessor } : one;
    const definition = JSON.stringify({ StartAt: 'Each', States: { Each: { Type: 'Map', ItemProcessor, End: true } } });
    const roleArn = 'arn:aws:iam::1:role/r';
    await awsFor(aws).sfn.send(new CreateStateMachineCommand({ name: 'pipeline', roleArn, definition, type }));
    const { findings } = await examine(planFor(aws));
    expect(findings.find(({ subject }) => subject === 'guard success')).toMatchObject({
      ...{ level, what: expect.stringMatching(what) },
      remedy: expect.stringContaining('guard of kind metric'),
    });
  });

  it('checks an alarm of another account and region there, and whether it can fire in time', async () => {
    const [aws, other] = [nextAccount(), nextAccount()];
    const there = { ...other, region: 'eu-west-1' };
    await world(aws);
    await awsFor(there).cloudwatch.send(
      new PutMetricAlarmCommand({
        ...{ AlarmName: 'elsewhere', Namespace: 'Test', MetricName: 'Failed', Statistic: 'Sum', Threshold: 1 },
        ...{ Period: 3_600, EvaluationPeriods: 24 },
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      }),
    );
    await awsFor(there).cloudwatch.send(
      new PutMetricDataCommand({ Namespace: 'Test', MetricData: [{ MetricName: 'Failed', Value: 0 }] }),
    );
    const plan = planFor(aws);
    const named = (place: AwsTarget) => ({
      ...plan.watch,
      alarms: [{ name: 'elsewhere', onBreach: 'hold' as const, aws: place }],
    });
    const found = async (place: AwsTarget) => (await examine({ ...plan, watch: named(place) })).findings;
    expect(await found(there)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ subject: `credentials for ${there.account}, eu-west-1`, level: 'ok' }),
        expect.objectContaining({
          ...{ subject: 'alarm elsewhere', level: 'warning' },
          what: expect.stringMatching(
            /in account 9\d+, region eu-west-1.*1 d to fire \(24 of 24 periods of 1 h.*no alarm actions/,
          ),
        }),
      ]),
    );
    expect(
      (await found({ ...there, region: 'us-east-1' })).find(({ subject }) => subject === 'alarm elsewhere'),
    ).toMatchObject({
      level: 'problem',
      what: expect.stringContaining(`does not exist in account ${there.account}, region us-east-1`),
    });
    // The environment's credentials under the other account's number.
    const mistaken = await found({ ...there, profile: aws.profile });
    expect(mistaken.find(({ subject }) => subject.startsWith('credentials for'))).toMatchObject({ level: 'problem' });
  });

  it('says what would refuse a rollout that needs a verified deployment', async () => {
    const { findings } = await examine(planFor(nextAccount(), { deployment: policy({ rolloutNeeds: 'verified' }) }));
    expect(findings.find(({ subject }) => subject === 'deployment')).toMatchObject({
      ...{ level: 'problem', what: expect.stringContaining('nothing is known to be deployed') },
      remedy: expect.stringContaining('`rollout deploy prod`'),
    });
  });

  it.each([
    ['owned by the rollout that runs here', 'here', true, 'ok'],
    ['left over from a rollout', 'here', false, 'warning'],
    ['a rollout that starts here would be refused', 'elsewhere', true, 'problem'],
  ])('finds the owner of the flag: %s', async (said, cluster, running, level) => {
    const aws = nextAccount();
    const { namespace } = activityEnvironment().context.info;
    const temporal = { cluster, namespace };
    const owner = { schema: 1, workflowId: WORKFLOW, firstRunId: 'run', temporal, by: 'ada', sinceMs: 1 } as const;
    const put = { Name: `${FLAG}-owner`, Value: JSON.stringify(owner), Type: 'String' } as const;
    await awsFor(aws).ssm.send(new PutParameterCommand(put));
    const known = { cluster: 'here', lastRollout: async () => ({ running }) };
    const { findings } = await examine(planFor(aws), awsFor, known);
    const what = expect.stringContaining(said);
    expect(findings.find(({ subject }) => subject.startsWith('owner'))).toMatchObject({ level, what });
  });

  it('warns of a queue in another region as of none', async () => {
    const aws = nextAccount();
    await world(aws);
    const elsewhere = await examine(planFor({ ...aws, region: 'eu-west-1' }));
    expect(levels(elsewhere)).toMatchObject({
      'alarm failed': 'problem',
      'push queue pavi-rollout-alarms-prod': 'warning',
    });
  });

  it('finds an alarm that rings, and a document of freezes that cannot be read', async () => {
    const aws = nextAccount();
    await world(aws);
    await measure(aws, 1);
    await awsFor(aws).ssm.send(new PutParameterCommand({ Name: '/pavi/prod/freezes', Value: '[]', Type: 'String' }));
    const { findings } = await examine(planFor(aws));
    expect(findings).toContainEqual(
      expect.objectContaining({
        subject: 'alarm failed',
        level: 'problem',
        what: expect.stringMatching(/^is in ALARM/),
      }),
    );
    expect(findings).toContainEqual(
      expect.objectContaining({
        subject: 'freeze parameter /pavi/prod/freezes',
        level: 'problem',
        what: expect.stringContaining('is not a list of freezes'),
      }),
    );
  });

  it('notices the credentials of another account', async () => {
    const aws = nextAccount();
    const { findings } = await examine(planFor({ ...aws, account: '100225593120' }));
    expect(findings[1]).toMatchObject({ level: 'problem', what: expect.stringContaining(aws.account) });
  });

  it('says that there are no credentials, once', async () => {
    const aws: AwsTarget = { account: '333333333333', region: 'us-east-1', profile: 'nobody-has-this' };
    const { findings } = await examine(planFor(aws));
    expect(findings).toEqual([
      expect.objectContaining({ subject: 'proxy of the worker', level: 'ok' }),
      expect.objectContaining({
        subject: 'credentials',
        level: 'problem',
        what: expect.stringContaining('nothing else was checked'),
        remedy: expect.stringContaining('nobody-has-this'),
      }),
    ]);
  });
});
