import { failure } from '../../../activities/failures';
import { abortSignal, acceptUndeliveredUpdate, statusQuery } from '../../../workflows/messages';
import type { FakeAws } from '../../helpers/aws/fake-aws';
import { FakeFleet } from '../../helpers/aws/fake-fleet';
import { FAILED_ALARM, HOUR_MS, MINUTE_MS, soon, theDelivery } from '../../helpers/samples/plans';
import { refusalOf } from '../../helpers/samples/refusal';
import { Rig, type RolloutHandle, statusOf } from '../../helpers/temporal/rig';

let rig: Rig;
let aws: FakeAws;
let fleet: FakeFleet;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());
beforeEach(() => {
  aws = rig.aws();
  fleet = new FakeFleet(aws);
});

const plan = { ...soon, delivery: theDelivery };
const run = (body: () => Promise<void>): Promise<void> => rig.runWith(fleet.activities(), body);
const who = { by: 'bob', reason: 'the service was deleted' };
const leave = (handle: RolloutHandle, command: object = who) =>
  handle.executeUpdate(acceptUndeliveredUpdate, { args: [command] });

/** 50 % is delivered, then the service is deleted. */
async function withoutService(): Promise<RolloutHandle> {
  const handle = await rig.rollout(plan);
  await rig.env.sleep(10 * MINUTE_MS);
  expect(fleet.instances).toEqual([50, 50, 50]);
  fleet.beforeSet = () => {
    throw failure('InvalidRequest', 'there is no service pavi-api-prod');
  };
  return handle;
}

it('ends a delivery of 0 % that fails without end, and its result says that it is not delivered, by whom and why', () =>
  run(async () => {
    const handle = await withoutService();
    await handle.signal(abortSignal, { by: 'ada', reason: 'enough' });
    await rig.env.sleep(5 * MINUTE_MS);
    const { phase, wait } = await statusOf(handle);
    expect([phase, wait?.verbs]).toEqual(['rolling-back', ['abort --undelivered']]);
    expect(await leave(handle)).toMatchObject({ changed: true, answer: expect.stringContaining('NOT known to be') });
    const result = await handle.result();
    expect(result).toMatchObject({ outcome: 'aborted', undelivered: true, percentages: [50, 0] });
    expect(result.why).toMatch(
      /^0 % is written, but NOT known to be delivered to any instance \(there is no service pavi-api-prod\); accepted by bob because the service was deleted; enough$/,
    );
    const ended = await handle.query(statusQuery);
    expect(ended).toMatchObject({ phase: 'ended', percentage: 0, delivery: { done: false } });
    expect(ended.log.map(({ what, by }) => [what, by])).toContainEqual([
      'accepted that 0 % is not delivered everywhere: the service was deleted',
      'bob',
    ]);
    // Tried again and again, and told once.
    expect(ended.log.filter(({ what }) => what.startsWith('0 % is NOT delivered'))).toHaveLength(1);
    expect(aws.flag.percentage).toBe(0);
    expect(aws.owner).toBeUndefined();
  }));

it('ends one that hangs in the very moment, and tells how many report it', () =>
  run(async () => {
    fleet.takes = ({ percentage }) => (percentage === 0 ? 1 : 3);
    const handle = await rig.rollout(plan);
    await rig.env.sleep(10 * MINUTE_MS);
    const nowMs = await rig.env.currentTimeMs();
    aws.alarmTimes = [{ name: FAILED_ALARM, fromMs: nowMs, toMs: nowMs + HOUR_MS }];
    await rig.env.sleep(12 * MINUTE_MS);
    await leave(handle);
    await expect(handle.result()).resolves.toMatchObject({
      ...{ outcome: 'rolled-back', undelivered: true, alarm: FAILED_ALARM },
      why: expect.stringContaining('NOT delivered to 2 of 3 instances'),
    });
    expect(fleet.instances).toEqual([0, 50, 50]);
  }));

it('is delivered later by a rollout that does nothing else, as `rollout rollback` starts it', () =>
  run(async () => {
    const handle = await withoutService();
    await handle.signal(abortSignal);
    await rig.env.sleep(MINUTE_MS);
    await leave(handle);
    await handle.result();
    expect(fleet.instances).toEqual([50, 50, 50]);
    fleet.beforeSet = () => undefined;
    const again = await rig.rollout(plan, { backToZero: true });
    const result = await again.result();
    expect([result.outcome, result.undelivered]).toEqual(['aborted', undefined]);
    expect(fleet.instances).toEqual([0, 0, 0]);
  }));

it('is refused while there is nothing to leave, without a name and without a reason, and changes nothing', () =>
  run(async () => {
    const handle = await withoutService();
    expect(await refusalOf(leave(handle))).toMatchObject({
      ...{ rule: 'state', why: 'the rollout is at 50 % and not rolling back' },
      remedy: 'abort it first, without --undelivered',
    });
    await handle.signal(abortSignal);
    await rig.env.sleep(MINUTE_MS);
    expect(await refusalOf(leave(handle, { by: 'bob' }))).toMatchObject({ rule: 'reason' });
    expect(await refusalOf(leave(handle, { reason: 'gone' }))).toMatchObject({ rule: 'name' });
    fleet.beforeSet = () => undefined;
    const result = await handle.result();
    expect(result).toMatchObject({ outcome: 'aborted', why: 'no reason given' });
    expect(result.undelivered).toBeUndefined();
    expect(fleet.instances).toEqual([0, 0, 0]);
  }));
