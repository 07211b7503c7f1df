import { DeleteAlarmsCommand, PutMetricDataCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { createAwsFor } from '../../../../activities/aws';
import { createWatch, type WatchOrder } from '../../../../activities/observe/watch';
import type { Guard } from '../../../../rules/guards/guard';
import type { Verdict } from '../../../../rules/guards/verdict';
import { verdictKey } from '../../../../rules/guards/verdict-of';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { activityEnvironment } from '../../../helpers/activity-environment';
import { startAwsProxy } from '../../../helpers/aws/aws-proxy';
import { awsFor, putAlarm, requestsOf } from '../../../helpers/samples/looks';

const nextAccount = freshAccounts(24);
const { watchAlarms } = createWatch(awsFor);
type Aws = ReturnType<typeof nextAccount>;

const measure = (aws: Aws, value: number, name = 'failed') =>
  awsFor(aws).cloudwatch.send(
    new PutMetricDataCommand({ Namespace: 'Test', MetricData: [{ MetricName: name, Value: value }] }),
  );
/** The emulator does not go back to OK by time alone. */
const backToOk = (aws: Aws, name = 'failed') =>
  awsFor(aws).cloudwatch.send(new SetAlarmStateCommand({ AlarmName: name, StateValue: 'OK', StateReason: 'over' }));

const logs = (name: string, changes: Partial<Guard> = {}): Guard =>
  ({
    name,
    kind: 'logs',
    group: '/pavi/api/prod',
    pattern: 'ERROR',
    periodMs: 1_000,
    breach: { above: 0 },
    onBreach: 'rollback',
    ...changes,
  }) as Guard;

const order = (aws: Aws, changes: Partial<WatchOrder> = {}): WatchOrder => ({
  aws,
  alarms: [{ name: 'failed', onBreach: 'rollback' }],
  guards: [],
  percentage: 10,
  sinceMs: Date.now() - 1_000,
  holdsSinceMs: Date.now() - 1_000,
  intervalMs: 60_000,
  ...changes,
});
const watch = (wanted: WatchOrder, errorsInARow: Record<string, number> = {}): Promise<Verdict> =>
  activityEnvironment({ heartbeatDetails: { errorsInARow } }).run(watchAlarms, wanted);
const nothingNew = (nextRetryDelay: number) => ({
  ...{ type: 'NothingNew', category: 'BENIGN', nextRetryDelay },
  // The Web UI would show it below the last failure.
  stack: '',
});

describe('an alarm or a guard of another account or region', () => {
  const elsewhere = (there: Aws) =>
    order(nextAccount(), { alarms: [{ name: 'failed', onBreach: 'rollback', aws: there }] });

  it.each([
    ['another account', 'us-east-1'],
    ['another account and region', 'eu-west-1'],
  ])('is looked at there: %s', async (_name, region) => {
    const there = { ...nextAccount(), region };
    const wanted = elsewhere(there);
    await putAlarm({ ...there, account: wanted.aws.account, profile: wanted.aws.profile ?? '', region: 'us-east-1' });
    expect(await watch(wanted)).toMatchObject({ outcome: 'no-data', why: expect.stringContaining('does not exist') });
    await putAlarm(there);
    await measure(there, 1);
    expect(await watch(wanted)).toMatchObject({ outcome: 'breach', alarm: 'failed' });
  });

  it('is no alarm of that name in the account of the credentials', async () => {
    const aws = nextAccount();
    await putAlarm(aws);
    await measure(aws, 0);
    const wanted = order(aws, {
      alarms: [{ name: 'failed', onBreach: 'rollback', aws: { ...aws, account: '123456789012' } }],
    });
    const { outcome, why } = await watch(wanted, { failed: 2 });
    expect([outcome, why]).toEqual([
      'error',
      expect.stringMatching(/of account 9\d+, and the plan wants that of 123456789012/),
    ]);
  });

  it('counts the lines of a log there', async () => {
    const [aws, there] = [nextAccount(), { ...nextAccount(), region: 'eu-west-1' }];
    await putAlarm(aws);
    await measure(aws, 0);
    const guarded = (place: Aws) =>
      watch(order(aws, { guards: [logs('errors', { aws: place })], sinceMs: Date.now() - 5_000 }), { errors: 2 });
    await awsFor(there).logs.send(new CreateLogGroupCommand({ logGroupName: '/pavi/api/prod' }));
    expect(await guarded({ ...there, region: 'us-east-1' })).toMatchObject({ outcome: 'error', guard: 'errors' });
    expect((await guarded(there)).outcome).not.toBe('error');
  });
});

describe('watchAlarms', () => {
  it.each([
    ['healthy, when its alarm is OK', 0, 'healthy'],
    ['a breach, when its alarm rings', 1, 'breach'],
  ])('reports %s', async (_name, value, outcome) => {
    const aws = nextAccount();
    await putAlarm(aws);
    await measure(aws, value);
    expect(await watch(order(aws))).toMatchObject({ outcome });
  });

  it('reports blindness, by name, for an alarm without data', async () => {
    const aws = nextAccount();
    await putAlarm(aws);
    expect(await watch(order(aws))).toMatchObject({
      outcome: 'no-data',
      alarm: 'failed',
      why: expect.stringContaining('INSUFFICIENT_DATA'),
    });
  });

  it('rolls back for an alarm that was raised and cleared between two polls', async () => {
    const aws = nextAccount();
    const sinceMs = Date.now() - 1_000;
    await putAlarm(aws);
    await measure(aws, 0);
    const known = verdictKey(await watch(order(aws, { sinceMs })));
    await measure(aws, 1);
    await backToOk(aws);
    expect(await watch(order(aws, { sinceMs, known }))).toMatchObject({
      outcome: 'breach',
      asks: 'rollback',
      why: expect.stringContaining('is OK again'),
    });
  });

  it('holds for an alarm that is deleted in the middle of the step, and says that it is blind', async () => {
    const aws = nextAccount();
    await putAlarm(aws);
    await measure(aws, 0);
    const known = verdictKey(await watch(order(aws)));
    await awsFor(aws).cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: ['failed'] }));
    const verdict = await watch(order(aws, { known }));
    expect(verdict).toMatchObject({ outcome: 'no-data', alarm: 'failed', why: expect.stringContaining('not exist') });
    expect(verdict.asks).toBeUndefined();
  });

  it('does not count an alarm that rang before the step, and of those that hold, before they were resumed', async () => {
    const aws = nextAccount();
    const alarms = [{ name: 'failed', onBreach: 'hold' as const }];
    const before = Date.now() - 1_000;
    await putAlarm(aws);
    await measure(aws, 1);
    await backToOk(aws);
    const later = Date.now() + 1_000;
    expect(await watch(order(aws, { sinceMs: later, holdsSinceMs: later }))).toMatchObject({ outcome: 'healthy' });
    expect(await watch(order(aws, { alarms, sinceMs: before, holdsSinceMs: later }))).toMatchObject({
      outcome: 'healthy',
    });
    expect(await watch(order(aws, { alarms, sinceMs: before, holdsSinceMs: before }))).toMatchObject({
      outcome: 'breach',
      asks: 'hold',
    });
  });

  it('ends its attempt without noise while nothing is new, and asks for the next one after the interval', async () => {
    const aws = nextAccount();
    await putAlarm(aws);
    await measure(aws, 0);
    const known = verdictKey(await watch(order(aws)));
    await expect(watch(order(aws, { known }))).rejects.toMatchObject(nothingNew(60_000));
  });

  it('reports a provider that does not answer only after three attempts, and never as a breach', async () => {
    const aws = nextAccount();
    const saved = process.env['AWS_ENDPOINT_URL'];
    process.env['AWS_ENDPOINT_URL'] = 'http://127.0.0.1:9';
    const unreachable = createWatch(createAwsFor());
    const attempt = (failed: number) => {
      const environment = activityEnvironment({ heartbeatDetails: { errorsInARow: { failed } } });
      return environment.run(unreachable.watchAlarms, order(aws));
    };
    try {
      await expect(attempt(0)).rejects.toMatchObject(nothingNew(1_000));
      await expect(attempt(1)).rejects.toMatchObject(nothingNew(1_000));
      expect(await attempt(2)).toMatchObject({ outcome: 'error', why: expect.stringContaining('did not answer') });
    } finally {
      process.env['AWS_ENDPOINT_URL'] = saved;
    }
  });

  it('says that it lives while it looks, and forgets nothing of what the looks before remembered', async () => {
    const aws = nextAccount();
    const silent = await startAwsProxy(() => undefined);
    const saved = process.env['AWS_ENDPOINT_URL'];
    process.env['AWS_ENDPOINT_URL'] = silent.url;
    const remembered = { errorsInARow: { failed: 7 }, lookedAtMs: 5, goodAtMs: { results: { 'job-1': 3 } } };
    const environment = activityEnvironment({ heartbeatDetails: remembered });
    const beats: unknown[] = [];
    environment.on('heartbeat', (details) => beats.push(details));
    try {
      const looking = createWatch(createAwsFor());
      expect(await environment.run(looking.watchAlarms, order(aws))).toMatchObject({ outcome: 'error' });
    } finally {
      process.env['AWS_ENDPOINT_URL'] = saved;
      await silent.close();
    }
    const [last, ...meanwhile] = beats.reverse();
    expect(meanwhile.length).toBeGreaterThan(0);
    for (const details of meanwhile) expect(details).toEqual(remembered);
    expect(last).toMatchObject({ errorsInARow: { failed: 8 }, goodAtMs: { results: { 'job-1': 3 } } });
  });

  it('lets a failing guard hide no other: a breach is reported at once', async () => {
    const aws = nextAccount();
    await putAlarm(aws);
    await measure(aws, 1);
    const verdict = await watch(order(aws, { guards: [logs('no-such-group')] }));
    expect(verdict).toMatchObject({ outcome: 'breach', asks: 'rollback', alarm: 'failed' });
    expect(verdict.guards.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['failed', 'breach'],
      ['no-such-group', 'inconclusive'],
    ]);
  });

  it('counts the failed reads of each guard by its name, and reports the one that fails too often', async () => {
    const aws = nextAccount();
    await putAlarm(aws);
    await measure(aws, 0);
    const wanted = order(aws, { guards: [logs('no-such-group'), logs('patient', { errorLimit: 9 })] });
    const environment = activityEnvironment({ heartbeatDetails: { errorsInARow: { 'no-such-group': 1, patient: 1 } } });
    const beats: unknown[] = [];
    environment.on('heartbeat', (details) => beats.push(details));
    await expect(environment.run(watchAlarms, wanted)).rejects.toMatchObject(nothingNew(1_000));
    expect(beats).toMatchObject([{ errorsInARow: { 'no-such-group': 2, patient: 2 }, lookedAtMs: expect.any(Number) }]);
    expect(beats).toMatchObject([{ guards: expect.arrayContaining([expect.objectContaining({ name: 'patient' })]) }]);
    const told = { guards: [logs('no-such-group')] };
    expect(await watch(order(aws, told), { 'no-such-group': 2 })).toMatchObject({
      outcome: 'error',
      guard: 'no-such-group',
      why: expect.stringContaining('ResourceNotFoundException'),
    });
  });

  it('does not read what says nothing about this percentage, or not yet', async () => {
    const aws = nextAccount();
    await putAlarm(aws);
    await measure(aws, 0);
    await awsFor(aws).logs.send(new CreateLogGroupCommand({ logGroupName: '/pavi/api/prod' }));
    const sent = requestsOf(awsFor(aws).logs);
    const guards = [logs('only-at-50', { percentages: [50] }), logs('later', { initialDelayMs: 3_600_000 })];
    await watch(order(aws, { guards }));
    await watch(order(aws, { guards: [logs('any')], percentage: 0 }));
    expect(sent).toEqual([]);
    await watch(order(aws, { guards, percentage: 50 }));
    expect(sent.length).toBeGreaterThan(0);
  });

  it('is cancelled at once', async () => {
    const aws = nextAccount();
    const environment = activityEnvironment();
    const running = environment.run(watchAlarms, order(aws));
    environment.cancel();
    await expect(running).rejects.toMatchObject({ name: 'CancelledFailure' });
  });
});
