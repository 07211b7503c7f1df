import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { CreateFunctionCommand, PublishVersionCommand } from '@aws-sdk/client-lambda';
import { CreateStateMachineCommand, ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { createAwsFor } from '../../../../activities/aws';
import { createChecks } from '../../../../activities/observe/checks/run-check';
import { checkOf, type CheckQuestion, type CheckResult } from '../../../../rules/checks/check';
import { activityEnvironment } from '../../../helpers/activity-environment';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { NODE_FUNCTION, zipOf } from '../../../../sandbox/aws/function-code';
import { aPlan } from '../../../helpers/samples/plans';

const aws = freshAccounts(1)();
const awsFor = createAwsFor();
const clients = awsFor(aws);
let activities = 0;

interface Around {
  readonly withinMs?: number;
  readonly activityId?: string;
}

function ask(
  question: CheckQuestion,
  { withinMs, activityId = `activity-${(activities += 1)}` }: Around = {},
): Promise<CheckResult> {
  const environment = activityEnvironment({ activityId });
  const check = checkOf('service', question, withinMs);
  return environment.run(createChecks(awsFor).runCheck, { plan: aPlan({ aws }), check, sinceMs: 0 });
}

describe('a metric', () => {
  const metrics = [{ id: 'm', namespace: 'Checks', metric: 'Errors', statistic: 'Maximum', dimensions: {} }];
  const question = { kind: 'metric', metrics, periodMs: 60_000, lastMs: 300_000 } as const;

  it('is judged by what CloudWatch has of the last periods, and is unknown before it has any', async () => {
    expect(await ask({ ...question, atMost: 3 })).toMatchObject({
      outcome: 'unknown',
      why: expect.stringContaining('no data'),
    });
    const Timestamp = new Date(Date.now() - 180_000);
    const MetricData = [{ MetricName: 'Errors', Value: 5, Timestamp }];
    await clients.cloudwatch.send(new PutMetricDataCommand({ Namespace: 'Checks', MetricData }));
    expect(await ask({ ...question, atMost: 3 })).toMatchObject({
      outcome: 'no',
      why: expect.stringContaining('was 5'),
    });
    expect(await ask({ ...question, atMost: 5, atLeast: 5 })).toMatchObject({
      outcome: 'yes',
      evidence: { values: ['5'] },
    });
  });
});

describe('an execution', () => {
  const machine = async (name: string, state: object): Promise<string> => {
    const definition = JSON.stringify({ StartAt: 'Only', States: { Only: state } });
    await clients.sfn.send(new CreateStateMachineCommand({ name, definition, roleArn: 'arn:aws:iam::1:role/test' }));
    return name;
  };
  const question = {
    kind: 'execution',
    input: { order: 'test' },
    output: [{ path: 'order', equals: 'test' }],
  } as const;

  it('is started with its input, and its output compared', async () => {
    const stateMachine = await machine('checks-echo', { Type: 'Pass', End: true });
    expect(await ask({ ...question, stateMachine })).toMatchObject({
      outcome: 'yes',
      evidence: { status: 'SUCCEEDED' },
    });
    expect(await ask({ ...question, stateMachine, input: {} })).toMatchObject({
      outcome: 'no',
      why: expect.stringContaining('order is missing'),
    });
  });

  it('is not started again by another attempt', async () => {
    const stateMachine = await machine('checks-once', { Type: 'Pass', End: true });
    const stateMachineArn = `arn:aws:states:${aws.region}:${aws.account}:stateMachine:${stateMachine}`;
    for (const _attempt of [1, 2]) await ask({ ...question, stateMachine }, { activityId: 'same' });
    const { executions } = await clients.sfn.send(new ListExecutionsCommand({ stateMachineArn }));
    expect(executions).toHaveLength(1);
  });

  it('that fails is no, one that runs on is unknown, and so is one of a machine that is not there', async () => {
    const failing = await machine('checks-fail', { Type: 'Fail', Error: 'Broken', Cause: 'by the test' });
    expect(await ask({ ...question, stateMachine: failing })).toMatchObject({
      outcome: 'no',
      why: expect.stringContaining('FAILED: Broken: by the test'),
    });
    const waiting = await machine('checks-wait', { Type: 'Wait', Seconds: 600, End: true });
    expect(await ask({ ...question, stateMachine: waiting }, { withinMs: 3_000 })).toMatchObject({
      outcome: 'unknown',
      why: expect.stringMatching(/still runs|not answered within/),
    });
    expect(await ask({ ...question, stateMachine: 'nowhere' })).toMatchObject({
      outcome: 'unknown',
      why: expect.stringContaining('could not be checked'),
    });
  });
});

describe('a function', () => {
  const source = `exports.handler = async (event) => {
    if (event.fails) throw new Error('broken');
    return { ok: true, order: event.order };
  };`;
  beforeAll(async () => {
    const made = { ...NODE_FUNCTION, FunctionName: 'checks', Code: { ZipFile: zipOf(source) } };
    await clients.lambda.send(new CreateFunctionCommand(made));
    await clients.lambda.send(new PublishVersionCommand({ FunctionName: 'checks' }));
  });
  const question = { kind: 'lambda', function: 'checks', payload: { order: 'test' } } as const;

  it('is invoked with its payload, and its answer compared', async () => {
    const right = [
      { path: 'ok', equals: true },
      { path: 'order', equals: 'test' },
    ];
    expect(await ask({ ...question, answer: right })).toMatchObject({ outcome: 'yes' });
    expect(await ask({ ...question, function: 'checks:1', answer: right })).toMatchObject({
      outcome: 'yes',
      evidence: { version: '1' },
    });
    expect(await ask({ ...question, answer: [{ path: 'order', equals: 'other' }] })).toMatchObject({
      outcome: 'no',
      why: expect.stringContaining('order is "test" and not "other"'),
    });
  });

  it('that fails is no, and one that is not there is unknown', async () => {
    expect(await ask({ ...question, payload: { fails: true }, answer: [] })).toMatchObject({
      outcome: 'no',
      why: expect.stringContaining('broken'),
    });
    expect(await ask({ ...question, function: 'nowhere', answer: [] })).toMatchObject({
      outcome: 'unknown',
      why: expect.stringContaining('ResourceNotFound'),
    });
  });
});
