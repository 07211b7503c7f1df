import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'node:http';
import {
  DeleteParameterCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  PutParameterCommand,
} from '@aws-sdk/client-ssm';
import type { TrafficOrder, TrafficWritten } from '../../../../activities/act/flag/flags';
import { createFlagActions } from '../../../../activities/act/flag/flags';
import { createAwsFor } from '../../../../activities/aws';
import { createFlagObservations } from '../../../../activities/observe/flag/flags';
import { formatFlags, parseFlags } from '../../../../flags/contract';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { activityEnvironment } from '../../../helpers/activity-environment';

const nextAccount = freshAccounts(25);
const awsFor = createAwsFor();
const { setTraffic } = createFlagActions(awsFor);
const { readFlag } = createFlagObservations(awsFor);

const newPlace = () => ({
  aws: nextAccount(),
  flag: { parameter: '/pavi/prod/step-functions-rollout', salt: 'pavi-prod' },
});
type Place = ReturnType<typeof newPlace>;

const order = (place: Place, percentage: number, changes: Partial<TrafficOrder> = {}): TrafficOrder => ({
  ...place,
  percentage,
  writer: 'rollout-pavi-prod/run-1',
  reason: 'test',
  generation: 1,
  ...changes,
});
const write = (wanted: TrafficOrder): Promise<TrafficWritten> => activityEnvironment().run(setTraffic, wanted);
const putByHand = ({ aws, flag }: Place, value: string) =>
  awsFor(aws).ssm.send(
    new PutParameterCommand({ Name: flag.parameter, Value: value, Type: 'String', Overwrite: true }),
  );
const initial = (generation = 0, percentage = 0) =>
  formatFlags({ schema: 1, generation, writer: 'hand', reason: '', salt: 'pavi-prod', percentage });
const history = async ({ aws, flag }: Place) => {
  const { Parameters = [] } = await awsFor(aws).ssm.send(new GetParameterHistoryCommand({ Name: flag.parameter }));
  return Parameters.map(({ Value = '' }) => {
    const parsed = parseFlags(Value);
    return parsed.ok ? parsed.document.percentage : Value;
  });
};

describe('setTraffic', () => {
  it('writes the whole tuple with a higher generation and reads it back', async () => {
    const place = newPlace();
    await putByHand(place, initial(7));
    const written = await write(order(place, 10, { generation: 8, expected: { generation: 7, percentage: 0 } }));
    expect(written).toEqual({ status: 'written', percentage: 10, generation: 8, version: 2 });
    expect(await readFlag(place)).toEqual({
      found: true,
      percentage: 10,
      generation: 8,
      writer: 'rollout-pavi-prod/run-1',
      salt: 'pavi-prod',
      version: 2,
      atMs: expect.any(Number),
    });
  });

  it('does a write once when it is tried again after its acknowledgement was lost', async () => {
    const place = newPlace();
    await putByHand(place, initial());
    const raise = order(place, 10, { expected: { generation: 0, percentage: 0 } });
    await write(raise);
    expect(await write(raise)).toEqual({ status: 'written', percentage: 10, generation: 1, version: 2 });
    expect(await history(place)).toEqual([0, 10]);
  });

  it('writes nothing over an outside change, and names its writer', async () => {
    const place = newPlace();
    await putByHand(place, initial(3, 60));
    const drift = await write(order(place, 25, { generation: 2, expected: { generation: 1, percentage: 10 } }));
    expect(drift).toMatchObject({ status: 'drift', percentage: 60, generation: 3, writer: 'hand', version: 1 });
    expect(drift).toMatchObject({ by: expect.stringMatching(/^arn:aws:/), atMs: expect.any(Number) });
    expect(await history(place)).toEqual([60]);
  });

  it('writes nothing over a change in the console that left the generation as it was', async () => {
    const place = newPlace();
    await putByHand(place, initial(1, 0));
    const drift = await write(order(place, 25, { generation: 2, expected: { generation: 1, percentage: 10 } }));
    expect(drift).toMatchObject({ status: 'drift', percentage: 0 });
    expect(await history(place)).toEqual([0]);
  });

  it('writes nothing over a change that left percentage and generation as they were, by the version', async () => {
    const place = newPlace();
    await putByHand(place, initial(1, 10));
    await putByHand(place, initial(1, 10).replace('pavi-prod', 'another salt'));
    const expected = { generation: 1, percentage: 10, version: 1 };
    const drift = await write(order(place, 25, { generation: 2, expected }));
    expect(drift).toMatchObject({ status: 'drift', version: 2, salt: 'another salt' });
    expect(await history(place)).toEqual([10, 10]);
  });

  it('tries again when the read before it gave an old value', async () => {
    const place = newPlace();
    await putByHand(place, initial(1, 0));
    const { Parameter } = await awsFor(place.aws).ssm.send(new GetParameterCommand({ Name: place.flag.parameter }));
    await putByHand(place, initial(2, 10));
    const own = createAwsFor();
    own(place.aws).ssm.middlewareStack.add(
      (next, { commandName }) =>
        async (args) =>
          commandName === GetParameterCommand.name ? { output: { Parameter } as never, response: {} } : next(args),
      { step: 'initialize' },
    );
    const raise = order(place, 25, { generation: 3, expected: { generation: 2, percentage: 10, version: 2 } });
    const writing = activityEnvironment().run(createFlagActions(own).setTraffic, raise);
    await expect(writing).rejects.toMatchObject({ type: 'Unavailable', nonRetryable: false });
    expect(await history(place)).toEqual([0, 10]);
  });

  it('is no raise when it arrives late over an outside change, by the history of the parameter', async () => {
    const place = newPlace();
    await putByHand(place, initial(1, 10));
    const expected = { generation: 1, percentage: 10, version: 1 };
    const raise = order(place, 25, { generation: 2, expected });
    await write(raise);
    const text = (await awsFor(place.aws).ssm.send(new GetParameterCommand({ Name: place.flag.parameter }))).Parameter;
    await putByHand(place, text?.Value ?? '');
    expect(await write(raise)).toMatchObject({ status: 'written', percentage: 25, version: 3 });
    await putByHand(place, initial(2, 0));
    await putByHand(place, text?.Value ?? '');
    const drift = { status: 'drift', percentage: 0, version: 4, by: expect.stringMatching(/^arn:aws:/) };
    expect(await write(raise)).toMatchObject(drift);
  });

  it('overwrites an unreadable document only when it is the one that was reported', async () => {
    const place = newPlace();
    await putByHand(place, 'oops');
    const again = (version: number) => write(order(place, 50, { generation: 9, overUnreadable: { version } }));
    await expect(again(7)).rejects.toMatchObject({ type: 'ParameterMissing' });
    expect(await again(1)).toMatchObject({ status: 'written', percentage: 50 });
    expect(await again(2)).toMatchObject({ status: 'written', version: 2 });
    expect(await history(place)).toEqual(['oops', 50]);
  });

  it('refuses to raise over a document it cannot read', async () => {
    const place = newPlace();
    await putByHand(place, 'oops');
    await expect(write(order(place, 10, { expected: { generation: 0, percentage: 0 } }))).rejects.toMatchObject({
      type: 'ParameterMissing',
    });
    expect(await history(place)).toEqual(['oops']);
  });

  it('writes 0 over a document of another writer, above its generation', async () => {
    const place = newPlace();
    await putByHand(place, initial(41, 75));
    expect(await write(order(place, 0, { generation: 9 }))).toEqual({
      status: 'written',
      percentage: 0,
      generation: 44,
      version: 2,
    });
    expect(await readFlag(place)).toMatchObject({ percentage: 0, generation: 44 });
  });

  it.each([
    ['an unreadable document', (place: Place) => putByHand(place, '{"half":')],
    [
      'a parameter that was deleted',
      async (place: Place) => {
        await putByHand(place, initial());
        await awsFor(place.aws).ssm.send(new DeleteParameterCommand({ Name: place.flag.parameter }));
      },
    ],
  ])('writes 0 over %s, above any generation that was counted up', async (_name, prepare) => {
    const place = newPlace();
    await prepare(place);
    const { generation } = await write(order(place, 0, { generation: 9 }));
    expect(generation).toBeGreaterThan(Date.UTC(2020) / 1_000);
    expect(await readFlag(place)).toMatchObject({ percentage: 0, generation });
  });
});

