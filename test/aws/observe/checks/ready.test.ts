import { resolve } from 'node:path';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PutDashboardCommand, PutMetricAlarmCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { createChecks } from '../../../../activities/observe/checks/run-check';
import type { FindLastRollout, LastRollout } from '../../../../activities/observe/checks/asking';
import { createAwsFor } from '../../../../activities/aws';
import { PAVI_JOBS, PAVI_KIND } from '../../../../pavi/jobs';
import type { AwsTarget, EnvironmentPlan, Proof } from '../../../../rules/plan/environment-plan';
import type { CheckQuestion, CheckResult } from '../../../../rules/checks/check';
import { checkOf } from '../../../../rules/checks/check';
import { checkOfItem } from '../../../../rules/rollout/checklist';
import { minimalJob } from '../../../../sandbox/pipeline/sample-jobs';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { activityEnvironment } from '../../../helpers/activity-environment';
import { PipelineApi } from '../../../helpers/samples/pipeline-api';
import { aPlan } from '../../../helpers/samples/plans';

const nextAccount = freshAccounts(12);
const awsFor = createAwsFor();
const JOB = resolve(__dirname, '../../../../plans/pavi-test-job.json');

let world: PipelineApi;
beforeAll(async () => {
  world = await PipelineApi.start();
});
afterAll(() => world.stop());

interface Case {
  readonly plan?: Partial<EnvironmentPlan>;
  readonly sinceMs?: number;
  readonly lastRollout?: FindLastRollout;
  /** What an attempt before this one remembered. */
  readonly memory?: object;
}

/** Asks what proves an item, as a rollout does. */
function prove(proof: Proof, { plan = {}, sinceMs = 0, lastRollout, memory }: Case): Promise<CheckResult> {
  const whole = aPlan(plan);
  const check = checkOfItem(whole, { id: 'item', text: 'An item', proof });
  if (check === undefined) throw new Error('no check');
  const environment = activityEnvironment({ heartbeatDetails: memory });
  return environment.run(createChecks(awsFor, { lastRollout, jobKinds: [PAVI_KIND] }).runCheck, {
    plan: whole,
    check,
    sinceMs,
  });
}

const askedAlone = (question: CheckQuestion, plan: Partial<EnvironmentPlan> = {}): Promise<CheckResult> =>
  activityEnvironment().run(createChecks(awsFor).runCheck, {
    ...{ plan: aPlan(plan), check: checkOf('alone', question), sinceMs: 0 },
  });

it('the notice of the start is not known to a check alone, and the last rollout not to a worker without Temporal', async () => {
  expect(await askedAlone({ kind: 'team-notified' })).toMatchObject({ outcome: 'unknown' });
  expect(await askedAlone({ kind: 'rollout-completed', environment: 'staging' })).toMatchObject({ outcome: 'unknown' });
});

it('no alarm is no quiet, and no dashboard is no data', async () => {
  const watch = { ...aPlan().watch, alarms: [] };
  expect(await askedAlone({ kind: 'alarms-quiet' }, { watch })).toMatchObject({ outcome: 'unknown' });
  expect(await askedAlone({ kind: 'dashboard-has-data' }, { watch })).toMatchObject({
    outcome: 'unknown',
    why: 'the plan names no dashboard',
  });
});

