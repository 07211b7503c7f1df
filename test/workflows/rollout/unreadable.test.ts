import { setTimeout as sleep } from 'node:timers/promises';
import { PAVI_JOBS } from '../../../pavi/jobs';
import { abortSignal } from '../../../workflows/messages';
import type { FakeAws } from '../../helpers/aws/fake-aws';
import { aPlan, FAILED_ALARM, MINUTE_MS, soon } from '../../helpers/samples/plans';
import { Rig, statusOf } from '../../helpers/temporal/rig';

let rig: Rig;
let aws: FakeAws;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());
beforeEach(() => (aws = rig.aws()));

const machine = { ...soon, verification: { ...aPlan().verification, jobs: PAVI_JOBS, stateMachine: 'pavi' } };
const lost = { count: 620, untilMs: Date.UTC(2026, 11, 24) };

describe('finished jobs that become unreadable at 0 %', () => {
  it('are in status and result after a person has aborted, or rolled back what has ended', () =>
    rig.run(aws, async () => {
      aws.unreadable = () => lost;
      const handle = await rig.rollout(machine);
      await rig.env.sleep(MINUTE_MS);
      await handle.signal(abortSignal, { by: 'ada' });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted', unreadable: lost });
      const { log, unreadable } = await statusOf(handle);
      expect(unreadable).toEqual(lost);
      expect(log.map(({ what }) => what).join()).toMatch(/620 finished jobs of Step Functions cannot be read at 0 %/);
      const back = await rig.rollout(machine, { backToZero: true });
      await expect(back.result()).resolves.toMatchObject({ outcome: 'aborted', unreadable: lost });
    }));

  it.each<[string, () => Promise<never>]>([
    ['that fails', () => Promise.reject(new Error('no answer'))],
    // Longer than its activity may take; the worker waits for it before it stops.
    ['that hangs', () => sleep(11_000).then(() => Promise.reject(new Error('too late')))],
  ])('by a count %s keep neither zero nor the end waiting', (_what, unreadable) =>
    rig.run(aws, async () => {
      aws.unreadable = unreadable;
      const handle = await rig.rollout(machine);
      await rig.env.sleep(MINUTE_MS);
      const askedMs = await rig.env.currentTimeMs();
      await handle.signal(abortSignal, { by: 'ada' });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted' });
      expect(aws.percentages()).toEqual([50, 0]);
      expect(aws.writes[1]!.atMs - askedMs).toBeLessThan(5_000);
    }),
  );

  it('are not counted for a service without jobs', () =>
    rig.run(aws, async () => {
      aws.unreadable = () => lost;
      const { jobs: _jobs, ...verification } = machine.verification;
      const handle = await rig.rollout({ ...machine, verification });
      await rig.env.sleep(MINUTE_MS);
      await handle.signal(abortSignal, { by: 'ada' });
      expect(((await handle.result()) as { unreadable?: unknown }).unreadable).toBeUndefined();
    }));

  it('are not counted after a breach, nor where probe jobs show that reads follow the job', () =>
    rig.run(aws, async () => {
      aws.unreadable = () => lost;
      const probed = { ...machine, verification: { ...machine.verification, probeJobs: 2 } };
      const handle = await rig.rollout(probed);
      await rig.env.sleep(MINUTE_MS);
      await handle.signal(abortSignal, { by: 'ada' });
      expect(((await handle.result()) as { unreadable?: unknown }).unreadable).toBeUndefined();
      const nowMs = await rig.env.currentTimeMs();
      aws.alarmTimes = [{ name: FAILED_ALARM, fromMs: nowMs + MINUTE_MS, toMs: nowMs + 90 * MINUTE_MS }];
      const broken = await rig.rollout(machine);
      const result = (await broken.result()) as { unreadable?: unknown };
      expect(result).toMatchObject({ outcome: 'rolled-back' });
      expect(result.unreadable).toBeUndefined();
    }));
});
