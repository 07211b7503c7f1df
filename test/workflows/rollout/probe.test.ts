import { abortSignal } from '../../../workflows/messages';
import type { FakeAws } from '../../helpers/aws/fake-aws';
import { aPlan, HOUR_MS, MINUTE_MS, soon } from '../../helpers/samples/plans';
import { Rig, statusOf } from '../../helpers/temporal/rig';

let rig: Rig;
let aws: FakeAws;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());
beforeEach(() => (aws = rig.aws()));

const probed = { ...soon, verification: { ...aPlan().verification, probeJobs: 4 } };

describe('a probe before the first raise', () => {
  it('refuses the rollout, with the reason, when a job was lost: nothing is ever raised', () =>
    rig.run(aws, async () => {
      aws.probe = { verdict: 'refused', why: '2 of 4 probe jobs lost' };
      const handle = await rig.rollout(probed);
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'refused', why: '2 of 4 probe jobs lost' });
      expect(aws.writes).toEqual([]);
    }));

  it('waits, says why, and is tried again when it could not be found out', () =>
    rig.run(aws, async () => {
      aws.probe = { verdict: 'not-known', why: 'the API could not be asked' };
      const handle = await rig.rollout(probed);
      await rig.env.sleep(MINUTE_MS / 2);
      const waiting = await statusOf(handle);
      expect(waiting).toMatchObject({
        phase: 'checking',
        percentage: 0,
        wait: { why: expect.stringContaining('the API could not be asked'), verbs: ['pause', 'abort'] },
      });
      expect(waiting.gates).toContainEqual({ gate: 'probe', open: false, why: 'the API could not be asked' });
      expect(aws.probes).toBe(1);
      aws.probe = { verdict: 'reads-by-job', why: '4 of 4' };
      await rig.env.sleep(HOUR_MS / 2);
      expect(await statusOf(handle)).toMatchObject({ percentage: 50 });
      const probe = { verdict: 'reads-by-job', why: '4 of 4' };
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed', probe });
      expect(aws.probes).toBe(2);
    }));

  it('is never on the way to zero, and asked for by no plan without the key', () =>
    rig.run(aws, async () => {
      const back = await rig.rollout(probed, { backToZero: true });
      await expect(back.result()).resolves.toMatchObject({ outcome: 'aborted', percentages: [0] });
      aws.probe = { verdict: 'not-known', why: 'nobody there' };
      const stopped = await rig.rollout(probed);
      await rig.env.sleep(MINUTE_MS / 2);
      await stopped.signal(abortSignal);
      await expect(stopped.result()).resolves.toMatchObject({ outcome: 'aborted' });
      const without = await rig.rollout(soon);
      const result = await without.result();
      expect(result).toMatchObject({ outcome: 'completed' });
      expect(result).not.toHaveProperty('probe');
      expect(aws.probes).toBe(1);
    }));
});
