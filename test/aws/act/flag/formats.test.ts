import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import type { TrafficOrder, TrafficWritten } from '../../../../activities/act/flag/flags';
import { createFlagActions } from '../../../../activities/act/flag/flags';
import { createAwsFor } from '../../../../activities/aws';
import { createBreakGlass } from '../../../../activities/break-glass';
import { createFlagObservations } from '../../../../activities/observe/flag/flags';
import type { FlagFormat } from '../../../../flags/format';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { activityEnvironment } from '../../../helpers/activity-environment';

const nextAccount = freshAccounts(29);
const awsFor = createAwsFor();
const { setTraffic } = createFlagActions(awsFor);
const { readFlag } = createFlagObservations(awsFor);

const newPlace = (format?: FlagFormat) => ({
  aws: nextAccount(),
  flag: { parameter: '/shop/prod/checkout-v2', salt: 'shop-prod', format },
});
type Place = ReturnType<typeof newPlace>;

const write = (place: Place, percentage: number, changes: Partial<TrafficOrder> = {}): Promise<TrafficWritten> =>
  activityEnvironment().run(setTraffic, {
    ...{ ...place, percentage, writer: 'rollout-shop-prod/run-1', reason: 'test', generation: 1 },
    ...changes,
  });
const put = ({ aws, flag }: Place, Value: string) =>
  awsFor(aws).ssm.send(new PutParameterCommand({ Name: flag.parameter, Value, Type: 'String', Overwrite: true }));
const text = async ({ aws, flag }: Place): Promise<string> => {
  const { Parameter } = await awsFor(aws).ssm.send(new GetParameterCommand({ Name: flag.parameter }));
  return Parameter?.Value ?? '';
};

describe('a service with names of its own', () => {
  const format: FlagFormat = {
    percentage: 'CHECKOUT_V2_PERCENT',
    switches: [{ name: 'CHECKOUT_V2', above: 'on', atZero: 'off', whileOff: 0 }],
  };

  it('gets them at every percentage, and keeps the keys of other programs', async () => {
    const place = newPlace(format);
    await put(place, '{"theme":"dark","limits":{"perUser":3}}');
    const glass = createBreakGlass(place.aws, place.flag);
    expect(await glass.create('ada')).toEqual({ status: 'written', percentage: 0 });
    expect(await glass.create('ada')).toEqual({ status: 'already-there', percentage: 0 });
    const others = { theme: 'dark', limits: { perUser: 3 } };
    expect(JSON.parse(await text(place))).toMatchObject({ CHECKOUT_V2: 'off', CHECKOUT_V2_PERCENT: 0, ...others });
    await write(place, 25, { expected: { generation: 0, percentage: 0 } });
    expect(JSON.parse(await text(place))).toMatchObject({ CHECKOUT_V2: 'on', CHECKOUT_V2_PERCENT: 25, ...others });
    await write(place, 0, { generation: 4 });
    expect(JSON.parse(await text(place))).toMatchObject({ CHECKOUT_V2: 'off', CHECKOUT_V2_PERCENT: 0, ...others });
    await put(place, (await text(place)).replace('"off"', '"on"'));
    expect(await glass.writeZero({ writer: 'ada', reason: 'test' })).toMatchObject({ status: 'zero' });
    expect(JSON.parse(await text(place))).toMatchObject({ CHECKOUT_V2: 'off', writer: 'ada', ...others });
  });

  it('is no flag document under other names: nothing is raised over it', async () => {
    const place = newPlace();
    await put(place, '{"schema":1,"generation":1,"writer":"w","reason":"","salt":"s","CHECKOUT_V2_PERCENT":0}');
    expect(await readFlag(place)).toMatchObject({ found: false, why: expect.stringContaining('percentage is not a') });
    await expect(write(place, 10, { expected: { generation: 1, percentage: 0 } })).rejects.toThrow(
      /does not overwrite/,
    );
  });
});

describe('a plain number', () => {
  it('is raised, written once when the acknowledgement was lost, and put to 0', async () => {
    const place = newPlace('number');
    const glass = createBreakGlass(place.aws, place.flag);
    expect(await glass.create('ada')).toEqual({ status: 'written', percentage: 0 });
    expect(await readFlag(place)).toMatchObject({ found: true, percentage: 0, generation: 1, version: 1 });
    const raise = { generation: 2, expected: { generation: 1, percentage: 0, version: 1 } };
    const raised = { status: 'written', percentage: 12.5, generation: 2, version: 2 };
    expect(await write(place, 12.5, raise)).toEqual(raised);
    expect(await write(place, 12.5, raise)).toEqual(raised);
    expect(await text(place)).toBe('12.5');
    expect(await write(place, 0, { generation: 5 })).toMatchObject({ status: 'written', generation: 3, version: 3 });
    expect(await text(place)).toBe('0');
  });

  it('that another program has written since is not overwritten by a raise', async () => {
    const place = newPlace('number');
    for (const value of ['10', '0']) await put(place, value);
    const late = { generation: 2, expected: { generation: 1, percentage: 10, version: 1 } };
    expect(await write(place, 25, late)).toMatchObject({ status: 'drift', percentage: 0, version: 2 });
    expect(await text(place)).toBe('0');
  });

  it('is not made over another content', async () => {
    const place = newPlace('number');
    await put(place, '{"percentage":10}');
    const made = await createBreakGlass(place.aws, place.flag).create('ada');
    expect(made).toEqual({ status: 'refused', why: expect.stringContaining('not overwritten') });
    expect(await text(place)).toBe('{"percentage":10}');
  });
});
