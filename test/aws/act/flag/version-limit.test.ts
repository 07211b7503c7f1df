import type { SSMClient } from '@aws-sdk/client-ssm';
import { LabelParameterVersionCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import type { TrafficOrder, TrafficWritten } from '../../../../activities/act/flag/flags';
import { createFlagActions } from '../../../../activities/act/flag/flags';
import { createFreezeActions } from '../../../../activities/act/flag/freezes';
import { createOwnerActions } from '../../../../activities/act/flag/owner';
import { putDocument } from '../../../../activities/act/flag/put-document';
import { createAwsFor } from '../../../../activities/aws';
import { createBreakGlass } from '../../../../activities/break-glass';
import { parameterHistory } from '../../../../activities/observe/flag/parameter-history';
import { formatFlags } from '../../../../flags/contract';
import { freshAccount } from '../../../helpers/aws/accounts';
import { activityEnvironment } from '../../../helpers/activity-environment';
import { startMoto } from '../../../helpers/aws/start-moto';

/** Of SSM: https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html */
const KEPT = 100;
const aws = freshAccount();
let count = 0;

let moto: Awaited<ReturnType<typeof startMoto>>;
beforeAll(async () => {
  moto = await startMoto();
  process.env['AWS_ENDPOINT_URL_SSM'] = moto.endpoint;
});
afterAll(() => moto.stop());

const document = (generation: number, percentage = 10): string =>
  formatFlags({ schema: 1, generation, writer: 'hand', reason: '', salt: 'pavi-prod', percentage });

/** A flag with as many values as SSM keeps, the oldest with a label: the next write is refused. */
async function fullHistory() {
  // All accounts are one there.
  const flag = { parameter: `/pavi/prod-${(count += 1)}/step-functions-rollout`, salt: 'pavi-prod' };
  const awsFor = createAwsFor();
  const { ssm } = awsFor(aws);
  const put = (generation: number) =>
    ssm.send(
      new PutParameterCommand({ Name: flag.parameter, Value: document(generation), Type: 'String', Overwrite: true }),
    );
  for (let generation = 1; generation <= KEPT; generation += 1) await put(generation);
  const label = { Name: flag.parameter, ParameterVersion: 1, Labels: ['last-good'] };
  await ssm.send(new LabelParameterVersionCommand(label));
  await expect(put(KEPT + 1)).rejects.toMatchObject({ name: 'ParameterMaxVersionLimitExceeded' });
  const write = (percentage: number, changes: Partial<TrafficOrder> = {}): Promise<TrafficWritten> => {
    const common = { aws, flag, percentage, writer: 'rollout-pavi-prod/run-1', reason: 'test' };
    return activityEnvironment().run(createFlagActions(awsFor).setTraffic, { ...common, generation: 200, ...changes });
  };
  const values = () => parameterHistory(ssm, flag.parameter);
  const labelled = async () =>
    (await values()).flatMap(({ Version, Labels = [] }) => Labels.map((label) => `${label} on ${Version}`));
  return { ssm, flag, write, values, labelled };
}

describe('a write that SSM refuses for a label on the oldest value', () => {
  it('of 0 succeeds at the first attempt: the label is taken off', async () => {
    const { write, values, labelled } = await fullHistory();
    expect(await write(0)).toMatchObject({ status: 'written', percentage: 0, version: KEPT + 1 });
    expect(await labelled()).toEqual([]);
    const kept = await values();
    expect([kept.length, kept[0]?.Version]).toEqual([KEPT, 2]);
  });

  it('succeeds also for a worker that may not take labels off: they are moved to the newest value', async () => {
    const { ssm, write, labelled } = await fullHistory();
    denied(ssm, 'UnlabelParameterVersionCommand');
    expect(await write(0)).toMatchObject({ status: 'written', percentage: 0 });
    expect(await labelled()).toEqual([`last-good on ${KEPT}`]);
  });

  it('of 0 by hand, without Temporal, succeeds as well', async () => {
    const { flag, labelled } = await fullHistory();
    // All keys belong to the one account there.
    const account = '123456789012';
    const order = { writer: 'bob', reason: 'users complain' };
    const written = await createBreakGlass({ ...aws, account }, flag).writeZero(order);
    expect(written).toMatchObject({ status: 'zero', readBack: { percentage: 0, version: KEPT + 1 } });
    expect(await labelled()).toEqual([]);
  });

  it('of a raise succeeds as well, and only over what is expected', async () => {
    const { write } = await fullHistory();
    const expected = { generation: KEPT, percentage: 10, version: KEPT };
    expect(await write(25, { expected: { ...expected, version: KEPT - 1 } })).toMatchObject({ status: 'drift' });
    expect(await write(25, { expected })).toMatchObject({ status: 'written', percentage: 25, version: KEPT + 1 });
  });
});

describe.each<[string, (ssm: SSMClient, name: string) => Promise<unknown>]>([
  [
    'the owner that another rollout left',
    (_ssm, parameter) => {
      const claim = { workflowId: 'rollout-pavi-prod', firstRunId: 'run-2', by: 'ada', sinceMs: 2 };
      const { takeOwner } = createOwnerActions(createAwsFor(), { cluster: 'c' });
      const place = { aws, parameter, service: 'pavi', environment: 'prod' };
      return activityEnvironment({ namespace: 'default' }).run(takeOwner, { ...place, ...claim });
    },
  ],
  [
    'the freezes',
    (_ssm, parameter) => {
      const freeze = { fromMs: 0, toMs: Date.now() + 3_600_000, reason: 'Christmas', by: 'ada' };
      return activityEnvironment().run(createFreezeActions(createAwsFor()).writeFreezes, { aws, parameter, freeze });
    },
  ],
  ['any other document', (ssm, name) => putDocument(ssm, { name, forms: [{ schema: 1, newer: true }] })],
])('%s', (what, write) => {
  it('is written past a label on its oldest value', async () => {
    const { ssm } = createAwsFor()(aws);
    const Name = `/pavi/prod-${(count += 1)}/document`;
    const owner = { schema: 1, workflowId: 'rollout-pavi-prod', firstRunId: 'run-1', by: 'bob', sinceMs: 1 };
    const temporal = { cluster: 'c', namespace: 'default' };
    const Value = JSON.stringify(what.includes('owner') ? { ...owner, temporal } : { freezes: [] });
    for (let version = 1; version <= KEPT; version += 1)
      await ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true }));
    await ssm.send(new LabelParameterVersionCommand({ Name, ParameterVersion: 1, Labels: ['audited'] }));
    await write(ssm, Name);
    const versions = await parameterHistory(ssm, Name);
    expect(versions.map(({ Version }) => Version)).toContain(KEPT + 1);
    expect(versions.flatMap(({ Labels = [] }) => Labels)).toEqual([]);
  });
});

/** No emulator refuses by IAM. */
function denied(client: SSMClient, command: string): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        if (commandName === command) throw Object.assign(new Error('not allowed'), { name: 'AccessDeniedException' });
        return next(args);
      },
    { step: 'initialize' },
  );
}