describe('alarms-quiet', () => {
  const watch = { ...aPlan().watch, alarms: [{ name: 'failed', onBreach: 'notify' as const }] };
  const putAlarm = async (aws: AwsTarget): Promise<void> => {
    const alarm = { AlarmName: 'failed', Namespace: 'Test', MetricName: 'Failed', Statistic: 'Sum' as const };
    const rule = { Period: 60, EvaluationPeriods: 1, Threshold: 1 };
    const ComparisonOperator = 'GreaterThanOrEqualToThreshold';
    await awsFor(aws).cloudwatch.send(new PutMetricAlarmCommand({ ...alarm, ...rule, ComparisonOperator }));
  };
  const set = (aws: AwsTarget, StateValue: 'OK' | 'ALARM') =>
    awsFor(aws).cloudwatch.send(new SetAlarmStateCommand({ AlarmName: 'failed', StateValue, StateReason: 'test' }));

  it('is proved when all are OK', async () => {
    const aws = nextAccount();
    await putAlarm(aws);
    await set(aws, 'OK');
    expect(await prove({ by: 'alarms-quiet' }, { plan: { aws, watch } })).toMatchObject({ outcome: 'yes' });
  });

  it('is not proved by one that rings, one that rang since, or one that is not there', async () => {
    const aws = nextAccount();
    expect(await prove({ by: 'alarms-quiet' }, { plan: { aws, watch } })).toMatchObject({
      outcome: 'unknown',
      why: expect.stringContaining('failed does not exist'),
    });
    await putAlarm(aws);
    const sinceMs = Date.now() - 1_000;
    await set(aws, 'ALARM');
    expect(await prove({ by: 'alarms-quiet' }, { plan: { aws, watch }, sinceMs })).toMatchObject({
      outcome: 'no',
      why: expect.stringContaining('is in ALARM'),
    });
    await set(aws, 'OK');
    expect(await prove({ by: 'alarms-quiet' }, { plan: { aws, watch }, sinceMs })).toMatchObject({
      outcome: 'no',
      why: expect.stringContaining('is OK again'),
    });
  });

  it('is not proved, with the reason, when CloudWatch does not answer', async () => {
    const saved = process.env['AWS_ENDPOINT_URL'];
    process.env['AWS_ENDPOINT_URL'] = 'http://127.0.0.1:9';
    try {
      const { runCheck } = createChecks(createAwsFor());
      const plan = aPlan({ aws: nextAccount(), watch });
      const check = checkOf('quiet', { kind: 'alarms-quiet' });
      expect(await activityEnvironment().run(runCheck, { plan, check, sinceMs: 0 })).toMatchObject({
        outcome: 'unknown',
        why: expect.stringContaining('could not be checked'),
      });
    } finally {
      process.env['AWS_ENDPOINT_URL'] = saved;
    }
  });
});

describe('dashboard-has-data', () => {
  const watch = { ...aPlan().watch, dashboard: 'PAVI-prod' };

  it('is proved only once something the dashboard draws was measured', async () => {
    const aws = nextAccount();
    const { cloudwatch } = awsFor(aws);
    const dashboardProof = () => prove({ by: 'dashboard-has-data' }, { plan: { aws, watch } });
    expect((await dashboardProof()).why).toContain('there is no dashboard PAVI-prod');
    const metrics = [['Test', 'Jobs', 'Machine', 'one'], ['.', 'Failures', '.', '.'], [{ expression: 'm1' }]];
    const DashboardBody = JSON.stringify({ widgets: [{ type: 'metric', properties: { metrics } }] });
    await cloudwatch.send(new PutDashboardCommand({ DashboardName: 'PAVI-prod', DashboardBody }));
    expect(await dashboardProof()).toMatchObject({ outcome: 'no', why: expect.stringMatching(/^0 of the 2 metrics/) });
    const Dimensions = [{ Name: 'Machine', Value: 'one' }];
    // The look ends before its own moment.
    const Timestamp = new Date(Date.now() - 60_000);
    const MetricData = [{ MetricName: 'Jobs', Dimensions, Value: 1, Timestamp }];
    await cloudwatch.send(new PutMetricDataCommand({ Namespace: 'Test', MetricData }));
    expect(await dashboardProof()).toMatchObject({ outcome: 'yes', why: expect.stringMatching(/^1 of the 2 metrics/) });
  });
});

