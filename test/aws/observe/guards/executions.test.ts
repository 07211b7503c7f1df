import { CreateStateMachineCommand, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { readExecutions } from '../../../../activities/observe/executions';
import { countFinished } from '../../../../activities/observe/verification/count-finished';
import { readGuard } from '../../../../activities/observe/guards/guards';
import { createWatch } from '../../../../activities/observe/watch';
import type { ExecutionsGuard } from '../../../../rules/guards/guard';
import type { ExecutionsReading } from '../../../../rules/guards/readings';
import { KEPT_MS } from '../../../../rules/rollout/unreadable';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { activityEnvironment } from '../../../helpers/activity-environment';
import { answerInstead, awsFor, lookAt, requestsOf } from '../../../helpers/samples/looks';
import { until } from '../../../helpers/samples/pipeline-api';

const nextAccount = freshAccounts(8);
type Aws = ReturnType<typeof nextAccount>;

const guard: ExecutionsGuard = {
  name: 'jobs-succeed',
  kind: 'executions',
  onBreach: 'rollback',
  stateMachine: 'pipeline',
  userErrors: ['InvalidInput', 'the sequence is not in'],
  breach: { successRateBelow: 95 },
};

const fails = (Error: string, Cause: string): object => ({ Type: 'Fail', Error, Cause });
/** Ends as its input says. */
const definition = {
  StartAt: 'How',
  States: {
    How: {
      Type: 'Choice',
      Choices: ['ours', 'user', 'userByCause', 'waits'].map((StringEquals) => ({
        Variable: '$.how',
        StringEquals,
        Next: StringEquals,
      })),
      Default: 'succeeds',
    },
    succeeds: { Type: 'Succeed' },
    ours: fails('PipelineError', 'no space left'),
    user: fails('InvalidInput', 'seq_regions is empty'),
    userByCause: fails('PipelineError', 'the sequence is not in the FASTA file'),
    waits: { Type: 'Wait', Seconds: 86_400, End: true },
  },
};

/** A state machine in an account of its own, with what runs on it. */
class Machine {
  readonly aws: Aws = nextAccount();
  private arn = '';

  async create(): Promise<this> {
    const roleArn = `arn:aws:iam::${this.aws.account}:role/pipeline`;
    const { stateMachineArn = '' } = await awsFor(this.aws).sfn.send(
      new CreateStateMachineCommand({ name: 'pipeline', roleArn, definition: JSON.stringify(definition) }),
    );
    this.arn = stateMachineArn;
    return this;
  }

  async run(...hows: readonly string[]): Promise<readonly string[]> {
    const start = async (how: string): Promise<string> => {
      const command = new StartExecutionCommand({ stateMachineArn: this.arn, input: JSON.stringify({ how }) });
      return (await awsFor(this.aws).sfn.send(command)).executionArn ?? '';
    };
    return Promise.all(hows.map(start));
  }

  read(sinceMs: number): Promise<ExecutionsReading> {
    return readExecutions(guard, lookAt(this.aws, { sinceMs }));
  }

  async untilRunning(count: number, sinceMs: number): Promise<void> {
    await until(async () => (await this.read(sinceMs)).running === count);
  }
}

describe('countFinished', () => {
  it('counts those that succeeded, over pages, until the newest record expires, and says what it does not know', async () => {
    const machine = await new Machine().create();
    const look = lookAt(machine.aws);
    const sinceMs = Date.now();
    expect(await countFinished(look, 'pipeline')).toEqual({ count: 0 });
    await machine.run('succeeds', 'succeeds', 'succeeds', 'ours', 'user', 'waits');
    await machine.untilRunning(1, sinceMs);
    const counted = await countFinished(look, 'pipeline');
    expect(counted).toEqual({ count: 3, untilMs: expect.any(Number) as number });
    expect(counted.untilMs).toBeGreaterThanOrEqual(Math.floor(sinceMs / 1_000) * 1_000 + KEPT_MS);
    expect(counted.untilMs).toBeLessThanOrEqual(Date.now() + KEPT_MS);
    const late = { ...look, abortSignal: AbortSignal.abort() };
    expect(await countFinished(late, 'pipeline')).toMatchObject({ count: 0, notKnown: expect.any(String) as string });
  });
});

describe('readExecutions', () => {
  it("counts how executions ended, the user's mistakes apart from ours", async () => {
    const machine = await new Machine().create();
    const sinceMs = Date.now();
    const waiting = await machine.run('waits', 'waits');
    await awsFor(machine.aws).sfn.send(new StopExecutionCommand({ executionArn: waiting[0] }));
    await machine.run('succeeds', 'succeeds', 'succeeds', 'ours', 'ours', 'user', 'userByCause');
    await machine.untilRunning(1, sinceMs);
    const reading = await machine.read(sinceMs);
    expect(reading).toMatchObject({
      name: 'jobs-succeed',
      kind: 'executions',
      ...{ started: 9, running: 1, succeeded: 3, failed: 2, timedOut: 0, aborted: 1, userErrors: 2 },
      averageDurationMs: expect.any(Number) as number,
    });
    expect(reading.examples).toEqual([
      expect.stringContaining('PipelineError: no space left'),
      expect.stringContaining('PipelineError: no space left'),
    ]);
    expect(reading.cut).toBeUndefined();
  });

  it('does not count what was started before the step', async () => {
    const machine = await new Machine().create();
    await machine.run('ours', 'succeeds');
    await new Promise((resolve) => setTimeout(resolve, 50));
    const sinceMs = Date.now();
    await machine.run('succeeds');
    await machine.untilRunning(0, sinceMs);
    expect(await machine.read(sinceMs)).toMatchObject({ started: 1, succeeded: 1, failed: 0 });
  });

  it('asks why an execution failed only once, and never why one succeeded', async () => {
    const machine = await new Machine().create();
    const sinceMs = Date.now();
    const sent = requestsOf(awsFor(machine.aws).sfn);
    const described = () => sent.filter(({ command }) => command === 'DescribeExecutionCommand').length;
    await machine.run('succeeds', 'ours', 'user');
    await machine.untilRunning(0, sinceMs);
    await machine.read(sinceMs);
    expect(described()).toBe(2);
    await machine.run('ours');
    await machine.untilRunning(0, sinceMs);
    expect(await machine.read(sinceMs)).toMatchObject({ failed: 2, userErrors: 1 });
    expect(described()).toBe(3);
  });

  it('reads so many pages, and says that there were more', async () => {
    const machine = await new Machine().create();
    const { sfn } = awsFor(machine.aws);
    const execution = { status: 'SUCCEEDED', startDate: new Date(), stopDate: new Date() };
    let pages = 0;
    answerInstead(sfn, 'ListExecutionsCommand', () => {
      pages += 1;
      return { executions: [execution], nextToken: 'more' };
    });
    expect(await machine.read(0)).toMatchObject({ started: 10, succeeded: 10, cut: true });
    expect(pages).toBe(10);
  });

  // The emulator lists nothing for a state machine that is not there; this is the answer of AWS.
  it('is an error when the state machine does not exist', async () => {
    const aws = nextAccount();
    answerInstead(awsFor(aws).sfn, 'ListExecutionsCommand', () => {
      throw Object.assign(new Error('no such machine'), { name: 'StateMachineDoesNotExist' });
    });
    expect(await readGuard(guard, lookAt(aws))).toEqual({
      name: 'jobs-succeed',
      kind: 'error',
      why: 'StateMachineDoesNotExist: no such machine',
    });
  });

  // The emulator lists executions of every type; this is the answer of AWS.
  it('says what to use instead where Step Functions has no list', async () => {
    const aws = nextAccount();
    answerInstead(awsFor(aws).sfn, 'ListExecutionsCommand', () => {
      throw Object.assign(new Error('not supported'), { name: 'StateMachineTypeNotSupported' });
    });
    expect(await readGuard(guard, lookAt(aws))).toMatchObject({
      kind: 'error',
      why: expect.stringMatching(/pipeline is an EXPRESS state machine, .* guard of kind metric .* or of kind logs/),
    });
  });

  it('does not take five of five successes for proof where thirty are wanted', async () => {
    const machine = await new Machine().create();
    const sinceMs = Date.now();
    await machine.run(...Array.from({ length: 5 }, () => 'succeeds'));
    await machine.untilRunning(0, sinceMs);
    const { watchAlarms } = createWatch(awsFor);
    const order = { aws: machine.aws, alarms: [], percentage: 10, sinceMs, holdsSinceMs: sinceMs, intervalMs: 1_000 };
    const look = (minSamples: number) =>
      activityEnvironment().run(watchAlarms, { ...order, guards: [{ ...guard, minSamples }] });
    expect(await look(30)).toMatchObject({
      outcome: 'inconclusive',
      guard: 'jobs-succeed',
      guards: [{ samples: { seen: 5, wanted: 30 } }],
    });
    expect(await look(5)).toMatchObject({ outcome: 'healthy' });
  });
});
