import { resolve } from 'node:path';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PutDashboardCommand, PutMetricAlarmCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import type { FindLastRollout, LastRollout } from '../../../activities/act/proofs';
import { createProofs } from '../../../activities/act/proofs';
import { createAwsFor } from '../../../activities/aws';
import type { AwsTarget, EnvironmentPlan, Proof } from '../../../rules/plan/environment-plan';
import type { Proved } from '../../../rules/rollout/state/gates';
import { minimalJob } from '../../../sandbox/pipeline/sample-jobs';
import { freshAccounts } from '../../helpers/aws/accounts';
import { activityEnvironment } from '../../helpers/activity-environment';
import { PipelineApi } from '../../helpers/samples/pipeline-api';
import { aPlan } from '../../helpers/samples/plans';

const nextAccount = freshAccounts(12);
const awsFor = createAwsFor();
const JOB = resolve(__dirname, '../../../plans/pavi-test-job.json');

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

const prove = (proof: Proof | undefined, { plan = {}, sinceMs = 0, lastRollout, memory }: Case): Promise<Proved> => {
  const item = { id: 'item', text: 'An item', proof };
  const environment = activityEnvironment({ heartbeatDetails: memory });
  return environment.run(createProofs(awsFor, lastRollout).proveItem, { plan: aPlan(plan), item, sinceMs });
};

it('nothing is proved of an item that a person ticks', async () => {
  expect(await prove(undefined, {})).toEqual({
    proved: false,
    why: 'a person has to tick it',
    atMs: expect.any(Number),
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
    expect(await prove({ by: 'alarms-quiet' }, { plan: { aws, watch } })).toMatchObject({ proved: true });
  });

  it('is not proved by one that rings, one that rang since, or one that is not there', async () => {
    const aws = nextAccount();
    expect(await prove({ by: 'alarms-quiet' }, { plan: { aws, watch } })).toMatchObject({
      proved: false,
      why: expect.stringContaining('failed does not exist'),
    });
    await putAlarm(aws);
    const sinceMs = Date.now() - 1_000;
    await set(aws, 'ALARM');
    expect(await prove({ by: 'alarms-quiet' }, { plan: { aws, watch }, sinceMs })).toMatchObject({
      proved: false,
      why: expect.stringContaining('is in ALARM'),
    });
    await set(aws, 'OK');
    expect(await prove({ by: 'alarms-quiet' }, { plan: { aws, watch }, sinceMs })).toMatchObject({
      proved: false,
      why: expect.stringContaining('is OK again'),
    });
  });

  it('is not proved, with the reason, when CloudWatch does not answer', async () => {
    const saved = process.env['AWS_ENDPOINT_URL'];
    process.env['AWS_ENDPOINT_URL'] = 'http://127.0.0.1:9';
    try {
      const { proveItem } = createProofs(createAwsFor());
      const plan = aPlan({ aws: nextAccount(), watch });
      const item = { id: 'item', text: 'An item', proof: { by: 'alarms-quiet' as const } };
      expect(await activityEnvironment().run(proveItem, { plan, item, sinceMs: 0 })).toMatchObject({
        proved: false,
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
    expect(await dashboardProof()).toMatchObject({ proved: false, why: expect.stringMatching(/^0 of the 2 metrics/) });
    const Dimensions = [{ Name: 'Machine', Value: 'one' }];
    const MetricData = [{ MetricName: 'Jobs', Dimensions, Value: 1 }];
    await cloudwatch.send(new PutMetricDataCommand({ Namespace: 'Test', MetricData }));
    expect(await dashboardProof()).toMatchObject({ proved: true, why: expect.stringMatching(/^1 of the 2 metrics/) });
  });
});

describe('the test job', () => {
  const verification = (changes = {}) => ({ monitorMs: 0, apiUrl: `${world.api.url}/`, testJob: JOB, ...changes });
  const run = (by: 'end-to-end' | 'sample-jobs', changes = {}, memory?: object): Promise<Proved> =>
    prove({ by }, { plan: { verification: verification(changes) }, memory });

  it('proves the way through the API, on the old backend and on the new one', async () => {
    for (const [percentage, mode] of [
      [0, 'nextflow'],
      [100, 'step_functions'],
    ] as const) {
      await world.setPercentage(percentage);
      expect(await run('end-to-end')).toMatchObject({
        proved: true,
        why: expect.stringMatching(new RegExp(`^healthy in mode ${mode}; completed with both results: [0-9a-f-]{36}$`)),
      });
    }
  });

  it('is submitted three times as sample jobs', async () => {
    const { proved, why } = await run('sample-jobs');
    expect(proved).toBe(true);
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
    ['the API refuses it', { testJob: resolve(__dirname, '../../../package.json') }, /the test job answered 422/],
  ])('proves nothing when %s', async (_name, changes, why) => {
    expect(await run('end-to-end', changes)).toMatchObject({ proved: false, why: expect.stringMatching(why) });
  });

  it('proves nothing when a job that was accepted is not found again', async () => {
    const lost = '00000000-0000-4000-8000-000000000000';
    expect(await run('end-to-end', {}, { jobs: [lost] })).toMatchObject({
      proved: false,
      why: expect.stringContaining('jobs are not read where they run'),
    });
  });
});

describe('rollout-completed', () => {
  const completed = { outcome: 'completed', why: '100 % was watched', atMs: Date.UTC(2026, 10, 3) } as const;
  it.each<[string, LastRollout | undefined, boolean, RegExp]>([
    ['completed', { running: false, outcome: completed }, true, /completed at Tue 3 Nov 2026 00:00:00 UTC/],
    ['was rolled back', { running: false, outcome: { ...completed, outcome: 'rolled-back' } }, false, /rolled-back/],
    ['still runs', { running: true }, false, /still running/],
    ['was terminated', { running: false }, false, /without an outcome/],
    ['never was', undefined, false, /no rollout of pavi staging is known/],
  ])('by a last rollout that %s', async (_name, last, proved, why) => {
    const asked: string[] = [];
    const lastRollout: FindLastRollout = async (...names) => (asked.push(names.join(' ')), last);
    const found = await prove({ by: 'rollout-completed', environment: 'staging' }, { lastRollout });
    expect(found).toMatchObject({ proved, why: expect.stringMatching(why) });
    expect(asked).toEqual(['pavi staging']);
  });
});

describe('no-open-incident', () => {
  it.each<[string, number, string, RegExp]>([
    ['an empty list', 200, '[]', /no incident is open/],
    ['none open', 200, '{"open":0}', /no incident is open/],
    ['a list of one', 200, '[{"id":1}]', /^1 incident is open/],
    ['two open', 200, '{"open":2}', /^2 incidents are open/],
    ['something else', 200, '{"open":"none"}', /neither a list nor/],
    ['a page', 200, '<html>', /neither a list nor/],
    ['an error', 503, '[]', /answered 503/],
  ])('by an answer of %s', async (_name, status, text, why) => {
    const server = createServer((_request, answer) => answer.writeHead(status).end(text));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    try {
      const found = await prove({ by: 'no-open-incident', url: `http://127.0.0.1:${port}/incidents` }, {});
      expect(found.why).toMatch(why);
      expect(found.proved).toBe(found.why.startsWith('no incident'));
    } finally {
      server.close();
    }
  });
});

it('a kept template is not claimed', async () => {
  expect(await prove({ by: 'rollback-template-kept' }, {})).toMatchObject({ proved: false });
});
