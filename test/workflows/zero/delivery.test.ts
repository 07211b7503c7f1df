import { cancelled } from '@temporalio/activity';
import { failure } from '../../../activities/failures';
import { LATE_WRITE_MS } from '../../../rules/rollout/zero';
import { abortSignal, resumeSignal } from '../../../workflows/messages';
import type { FakeAws } from '../../helpers/aws/fake-aws';
import { FakeFleet } from '../../helpers/aws/fake-fleet';
import { FAILED_ALARM, HOUR_MS, MINUTE_MS, soon, theDelivery } from '../../helpers/samples/plans';
import { Rig, statusOf } from '../../helpers/temporal/rig';

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

it('sets the variables after each confirmed write, and soaks from when every instance reports them', () =>
  run(async () => {
    const handle = await rig.rollout(plan);
    await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed', percentages: [50, 100] });
    expect(fleet.set).toEqual([
      { percentage: 50, document: 50 },
      { percentage: 100, document: 100 },
    ]);
    expect(fleet.instances).toEqual([100, 100, 100]);
  }));

it('shows how far a delivery is, and holds when it takes longer than its bound; who resumes goes on with it', () =>
  run(async () => {
    fleet.takes = () => 2;
    const handle = await rig.rollout(plan);
    await rig.env.sleep(5 * MINUTE_MS);
    expect(await statusOf(handle)).toMatchObject({
      ...{ phase: 'raising', percentage: 50 },
      wait: { why: expect.stringContaining('flag document 50 %, delivered to 2 of 3 instances') },
      delivery: { percentage: 50, done: false, reporting: 2, of: 3 },
    });
    await rig.env.sleep(HOUR_MS);
    const { phase, wait } = await statusOf(handle);
    expect(phase).toBe('holding');
    expect(wait?.why).toContain('50 % is NOT delivered');
    expect(wait?.why).toContain('it took longer than 15 min');
    expect(wait?.verbs).toEqual(['resume', 'abort']);
    expect(aws.percentages()).toEqual([50]);
    fleet.takes = () => 3;
    await handle.signal(resumeSignal);
    await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
  }));

it('goes to 0 everywhere when an operator lowers the variables during a raise, as the runbook does by hand', () =>
  run(async () => {
    fleet.takes = () => 2;
    const handle = await rig.rollout(plan);
    await rig.env.sleep(MINUTE_MS);
    fleet.others = { percentage: 0, why: 'USE_STEP_FUNCTIONS is false' };
    await rig.env.sleep(MINUTE_MS);
    fleet.takes = () => 3;
    await expect(handle.result()).resolves.toMatchObject({
      outcome: 'aborted',
      why: expect.stringContaining('were changed from outside'),
    });
    expect(aws.percentages()).toEqual([50, 0]);
    expect(fleet.instances).toEqual([0, 0, 0]);
  }));

it('holds when the variables differ during a raise for no known reason, and sets them again after a resume', () =>
  run(async () => {
    fleet.takes = () => 2;
    const handle = await rig.rollout(plan);
    await rig.env.sleep(MINUTE_MS);
    fleet.others = { why: 'USE_STEP_FUNCTIONS is not set' };
    await rig.env.sleep(MINUTE_MS);
    expect(await statusOf(handle)).toMatchObject({
      phase: 'holding',
      wait: { why: expect.stringContaining('USE_STEP_FUNCTIONS is not set'), verbs: ['resume', 'abort'] },
    });
    fleet.others = undefined;
    fleet.takes = () => 3;
    await handle.signal(resumeSignal);
    await rig.env.sleep(MINUTE_MS);
    expect(fleet.orders.at(-1)?.progress).toBeUndefined();
    await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed', percentages: [50, 100] });
    // What is delivered next is never below what was.
    expect(fleet.orders.at(-1)?.progress).toEqual({ from: 50 });
  }));

it('holds at once on what no second try would change', () =>
  run(async () => {
    fleet.beforeSet = () => {
      throw failure('AccessDenied', 'not allowed to update the environment');
    };
    const handle = await rig.rollout(plan);
    await rig.env.sleep(MINUTE_MS);
    expect(await statusOf(handle)).toMatchObject({
      phase: 'holding',
      wait: { why: expect.stringContaining('not allowed to update the environment') },
    });
    fleet.beforeSet = () => undefined;
    await handle.signal(abortSignal);
    await expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted' });
  }));

it('writes 0 to the document while a delivery hangs that does not heed its end, and delivers 0 after it', () =>
  run(async () => {
    const hung = new Promise<void>((resolve) => {
      fleet.beforeSet = async ({ percentage }) => {
        if (percentage === 0) return;
        resolve();
        // Until the activity's own server gives it up: the way to zero must not wait for that.
        await cancelled().catch(() => new Promise((later) => setTimeout(later, 300)));
      };
    });
    const handle = await rig.rollout(plan);
    await hung;
    await handle.signal(abortSignal, { by: 'bob' });
    await expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted', percentages: [50, 0] });
    expect(fleet.instances).toEqual([0, 0, 0]);
    expect(aws.flag.percentage).toBe(0);
    expect(fleet.orders.at(-1)?.percentage).toBe(0);
  }));

it('goes back by an alarm that rings during a delivery', () =>
  run(async () => {
    fleet.takes = ({ percentage }) => (percentage > 0 ? 1 : 3);
    const handle = await rig.rollout(plan);
    await rig.env.sleep(5 * MINUTE_MS);
    const nowMs = await rig.env.currentTimeMs();
    aws.alarmTimes = [{ name: FAILED_ALARM, fromMs: nowMs, toMs: nowMs + HOUR_MS }];
    await expect(handle.result()).resolves.toMatchObject({ outcome: 'rolled-back', percentages: [50, 0] });
    expect(fleet.instances).toEqual([0, 0, 0]);
  }));

it('tries to deliver 0 without end, and does not end before every instance reports it', () =>
  run(async () => {
    let failures = 0;
    const handle = await rig.rollout(plan);
    await rig.env.sleep(10 * MINUTE_MS);
    fleet.beforeSet = ({ percentage }) => {
      if (percentage > 0 || failures >= 6) return;
      failures += 1;
      throw failures % 2 === 0 ? failure('AccessDenied', 'denied by the test') : new Error('throttled by the test');
    };
    fleet.takes = () => (failures >= 6 ? 3 : 0);
    await handle.signal(abortSignal);
    await rig.env.sleep(2_000);
    expect(aws.flag.percentage).toBe(0);
    const { phase, delivery, wait } = await statusOf(handle);
    expect([phase, delivery?.percentage, delivery?.done]).toEqual(['rolling-back', 0, false]);
    expect(wait?.why).toMatch(/0 %/);
    const { outcome } = await handle.result();
    expect(outcome).toBe('aborted');
    expect(failures).toBe(6);
    expect(fleet.instances).toEqual([0, 0, 0]);
  }));

it('looks at 0 once more after the longest time in which a raise given up may still set its own', () =>
  run(async () => {
    const handle = await rig.rollout(plan);
    await rig.env.sleep(10 * MINUTE_MS);
    await handle.signal(abortSignal);
    await rig.env.sleep(2_000);
    expect(fleet.instances).toEqual([0, 0, 0]);
    fleet.instances = [50, 0, 0];
    const { outcome } = await handle.result();
    expect(outcome).toBe('aborted');
    expect(fleet.instances).toEqual([0, 0, 0]);
    expect(fleet.set.slice(-2).map(({ percentage }) => percentage)).toEqual([0, 0]);
    expect(LATE_WRITE_MS).toBeGreaterThan(2_000);
  }));
