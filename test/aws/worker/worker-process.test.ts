import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import {
  CreateStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  SignalResourceCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Client } from '@temporalio/client';
import { temporal as proto } from '@temporalio/proto';
import { createKeepActivities } from '../../../activities/act/keep-stacks';
import { createAwsFor } from '../../../activities/aws';
import { formatFlags, parseFlags } from '../../../flags/contract';
import type { AwsTarget, EnvironmentPlan } from '../../../rules/plan/environment-plan';
import { bootstrapAccount } from '../../../sandbox/bootstrap';
import type { infraRollback, rollout } from '../../../workflows';
import { abortSignal, statusQuery, TASK_QUEUE } from '../../../workflows/messages';
import { freshAccounts } from '../../helpers/aws/accounts';
import { activityEnvironment } from '../../helpers/activity-environment';
import { changedPlan, withoutPush } from '../../helpers/processes/cli';
import { aPlan } from '../../helpers/samples/plans';
import { TemporalProcess } from '../../helpers/temporal/temporal-process';
import { SECRET, Webhook } from '../../helpers/processes/webhook';

jest.setTimeout(240_000);

// The worker reads the profiles when it starts: every account is there before.
const nextAccount = freshAccounts(2);
const accounts = [nextAccount(), nextAccount()] as const;
const awsFor = createAwsFor();
const S = 'S';
type Account = ReturnType<typeof nextAccount>;
/** Patient, unlike the project's own. */
const ssmOf = ({ region, profile }: Account): SSMClient => new SSMClient({ region, profile });

let temporal: TemporalProcess;
let client: Client;
let taken: Webhook;
let refused: Webhook;
beforeAll(async () => {
  [taken, refused] = await Promise.all([Webhook.start(), Webhook.start()]);
  refused.status = 404;
  process.env['TEST_WEBHOOK'] = refused.address;
  temporal = await TemporalProcess.start();
  await temporal.work(changedPlan('worker.yaml', withoutPush));
  client = await temporal.client();
});
afterAll(async () => {
  delete process.env['TEST_WEBHOOK'];
  await client?.connection.close();
  await Promise.all([temporal?.stop(), taken?.stop(), refused?.stop()]);
});

const planIn = ({ account, region, profile }: AwsTarget, changes: Partial<EnvironmentPlan> = {}): EnvironmentPlan =>
  aPlan({ aws: { account, region, profile }, ...changes });

async function flagAt(aws: Account, percentage: number): Promise<void> {
  const { parameter: Name, salt } = aPlan().flag;
  const written = { schema: 1, generation: 3, writer: 'test', reason: 'test', salt } as const;
  const Value = formatFlags({ ...written, percentage });
  await ssmOf(aws).send(new PutParameterCommand({ Name, Value, Type: 'String' }));
}

async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  const deadlineMs = Date.now() + 90_000;
  while (!(await holds())) {
    if (Date.now() > deadlineMs) throw new Error(`it did not come to that:\n${temporal.log('worker')}`);
    await sleep(100);
  }
}

