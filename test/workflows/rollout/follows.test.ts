import type { FollowsAnswer } from '../../../rules/guards/readings';
import { headline } from '../../../rules/report/rollout-headline';
import { FOLLOWS } from '../../../rules/verification/parts';
import { resumeSignal } from '../../../workflows/messages';
import type { FakeAws } from '../../helpers/aws/fake-aws';
import { aPlan, HOUR_MS, MINUTE_MS, soon } from '../../helpers/samples/plans';
import { Rig, statusOf } from '../../helpers/temporal/rig';

let rig: Rig;
let aws: FakeAws;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());
beforeEach(() => (aws = rig.aws()));

const served = { ...soon, verification: { ...aPlan().verification, apiUrl: 'https://api.example.org' } };
const says = (one: FollowsAnswer['says']): void => {
  const told = [
    { where: 'i-1', says: 'follows' as const, why: 'up' },
    { where: 'i-2', says: one, why: 'execution_mode is "nextflow" and not step_functions' },
  ];
  aws.guardReadings = () => [{ name: FOLLOWS, kind: 'follows', percentage: 50, told }];
};

describe('an API whose health the plan knows', () => {
  it('holds the rollout by an instance that does not follow the document, names it, and goes on after a resume', () =>
    rig.run(aws, async () => {
      says('otherwise');
      const handle = await rig.rollout(served);
      await rig.env.sleep(HOUR_MS / 2);
      const held = await statusOf(handle);
      expect(held).toMatchObject({ phase: 'holding', percentage: 50, wait: { why: expect.stringContaining('i-2: ') } });
      expect(headline(held, await rig.env.currentTimeMs(), 'UTC')).toMatch(/HELD at 50 %.*1 of 2 instances.*i-2/);
      await rig.env.sleep(2 * HOUR_MS);
      expect(aws.percentages()).toEqual([50]);
      says('follows');
      await handle.signal(resumeSignal, { by: 'ada' });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed', percentages: [50, 100] });
    }));

  it('is not raised while one of them is not known, and is never put to 0 by that', () =>
    rig.run(aws, async () => {
      says('nothing');
      const handle = await rig.rollout(served);
      await rig.env.sleep(3 * HOUR_MS);
      const status = await statusOf(handle);
      expect(status).toMatchObject({ percentage: 50, health: { outcome: 'error' } });
      expect(status.health.why).toContain('NOT KNOWN whether 1 of 2 instances follow');
      expect(aws.percentages()).toEqual([50]);
      says('follows');
      await rig.env.sleep(10 * MINUTE_MS);
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
    }));

  it('is not asked where the plan says none', () =>
    rig.run(aws, async () => {
      says('otherwise');
      const handle = await rig.rollout({ ...served, verification: { ...served.verification, followWithinMs: 0 } });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
    }));
});