describe('readFlag', () => {
  it('answers that the parameter is missing, or what is wrong with it', async () => {
    const place = newPlace();
    expect(await readFlag(place)).toMatchObject({
      found: false,
      why: expect.stringContaining('does not exist in account'),
    });
    await putByHand(place, '{}');
    expect(await readFlag(place)).toMatchObject({ found: false, why: expect.stringContaining('schema') });
  });
});

describe('the way to zero when SSM does not answer reads', () => {
  it('writes without the read before it', async () => {
    const place = newPlace();
    await putByHand(place, initial(5, 50));
    const proxy = await proxyThatHangs((target, count) => target.endsWith('GetParameter') && count === 1);
    const saved = process.env['AWS_ENDPOINT_URL'];
    process.env['AWS_ENDPOINT_URL'] = proxy.url;
    try {
      const behindProxy = createFlagActions(createAwsFor());
      const written: TrafficWritten = await activityEnvironment().run(
        behindProxy.setTraffic,
        order(place, 0, { generation: 7 }),
      );
      expect(written).toMatchObject({ status: 'written', percentage: 0 });
      expect(written.generation).toBeGreaterThan(7);
    } finally {
      process.env['AWS_ENDPOINT_URL'] = saved;
      proxy.close();
    }
  });
});

/** In front of the emulator: passes requests on, but never answers those that `hangs` picks, by target and its count. */
async function proxyThatHangs(hangs: (target: string, count: number) => boolean) {
  const upstream = new URL(process.env['AWS_ENDPOINT_URL'] ?? '');
  const counts = new Map<string, number>();
  const server = createServer((incoming, answer) => {
    const target = String(incoming.headers['x-amz-target']);
    const count = (counts.get(target) ?? 0) + 1;
    counts.set(target, count);
    if (hangs(target, count)) return;
    const { hostname, port } = upstream;
    const passed = request(
      { hostname, port, method: incoming.method, path: incoming.url, headers: incoming.headers },
      (response) => {
        answer.writeHead(response.statusCode ?? 500, response.headers);
        response.pipe(answer);
      },
    );
    incoming.pipe(passed);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => (server.closeAllConnections(), server.close()) };
}
