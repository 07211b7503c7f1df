import { GetParameterHistoryCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import type { FreezeOrder } from '../../../../activities/act/flag/freezes';
import { createFreezeActions } from '../../../../activities/act/flag/freezes';
import { createAwsFor } from '../../../../activities/aws';
import { createFreezeObservations } from '../../../../activities/observe/flag/freezes';
import type { Freeze } from '../../../../rules/plan/environment-plan';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { activityEnvironment } from '../../../helpers/activity-environment';

const nextAccount = freshAccounts(9);
const awsFor = createAwsFor();
const { readFreezes } = createFreezeObservations(awsFor);
const { writeFreezes } = createFreezeActions(awsFor);

const newPlace = () => ({ aws: nextAccount(), parameter: '/pavi/prod/freezes' });
const write = (order: FreezeOrder): Promise<Freeze[]> => activityEnvironment().run(writeFreezes, order);
const put = ({ aws, parameter }: ReturnType<typeof newPlace>, value: string) =>
  awsFor(aws).ssm.send(new PutParameterCommand({ Name: parameter, Value: value, Type: 'String', Overwrite: true }));
const freeze = (changes: Partial<Freeze> = {}): Freeze => ({
  fromMs: Date.now(),
  toMs: Date.now() + 3_600_000,
  reason: 'conference',
  by: 'ada',
  ...changes,
});

describe('the freezes of an environment', () => {
  it('are none before the first freeze', async () => {
    const place = newPlace();
    expect(await readFreezes(place)).toEqual([]);
    expect(await write(place)).toEqual([]);
  });

  it('are written beside the present ones, without expired ones, and read back', async () => {
    const place = newPlace();
    const over = freeze({ fromMs: 0, toMs: Date.now() - 1, reason: 'last year' });
    await put(place, JSON.stringify({ freezes: [over] }));
    const [first, second] = [freeze(), freeze({ fromMs: Date.now() + 7_200_000, toMs: Date.now() + 9_000_000 })];
    expect(await write({ ...place, freeze: first })).toEqual([first]);
    expect(await write({ ...place, freeze: second })).toEqual([first, second]);
    expect(await readFreezes(place)).toEqual([first, second]);
  });

  it('are written once when the same is asked for again', async () => {
    const place = newPlace();
    const wanted = freeze();
    await write({ ...place, freeze: wanted });
    expect(await write({ ...place, freeze: wanted })).toEqual([wanted]);
    const { Parameters } = await awsFor(place.aws).ssm.send(new GetParameterHistoryCommand({ Name: place.parameter }));
    expect(Parameters).toHaveLength(1);
  });

  it('are all taken away by an unfreeze', async () => {
    const place = newPlace();
    await write({ ...place, freeze: freeze() });
    expect(await write(place)).toEqual([]);
    expect(await readFreezes(place)).toEqual([]);
  });

  it('are not known, rather than none, when the document cannot be read; only an unfreeze replaces it', async () => {
    const place = newPlace();
    await put(place, '{"freezes": soon}');
    const unreadable = { type: 'Unreadable', nonRetryable: true, message: expect.stringContaining(place.parameter) };
    await expect(readFreezes(place)).rejects.toMatchObject(unreadable);
    await expect(write({ ...place, freeze: freeze() })).rejects.toMatchObject(unreadable);
    expect(await write(place)).toEqual([]);
    expect(await readFreezes(place)).toEqual([]);
  });

  it('are not called written when they would be over by the clock of the worker', async () => {
    const place = newPlace();
    const over = freeze({ fromMs: Date.now() - 7_200_000, toMs: Date.now() - 1 });
    const refused = { type: 'InvalidRequest', message: expect.stringMatching(/past already: .* clock of the worker/) };
    await expect(write({ ...place, freeze: over })).rejects.toMatchObject(refused);
    expect(await readFreezes(place)).toEqual([]);
  });

  it('are refused when the parameter has no room for one more', async () => {
    const place = newPlace();
    const many = Array.from({ length: 80 }, (_unused, index) => freeze({ reason: '', toMs: Date.now() + 1e6 + index }));
    await put(place, JSON.stringify({ freezes: many }));
    await expect(write({ ...place, freeze: freeze() })).rejects.toMatchObject({ type: 'InvalidRequest' });
    expect(await readFreezes(place)).toHaveLength(80);
  });

  it('make room for one more by shorter reasons', async () => {
    const place = newPlace();
    const many = Array.from({ length: 20 }, (_unused, index) => freeze({ reason: `${index} `.repeat(90) }));
    await put(place, JSON.stringify({ freezes: many }));
    const last = freeze({ toMs: Date.now() + 7_200_000 });
    expect((await write({ ...place, freeze: last })).map(({ toMs }) => toMs)).toContain(last.toMs);
    expect(await readFreezes(place)).toHaveLength(21);
  });
});
