import type { EnvironmentPlan, Freeze } from '../../../rules/plan/environment-plan';
import {
  abortSignal,
  approveUpdate,
  freezesChangedSignal,
  rejectUpdate,
  resumeSignal,
  tickUpdate,
} from '../../../workflows/messages';
import type { FakeAws } from '../../helpers/aws/fake-aws';
import { DAY_MS, HOUR_MS, MINUTE_MS, soon } from '../../helpers/samples/plans';
import { refusalOf } from '../../helpers/samples/refusal';
import { Rig, statusOf } from '../../helpers/temporal/rig';

let rig: Rig;
let aws: FakeAws;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());
beforeEach(() => (aws = rig.aws()));

const consent = { required: 2, starterMayApprove: false, before: 'first-raise', validForMs: DAY_MS } as const;
const asking = (approvals: Partial<EnvironmentPlan['approvals']> = {}): EnvironmentPlan => ({
  ...soon,
  approvals: { ...consent, ...approvals },
});
/** Opens tomorrow for two hours and then not for a week. */
const opensTomorrow = async () => {
  const tomorrow = new Date((await rig.env.currentTimeMs()) + DAY_MS);
  const days = [tomorrow.getUTCDay() === 0 ? 7 : tomorrow.getUTCDay()];
  return [{ zone: 'UTC', days, from: '10:00', to: '12:00' }];
};

describe('approval', () => {
  it('waits for two different people other than the starter, and says for whom', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(asking());
      await rig.env.sleep(HOUR_MS);
      expect(await statusOf(handle)).toMatchObject({
        phase: 'approving',
        percentage: 0,
        wait: { why: '50 % waits for approval: 0 of 2 people', verbs: ['approve', 'reject', 'pause', 'abort'] },
      });
      await expect(refusalOf(handle.executeUpdate(approveUpdate, { args: [{ by: ' Ada ' }] }))).resolves.toMatchObject({
        rule: 'approval',
        why: expect.stringContaining('started this rollout'),
      });
      await handle.executeUpdate(approveUpdate, { args: [{ by: 'bob', percentage: 50 }] });
      expect(await handle.executeUpdate(approveUpdate, { args: [{ by: 'BOB' }] })).toEqual({
        answer: 'BOB has already approved 50 %',
        changed: false,
      });
      expect(aws.percentages()).toEqual([]);
      for (const by of ['b\u200bob', 'bob\u202e', '\u2066bob\u2069', '\u3164', '\u200b', '\0bob'])
        expect([by, await refusalOf(handle.executeUpdate(approveUpdate, { args: [{ by }] }))]).toMatchObject([
          by,
          { rule: 'name' },
        ]);
      for (const by of ['\uff22\uff4f\uff42', '\u00a0bob\u2003', 'bob\ufeff'])
        expect(await handle.executeUpdate(approveUpdate, { args: [{ by }] })).toMatchObject({ changed: false });
      await handle.executeUpdate(approveUpdate, { args: [{ by: 'cleo' }] });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed', percentages: [50, 100] });
    }));

  it('refuses another plan, another percentage and a missing name, and nothing of it is in the history', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(asking());
      await rig.env.sleep(HOUR_MS);
      const { planHash } = await statusOf(handle);
      const refused = (command: object) => refusalOf(handle.executeUpdate(approveUpdate, { args: [command] }));
      await expect(refused({ by: 'bob', planHash: 'another' })).resolves.toMatchObject({ rule: 'plan' });
      await expect(refused({ by: 'bob', percentage: 100 })).resolves.toMatchObject({ rule: 'approval' });
      await expect(refused({ by: '  ' })).resolves.toMatchObject({ rule: 'name' });
      const { events } = await handle.fetchHistory();
      expect(events!.filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes)).toEqual([]);
      await handle.executeUpdate(approveUpdate, { args: [{ by: 'bob', planHash }] });
      // A cancellation that meets its activity's beginning makes the test server stop time (see plans.ts).
      await rig.env.sleep(MINUTE_MS);
      await handle.signal(abortSignal);
      await handle.result();
    }));

  it('forgets an approval that is too old', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(asking({ validForMs: HOUR_MS }));
      await rig.env.sleep(MINUTE_MS);
      await handle.executeUpdate(approveUpdate, { args: [{ by: 'bob' }] });
      await rig.env.sleep(2 * HOUR_MS);
      await handle.executeUpdate(approveUpdate, { args: [{ by: 'cleo' }] });
      await rig.env.sleep(MINUTE_MS);
      expect(await statusOf(handle)).toMatchObject({ phase: 'approving', percentage: 0 });
      await handle.executeUpdate(approveUpdate, { args: [{ by: 'bob' }] });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
    }));

  it('asks again before every raise where the plan says so, and a rejection holds', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(asking({ required: 1, before: 'every-raise' }));
      await rig.env.sleep(MINUTE_MS);
      await handle.executeUpdate(approveUpdate, { args: [{ by: 'bob' }] });
      await rig.env.sleep(3 * HOUR_MS);
      expect(await statusOf(handle)).toMatchObject({ phase: 'approving', percentage: 50 });
      await handle.executeUpdate(rejectUpdate, { args: [{ by: 'cleo', reason: 'results differ' }] });
      expect(await statusOf(handle)).toMatchObject({
        phase: 'holding',
        wait: { why: 'on hold: cleo rejected the raise to 100 %: results differ' },
      });
      await handle.signal(resumeSignal, { by: 'cleo', reason: 'explained' });
      await rig.env.sleep(MINUTE_MS);
      await handle.executeUpdate(approveUpdate, { args: [{ by: 'bob' }] });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed', percentages: [50, 100] });
    }));

  it('does not raise an approved percentage before the window opens', () =>
    rig.run(aws, async () => {
      const windows = await opensTomorrow();
      const handle = await rig.rollout({ ...asking({ required: 1, validForMs: 9 * DAY_MS }), windows });
      await rig.env.sleep(MINUTE_MS);
      await handle.executeUpdate(approveUpdate, { args: [{ by: 'bob' }] });
      await handle.result();
      expect(new Date(aws.writes[0]!.atMs).toISOString()).toMatch(/T10:0/);
    }));
});

