import { resolve } from 'node:path';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Client } from '@temporalio/client';
import { formatFlags } from '../../../flags/contract';
import { freezeParameterOf } from '../../../rules/plan/names';
import type { rollout } from '../../../workflows';
import { rolloutWorkflowId, statusQuery, TASK_QUEUE } from '../../../workflows/messages';
import { createFreezeObservations } from '../../../activities/observe/flag/freezes';
import { createAwsFor } from '../../../activities/aws';
import { freshAccounts } from '../../helpers/aws/accounts';
import { changedPlan, type Ran, runWith, withoutPush } from '../../helpers/processes/cli';
import { aPlan, HOUR_MS, MINUTE_MS } from '../../helpers/samples/plans';
import { TemporalProcess } from '../../helpers/temporal/temporal-process';
import { until } from '../../helpers/until';

jest.setTimeout(240_000);

const SHIFTED = resolve(__dirname, '../../helpers/processes/shifted-clock.cjs');
// The worker reads the profiles when it starts: the account is there before.
const aws = freshAccounts(1)();
const { readFreezes } = createFreezeObservations(createAwsFor());
const freezes = () => readFreezes({ aws, parameter: freezeParameterOf('pavi').replace('{env}', 'staging') });

let temporal: TemporalProcess;
let client: Client;
let plan: string;
beforeAll(async () => {
  plan = changedPlan('clocks.yaml', (text) =>
    withoutPush(text).replace('222222222222', aws.account).replace('sandbox-staging', aws.profile),
  );
  temporal = await TemporalProcess.start();
  await temporal.work(plan);
  client = await temporal.client();
});
afterAll(async () => {
  await client?.connection.close();
  await temporal?.stop();
});

/** The program on a machine whose clock is off by so much; negative is behind. */
const typedOn = (offMs: number, ...words: readonly string[]): Promise<Ran> => {
  const shifted = { NODE_OPTIONS: `--require ${SHIFTED}`, CLOCK_OFF_MS: String(offMs) };
  const env = { ...process.env, TEMPORAL_ADDRESS: temporal.address, ...shifted };
  return runWith(env, 'rollout', [...words, '--plan', plan]);
};
const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();
const isAbout = (ms: number, expectedMs: number): boolean => Math.abs(ms - expectedMs) < MINUTE_MS;

describe.each([
  ['behind', -3 * HOUR_MS],
  ['ahead', 3 * HOUR_MS],
])('a machine whose clock is three hours %s', (word, offMs) => {
  it('freezes from now by the clock of the server, and reports it', async () => {
    const ran = await typedOn(offMs, 'freeze', 'staging', '--until', inMs(HOUR_MS), '--reason', 'clocks');
    expect(ran).toMatchObject({ code: 0, stderr: expect.stringMatching(new RegExp(`(2 h 59 min|3 h).* ${word}`)) });
    const [freeze, ...more] = await freezes();
    expect([isAbout(freeze?.fromMs ?? 0, Date.now()), more]).toEqual([true, []]);
    expect((await typedOn(offMs, 'unfreeze', 'staging', '--reason', 'over')).code).toBe(0);
  });

  it('refuses a freeze until a time that is past by the clock of the server', async () => {
    const ran = await typedOn(offMs, 'freeze', 'staging', '--until', inMs(-HOUR_MS), '--reason', 'clocks');
    expect(ran).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('which is past') });
    expect(await freezes()).toEqual([]);
  });

  it('finds the worker that is there, and shows three clocks', async () => {
    const ran = await typedOn(offMs, 'doctor', 'staging', '--json');
    const { findings } = JSON.parse(ran.stdout) as { findings: { subject: string; level: string; what: string }[] };
    const clocks = findings.filter(({ subject }) => subject.includes('clock'));
    expect(clocks).toEqual([
      expect.objectContaining({ subject: 'clock', level: 'ok' }),
      expect.objectContaining({ subject: "clock beside Temporal's", level: 'ok' }),
      expect.objectContaining({
        subject: 'clock of this machine',
        level: 'warning',
        what: expect.stringContaining(word),
      }),
    ]);
  });

  it('extends for a length from now by the clock of the server', async () => {
    const workflowId = rolloutWorkflowId('pavi', 'staging');
    const handle = await soaking(workflowId);
    const ran = await typedOn(offMs, 'extend', 'staging', '--for', '30h', '--json');
    expect(ran).toMatchObject({ code: 0, stderr: expect.stringContaining(word) });
    const { wait } = await handle.query(statusQuery);
    expect(isAbout(wait?.untilMs ?? 0, Date.now() + 30 * HOUR_MS)).toBe(true);
    await handle.terminate();
  });
});

/** A rollout that holds 10 %. */
async function soaking(workflowId: string) {
  const flag = { parameter: '/pavi/staging/clocks', salt: 'pavi-staging' };
  const Value = formatFlags({ schema: 1, generation: 1, writer: 'test', reason: '', salt: flag.salt, percentage: 0 });
  const ssm = new SSMClient({ region: aws.region, profile: aws.profile });
  await ssm.send(new PutParameterCommand({ Name: flag.parameter, Value, Type: 'String', Overwrite: true }));
  const handle = await client.workflow.start<typeof rollout>('rollout', {
    ...{ taskQueue: TASK_QUEUE, workflowId },
    args: [
      {
        plan: aPlan({ environment: 'staging', aws, flag, watch: { intervalMs: 1_000, alarms: [], guards: [] } }),
        startedBy: 'ada',
      },
    ],
  });
  await until(async () => (await handle.query(statusQuery)).percentage === 10, '10 % is held');
  return handle;
}
