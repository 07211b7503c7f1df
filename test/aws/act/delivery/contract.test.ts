import { DeleteParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import fc from 'fast-check';
import { createDelivery } from '../../../../activities/act/delivery/deliver-flag';
import { createAwsFor } from '../../../../activities/aws';
import { lookAtVariables } from '../../../../activities/observe/delivery/variables';
import { formatFlags } from '../../../../flags/contract';
import { PAVI_SIDES } from '../../../../pavi/flag';
import { type Delivered, deliveredKey, type Delivery } from '../../../../rules/delivery/delivery';
import { activityEnvironment } from '../../../helpers/activity-environment';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { DELIVERIES, type DeliveryPlace } from '../../../helpers/delivery/deliveries';

const kinds = Object.keys(DELIVERIES) as (keyof typeof DELIVERIES)[];
const nextAccount = freshAccounts(kinds.length);
const awsFor = createAwsFor();
const { deliverFlag } = createDelivery(awsFor, { pollMs: 25 });
// What the sample APIs behind ECS and Elastic Beanstalk call their sides.
const flag = { parameter: '/shop/prod/flag', salt: 'shop-prod', sides: PAVI_SIDES };

const DELIVERED_WITHIN_MS = 20_000;

/** What holds for every way to deliver a percentage; what only one of them does is in a file of its own. */
describe.each(kinds)('a delivery by %s', (kind) => {
  const aws = nextAccount();
  const { ssm } = awsFor(aws);
  let place: DeliveryPlace;
  let delivery: Delivery;
  beforeAll(async () => {
    place = await DELIVERIES[kind](aws);
    ({ delivery } = place);
  });
  afterAll(() => place?.stop());
  beforeEach(() => place.set(0));

  const document = async (percentage: number): Promise<void> => {
    const made = { schema: 1, generation: 1, writer: 'test', reason: 'test', salt: flag.salt } as const;
    const Value = formatFlags({ ...made, percentage });
    await ssm.send(new PutParameterCommand({ Name: flag.parameter, Value, Type: 'String', Overwrite: true }));
  };
  const order = (percentage: number) => ({ aws, flag, environment: 'prod', delivery, percentage });

  /** As the workflow asks: again with what is known, until it is complete or changed from outside. */
  async function deliver(percentage: number, from?: number): Promise<Delivered> {
    let last: Delivered = await activityEnvironment().run(deliverFlag, { ...order(percentage), progress: { from } });
    const untilMs = Date.now() + DELIVERED_WITHIN_MS;
    while (!last.complete && last.others === undefined) {
      if (Date.now() > untilMs) throw new Error(`not delivered: ${last.why}`);
      const known = { progress: last.progress, known: deliveredKey(last) };
      last = await activityEnvironment().run(deliverFlag, { ...order(percentage), ...known });
    }
    return last;
  }
  async function raise(percentage: number, from?: number): Promise<Delivered> {
    await document(percentage);
    return deliver(percentage, from);
  }
  const seen = (percentage: number) => lookAtVariables(aws, { delivery, percentage }, AbortSignal.timeout(10_000));

  it('sets each share exactly, changes nothing when asked again, and takes all back at 0 %', async () => {
    for (const [percentage, from] of [
      [10, 0],
      [100, 10],
    ] as const) {
      expect(await raise(percentage, from)).toMatchObject({ complete: true });
      expect(await place.share()).toBe(percentage);
      expect(await seen(percentage)).toBeUndefined();
      const before = await place.print();
      expect(await deliver(percentage, from)).toMatchObject({ complete: true });
      expect(await place.print()).toEqual(before);
    }
    expect(await raise(0)).toMatchObject({ complete: true });
    expect(await place.share()).toBe(0);
  });

  it("shows somebody else's change to the watch, and what it amounts to", async () => {
    await raise(50);
    await place.set(20);
    expect(await seen(50)).toMatchObject({ percentage: 20, why: expect.stringContaining('20') });
    await place.set(0);
    expect(await seen(50)).toMatchObject({ percentage: 0 });
  });

  it('overwrites no lower share with a raise', async () => {
    await raise(50);
    await place.set(10);
    const before = await place.print();
    expect(await raise(75, 50)).toMatchObject({ complete: false, others: { percentage: 10 } });
    expect(await place.print()).toEqual(before);
  });

  it('sets nothing above the flag document, which may have fallen to 0 % meanwhile', async () => {
    await document(0);
    const before = await place.print();
    await expect(activityEnvironment().run(deliverFlag, order(25))).rejects.toMatchObject({
      type: 'Overtaken',
      message: 'not delivered: the flag document is at 0 % and not 25 %',
    });
    expect(await place.print()).toEqual(before);
  });

  it('sets nothing when the flag document falls to 0 % between its first read and the write', async () => {
    await document(25);
    const before = await place.print();
    const send = ssm.send.bind(ssm) as (...asked: unknown[]) => Promise<unknown>;
    const spy = jest.spyOn(ssm, 'send').mockImplementation((async (...asked: unknown[]) => {
      spy.mockRestore();
      const read = await send(...asked);
      await document(0);
      return read;
    }) as never);
    const raise = activityEnvironment().run(deliverFlag, order(25));
    await expect(raise).rejects.toMatchObject({ type: 'Overtaken' });
    expect(await place.print()).toEqual(before);
  });

  it('sets 0 % over any change, and asks no document for it', async () => {
    await raise(50);
    await place.set(80);
    await ssm.send(new DeleteParameterCommand({ Name: flag.parameter }));
    expect(await deliver(0)).toMatchObject({ complete: true });
    expect(await place.share()).toBe(0);
  });

  it('fails for good where there is no such place', async () => {
    const wrong = { ...order(0), delivery: place.nowhere };
    await expect(activityEnvironment().run(deliverFlag, wrong)).rejects.toMatchObject({
      type: 'InvalidRequest',
      nonRetryable: true,
      message: expect.stringMatching(/there is no .*nowhere|there is no .*0 of/),
    });
  });

  it('is at 0 % after any story, and never says complete of another share', async () => {
    const share = fc.constantFrom(5, 25, 60, 100);
    const step = fc.oneof(
      fc.record({ do: fc.constant('raise' as const), percentage: share }),
      fc.record({ do: fc.constant('somebody else' as const), percentage: fc.oneof(share, fc.constant(0)) }),
      fc.record({ do: fc.constant('zero' as const), percentage: fc.constant(0) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 4 }), async (steps) => {
        let from = 0;
        for (const { do: what, percentage } of steps) {
          if (what === 'somebody else') await place.set(percentage);
          else {
            const found = await raise(percentage, from);
            if (found.complete) from = percentage;
            if (found.complete) expect(await place.share()).toBe(percentage);
            else expect([what, found.others]).toEqual(['raise', expect.anything()]);
          }
        }
        expect(await raise(0)).toMatchObject({ complete: true });
        expect(await place.share()).toBe(0);
      }),
      { numRuns: 5 },
    );
  });
});