describe('a worker that is killed on the way back of the stacks', () => {
  /** With `Wait` it is not done before a signal. */
  const template = (value: string, waits: boolean): string =>
    JSON.stringify({
      Resources: {
        One: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Name: '/one', Value: value } },
        ...(waits
          ? {
              Handle: { Type: 'AWS::CloudFormation::WaitConditionHandle' },
              Wait: {
                Type: 'AWS::CloudFormation::WaitCondition',
                DependsOn: 'One',
                Properties: { Handle: { Ref: 'Handle' }, Timeout: '120' },
              },
            }
          : {}),
      },
    });
  const signal = (cfn: CloudFormationClient) =>
    cfn.send(
      new SignalResourceCommand({ StackName: S, LogicalResourceId: 'Wait', UniqueId: 'test', Status: 'SUCCESS' }),
    );
  const events = async (cfn: CloudFormationClient) =>
    (await cfn.send(new DescribeStackEventsCommand({ StackName: S }))).StackEvents ?? [];
  const waiting = async (cfn: CloudFormationClient): Promise<boolean> =>
    (await events(cfn))[0]?.LogicalResourceId === 'Wait';
  const settled = (cfn: CloudFormationClient): Promise<void> =>
    until(async () => {
      const { Stacks } = await cfn.send(new DescribeStacksCommand({ StackName: S }));
      return Stacks?.[0]?.StackStatus?.endsWith('_COMPLETE') === true;
    });

  it('is followed by one that continues with what CloudFormation does, and starts it no second time', async () => {
    const [aws] = accounts;
    const cfn = awsFor(aws).cloudformation;
    await bootstrapAccount(aws);
    await flagAt(aws, 25);
    const before = template('1', true);
    await cfn.send(new CreateStackCommand({ StackName: S, TemplateBody: before }));
    await until(() => waiting(cfn));
    await signal(cfn);
    await settled(cfn);
    const { service, environment } = aPlan();
    const order = { aws, service, environment, stacks: [S], workflowId: 'deployment-pavi-prod', runId: 'run-1' };
    await activityEnvironment().run(createKeepActivities(awsFor).keepStacks, order);
    await cfn.send(new UpdateStackCommand({ StackName: S, TemplateBody: template('2', false) }));
    await settled(cfn);
    const earlier = new Set((await events(cfn)).map(({ EventId }) => EventId));

    const infrastructure = { app: 'none', directory: '.', stacks: [S] };
    const handle = await client.workflow.start<typeof infraRollback>('infraRollback', {
      ...{ taskQueue: TASK_QUEUE, workflowId: 'infra-rollback-pavi-prod' },
      args: [{ plan: planIn(aws, { infrastructure }), startedBy: 'ada' }],
    });
    await until(() => waiting(cfn));
    await temporal.killWorker();
    await signal(cfn);
    expect(await handle.result()).toMatchObject({
      outcome: 'back',
      stacks: [{ name: S, way: 'redeploy', status: 'UPDATE_COMPLETE', drifted: [] }],
    });
    const { TemplateBody } = await cfn.send(new GetTemplateCommand({ StackName: S, TemplateStage: 'Original' }));
    expect(TemplateBody).toBe(before);
    const begun = (await events(cfn)).filter(
      ({ EventId, LogicalResourceId, ResourceStatus }) =>
        !earlier.has(EventId) && LogicalResourceId === S && ResourceStatus === 'UPDATE_IN_PROGRESS',
    );
    expect(begun).toHaveLength(1);
    const { Parameter } = await ssmOf(aws).send(new GetParameterCommand({ Name: aPlan().flag.parameter }));
    const flags = parseFlags(Parameter?.Value ?? '');
    expect(flags.ok && flags.document.percentage).toBe(0);
  });
});

describe('the address of a webhook', () => {
  it('is in no history, no log, no status and no details, whether the message was taken or not', async () => {
    const [, aws] = accounts;
    await flagAt(aws, 0);
    const ssm = ssmOf(aws);
    await ssm.send(new PutParameterCommand({ Name: '/hook', Value: taken.address, Type: 'SecureString' }));
    // Not taken because it would go over the network as it is.
    const unsafe = `http://hooks.example.org/services/${SECRET}`;
    await ssm.send(new PutParameterCommand({ Name: '/unsafe', Value: unsafe, Type: 'SecureString' }));
    const plan = planIn(aws, {
      notify: [
        { name: 'taken', webhook: { parameter: '/hook' } },
        { name: 'refused', webhook: { variable: 'TEST_WEBHOOK' } },
        { name: 'unsafe', webhook: { parameter: '/unsafe' } },
      ],
    });
    const handle = await client.workflow.start<typeof rollout>('rollout', {
      ...{ taskQueue: TASK_QUEUE, workflowId: 'rollout-pavi-prod' },
      args: [{ plan, startedBy: 'ada' }],
    });
    const doctor = await client.workflow.start('doctor', {
      ...{ taskQueue: TASK_QUEUE, workflowId: 'doctor-pavi-prod' },
      args: [{ plan }],
    });
    const untold = async (name: string): Promise<boolean> =>
      (await handle.query(statusQuery)).log.some(({ what }) => what.startsWith(`${name} did not get`));
    await until(async () => taken.posts.length > 0 && (await untold('refused')) && (await untold('unsafe')));
    const shown = [await handle.query(statusQuery), await handle.query('__temporal_workflow_metadata')];
    await handle.signal(abortSignal, { by: 'ada', reason: 'seen enough' });
    const results = [await handle.result(), await doctor.result()];
    await until(() => taken.posts.length > 1);

    // The worker has it, and uses it.
    expect(taken.posts.every(({ path }) => path === `/services/${SECRET}`)).toBe(true);
    expect(refused.posts.length).toBeGreaterThan(0);
    const histories: string[] = [];
    for await (const { workflowId, runId } of client.workflow.list()) {
      const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      histories.push(Buffer.from(proto.api.history.v1.History.encode(history).finish()).toString('latin1'));
    }
    const all = [
      ...histories,
      ...[...shown, ...results].map((one) => JSON.stringify(one)),
      temporal.log('worker'),
      temporal.log('server'),
    ];
    // What is searched is readable, payloads too, and holds the notices.
    expect(histories.join('').split('rollout started by ada').length).toBeGreaterThan(2);
    expect(all.join('')).toContain('refused did not get');
    for (const part of [SECRET, ...SECRET.split('/')]) expect(all.filter((text) => text.includes(part))).toEqual([]);
  });
});