describe('the test job', () => {
  const verification = (changes = {}) => ({
    ...{ monitorMs: 0, jobs: PAVI_JOBS, apiUrl: `${world.api.url}/`, testJob: JOB },
    ...changes,
  });
  const run = (by: 'end-to-end' | 'sample-jobs', changes = {}, memory?: object): Promise<CheckResult> =>
    prove({ by }, { plan: { verification: verification(changes) }, memory });

  it('proves the way through the API, on the old backend and on the new one', async () => {
    for (const [percentage, mode] of [
      [0, 'nextflow'],
      [100, 'step_functions'],
    ] as const) {
      await world.setPercentage(percentage);
      expect(await run('end-to-end')).toMatchObject({
        outcome: 'yes',
        why: expect.stringMatching(new RegExp(`^healthy in mode ${mode}; completed with both results: [0-9a-f-]{36}$`)),
      });
    }
  });

  it('is submitted three times as sample jobs', async () => {
    const { outcome, why } = await run('sample-jobs');
    expect(outcome).toBe('yes');
    expect(why.match(/[0-9a-f-]{36}/g)).toHaveLength(3);
  });

  it('is not submitted again by another attempt', async () => {
    await world.setPercentage(0);
    const { uuid } = (await world.submit(minimalJob)).view;
    expect((await run('end-to-end', {}, { jobs: [uuid] })).why).toContain(uuid);
  });

  it.each<[string, object, RegExp]>([
    ['the plan names no API', { apiUrl: undefined }, /names no verification.apiUrl/],
    ['the worker does not have the file', { testJob: '/nowhere/job.json' }, /cannot read the test job \/nowhere/],
    ['nobody answers', { apiUrl: 'http://127.0.0.1:9' }, /could not be asked/],
    ['the API refuses it', { testJob: resolve(__dirname, '../../../../package.json') }, /the test job answered 422/],
  ])('proves nothing when %s', async (_name, changes, why) => {
    expect(await run('end-to-end', changes)).toMatchObject({ outcome: 'no', why: expect.stringMatching(why) });
  });

  it('proves nothing when a job that was accepted is not found again', async () => {
    const lost = '00000000-0000-4000-8000-000000000000';
    expect(await run('end-to-end', {}, { jobs: [lost] })).toMatchObject({
      outcome: 'no',
      why: expect.stringContaining('jobs are not read where they run'),
    });
  });
});

describe('rollout-completed', () => {
  const completed = { outcome: 'completed', why: '100 % was watched', atMs: Date.UTC(2026, 10, 3) } as const;
  it.each<[string, LastRollout | undefined, CheckResult['outcome'], RegExp]>([
    ['completed', { running: false, outcome: completed }, 'yes', /completed at Tue 3 Nov 2026 00:00:00 UTC/],
    ['was rolled back', { running: false, outcome: { ...completed, outcome: 'rolled-back' } }, 'no', /rolled-back/],
    ['still runs', { running: true }, 'no', /still running/],
    ['was terminated', { running: false }, 'no', /without an outcome/],
    ['never was', undefined, 'unknown', /no rollout of pavi staging is known/],
  ])('by a last rollout that %s', async (_name, last, outcome, why) => {
    const asked: string[] = [];
    const lastRollout: FindLastRollout = async (...names) => (asked.push(names.join(' ')), last);
    const found = await prove({ by: 'rollout-completed', environment: 'staging' }, { lastRollout });
    expect(found).toMatchObject({ outcome, why: expect.stringMatching(why) });
    expect(asked).toEqual(['pavi staging']);
  });
});

describe('no-open-incident', () => {
  it.each<[string, number, string, RegExp, CheckResult['outcome']]>([
    ['an empty list', 200, '[]', /no incident is open/, 'yes'],
    ['none open', 200, '{"open":0}', /no incident is open/, 'yes'],
    ['a list of one', 200, '[{"id":1}]', /^1 incident is open/, 'no'],
    ['two open', 200, '{"open":2}', /^2 incidents are open/, 'no'],
    ['something else', 200, '{"open":"none"}', /neither a list nor/, 'unknown'],
    ['a page', 200, '<html>', /neither a list nor/, 'unknown'],
    ['an error', 503, '[]', /answered 503/, 'unknown'],
  ])('by an answer of %s', async (_name, ...[status, text, why, outcome]) => {
    const server = createServer((_request, answer) => answer.writeHead(status).end(text));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    try {
      const found = await prove({ by: 'no-open-incident', url: `http://127.0.0.1:${port}/incidents` }, {});
      expect(found).toMatchObject({ outcome, why: expect.stringMatching(why) });
    } finally {
      server.close();
    }
  });
});

it('a kept template is not claimed', async () => {
  const found = await prove({ by: 'rollback-template-kept' }, { plan: { aws: nextAccount() } });
  expect(found).toEqual({ ...found, outcome: 'no', why: expect.stringContaining('nothing is kept') });
});