describe('the checklist', () => {
  const checklist = [
    { id: 'alarms-quiet', text: 'Confirm alarms are not firing', proof: { by: 'alarms-quiet' } },
    { id: 'plan-reviewed', text: 'Rollback plan reviewed' },
  ] as const;

  it('keeps the first raise until every item is proved or ticked', () =>
    rig.run(aws, async () => {
      const handle = await rig.rollout({ ...soon, checklist });
      await rig.env.sleep(HOUR_MS);
      const waiting = await statusOf(handle);
      expect(waiting).toMatchObject({
        phase: 'checking',
        percentage: 0,
        wait: { verbs: ['checklist --tick', 'pause', 'abort'] },
      });
      expect(waiting.checklist.map(({ id, state }) => [id, state])).toEqual([
        ['alarms-quiet', 'proved'],
        ['plan-reviewed', 'open'],
      ]);
      await handle.executeUpdate(tickUpdate, { args: [{ by: 'bob', item: 'plan-reviewed' }] });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
    }));

  it('tries a proof that failed again, and takes a reasoned tick in its place', () =>
    rig.run(aws, async () => {
      aws.unproved = ['alarms-quiet'];
      const handle = await rig.rollout({ ...soon, checklist: [checklist[0]] });
      await rig.env.sleep(10 * HOUR_MS);
      const { historyLength } = await handle.describe();
      expect(historyLength).toBeLessThan(400);
      const tick = (command: object) => handle.executeUpdate(tickUpdate, { args: [command] });
      await expect(refusalOf(tick({ by: 'bob', item: 'alarms-quiet' }))).resolves.toMatchObject({ rule: 'reason' });
      await tick({ by: 'bob', item: 'alarms-quiet', reason: 'the alarm is new' });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
    }));
});

describe('a freeze by hand', () => {
  const frozen = { ...soon, freezeParameter: '/pavi/prod/rollout-freezes' };
  const freeze = async (days: number): Promise<Freeze> => {
    const fromMs = await rig.env.currentTimeMs();
    return { fromMs, toMs: fromMs + days * DAY_MS, reason: 'conference', by: 'dora' };
  };

  it('keeps the percentage until it ends', () =>
    rig.run(aws, async () => {
      aws.freezes = [await freeze(2)];
      const handle = await rig.rollout(frozen);
      await rig.env.sleep(HOUR_MS);
      expect(await statusOf(handle)).toMatchObject({
        phase: 'holding',
        wait: { why: expect.stringContaining('conference') },
      });
      await handle.result();
      expect(aws.writes[0]!.atMs).toBeGreaterThanOrEqual(aws.freezes[0]!.toMs);
    }));

  it('ends when it is removed, and does not hinder an abort', () =>
    rig.run(aws, async () => {
      aws.freezes = [await freeze(9)];
      const handle = await rig.rollout(frozen);
      await rig.env.sleep(HOUR_MS);
      aws.freezes = [];
      await handle.signal(freezesChangedSignal);
      await rig.env.sleep(10 * MINUTE_MS);
      expect(aws.percentages()).toEqual([50]);
      aws.freezes = [await freeze(9)];
      await rig.env.sleep(3 * HOUR_MS);
      expect(aws.percentages()).toEqual([50]);
      await handle.signal(abortSignal);
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted', percentages: [50, 0] });
    }));

  it('raises nothing while the freezes cannot be read, and continues afterwards', () =>
    rig.run(aws, async () => {
      aws.freezesReadable = false;
      const handle = await rig.rollout(frozen);
      await rig.env.sleep(10 * MINUTE_MS);
      expect(await statusOf(handle)).toMatchObject({
        percentage: 0,
        phase: 'holding',
        wait: { why: expect.stringContaining('freezes cannot be read') },
      });
      aws.freezesReadable = true;
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
    }));
});

describe('a wait that lasts too long', () => {
  it('times out where the plan says so', () =>
    rig.run(aws, async () => {
      const approval = { atMostMs: 2 * HOUR_MS, then: 'abort' } as const;
      const handle = await rig.rollout({ ...asking(), limits: { ...soon.limits, approval } });
      await expect(handle.result()).resolves.toMatchObject({
        outcome: 'aborted',
        why: expect.stringContaining('timed out after 2 h'),
        percentages: [0],
      });
    }));

  it('goes on and is called overdue otherwise', () =>
    rig.run(aws, async () => {
      const approval = { atMostMs: 2 * HOUR_MS, then: 'continue' } as const;
      const handle = await rig.rollout({ ...asking(), limits: { ...soon.limits, approval } });
      await rig.env.sleep(5 * HOUR_MS);
      const { phase, wait } = await statusOf(handle);
      expect(phase).toBe('approving');
      expect(wait!.deadline!.atMs).toBeLessThan(await rig.env.currentTimeMs());
      await handle.signal(abortSignal);
      await handle.result();
    }));
});
