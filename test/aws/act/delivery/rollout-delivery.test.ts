import { setTimeout as sleep } from 'node:timers/promises';
import { PutMetricAlarmCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import type { Client } from '@temporalio/client';
import { createAwsFor } from '../../../../activities/aws';
import { formatFlags, parseFlags } from '../../../../flags/contract';
import { PAVI_KEYS } from '../../../../pavi/flag';
import type { EnvironmentPlan } from '../../../../rules/plan/environment-plan';
import type { RolloutStatus } from '../../../../rules/rollout/status/status';
import type { rollout } from '../../../../workflows';
import { statusQuery, TASK_QUEUE } from '../../../../workflows/messages';
import { freshAccount } from '../../../helpers/aws/accounts';
import { changedPlan, withoutPush } from '../../../helpers/processes/cli';
import { ECS, EcsFleet } from '../../../helpers/delivery/ecs-fleet';
import { aPlan, HOUR_MS } from '../../../helpers/samples/plans';
import { TemporalProcess } from '../../../helpers/temporal/temporal-process';

const aws = freshAccount();
const { cloudwatch, ssm } = createAwsFor()(aws);
const { parameter: Name, salt } = aPlan().flag;

let temporal: TemporalProcess;
let client: Client;
let fleet: EcsFleet;
beforeAll(async () => {
  fleet = await EcsFleet.start(aws, 3, {});
  temporal = await TemporalProcess.start();
  await temporal.work(changedPlan('worker.yaml', withoutPush));
  client = await temporal.client();
});
afterAll(async () => {
  await client?.connection.close();
  await Promise.all([temporal?.stop(), fleet?.stop()]);
});

const measure = (value: number) =>
  cloudwatch.send(
    new PutMetricDataCommand({ Namespace: 'Test', MetricData: [{ MetricName: 'failed', Value: value }] }),
  );

async function world(): Promise<void> {
  const zero = { schema: 1, generation: 1, writer: 'cloudformation', reason: 'first value', salt } as const;
  await ssm.send(new PutParameterCommand({ Name, Value: formatFlags({ ...zero, percentage: 0 }), Type: 'String' }));
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      ...{ AlarmName: 'failed', Namespace: 'Test', MetricName: 'failed', Statistic: 'Sum', Threshold: 1 },
      ...{ Period: 60, EvaluationPeriods: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold' },
    }),
  );
  await measure(0);
}

async function documented(): Promise<number | undefined> {
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name }));
  const parsed = parseFlags(Parameter?.Value ?? '');
  return parsed.ok ? parsed.document.percentage : undefined;
}

/** How many of the instances behind the balancer say each share, of as many answers as make all of them heard. */
async function saidByInstances(): Promise<Readonly<Record<string, string>>> {
  const answers = await Promise.all(
    Array.from({ length: 9 }, async () => (await fetch(`${fleet.url}/api/health`)).json() as Promise<Health>),
  );
  return Object.fromEntries(
    answers.map(({ instance, execution_mode, rollout: share }) => [
      instance,
      `${execution_mode} ${share?.percentage ?? 0}`,
    ]),
  );
}

interface Health {
  readonly instance: string;
  readonly execution_mode: string;
  readonly rollout?: { readonly percentage: number };
}

const plan: EnvironmentPlan = aPlan({
  aws,
  steps: [
    { percentage: 50, soakMs: HOUR_MS },
    { percentage: 100, soakMs: HOUR_MS },
  ],
  watch: { intervalMs: 500, alarms: [{ name: 'failed', onBreach: 'rollback' }], guards: [] },
});

it('delivers a raise to every task of ECS, soaks, and by an alarm delivers 0 %, all by the real worker', async () => {
  await world();
  const report = { address: `${fleet.url}/api/health`, instanceField: 'instance' };
  const delivery = { to: { kind: 'ecs', ...ECS }, variables: PAVI_KEYS, report, withinMs: 60_000 } as const;
  const handle = await client.workflow.start<typeof rollout>('rollout', {
    ...{ taskQueue: TASK_QUEUE, workflowId: 'rollout-pavi-prod' },
    args: [{ plan: { ...plan, delivery }, startedBy: 'ada' }],
  });
  const until = async (holds: (status: RolloutStatus) => boolean): Promise<RolloutStatus> => {
    for (;;) {
      const status = await handle.query(statusQuery);
      if (holds(status)) return status;
      await sleep(200);
    }
  };
  const soaking = await until(({ phase, percentage }) => phase === 'soaking' && percentage === 50);
  expect(soaking.delivery).toMatchObject({ done: true, reporting: 3, of: 3 });
  expect(Object.values(await saidByInstances())).toEqual(Array(3).fill('step_functions 50'));

  await measure(1);
  expect(await handle.result()).toMatchObject({ outcome: 'rolled-back', alarm: 'failed', percentages: [50, 0] });
  expect(await documented()).toBe(0);
  expect(Object.values(await saidByInstances())).toEqual(Array(3).fill('nextflow 0'));
  const { delivery: told, log } = await handle.query(statusQuery);
  expect(told).toMatchObject({ percentage: 0, done: true, reporting: 3, of: 3 });
  expect(log.map(({ what }) => what).filter((what) => /delivered:|written/.test(what))).toEqual([
    '50 % written and read back',
    '50 % delivered: all 3 instances report it',
    '0 % written and read back',
    '0 % delivered: all 3 instances report it',
  ]);
});
