import { breakGlassBy, GUARDIAN } from '../../../rules/rollout/outside/emergency-writers';
import { tickUpdate } from '../../../workflows/messages';
import type { FakeAws } from '../../helpers/aws/fake-aws';
import { HOUR_MS, MINUTE_MS, soon } from '../../helpers/samples/plans';
import { Rig, statusOf } from '../../helpers/temporal/rig';

let rig: Rig;
let aws: FakeAws;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());
beforeEach(() => (aws = rig.aws()));

const ended = (why: string) => ({ outcome: 'aborted', why: expect.stringContaining(why) as string });
const SECONDS = 1_790_000_000;
const zeroBy = (writer: string): void => aws.editByHand(0, writer, SECONDS);

describe('0 % written past the rollout', () => {
  it.each([breakGlassBy('bob'), GUARDIAN])('ends it when it meets that at its next raise, by %s', (writer) =>
    rig.run(aws, async () => {
      const handle = await rig.rollout(soon);
      await rig.env.sleep(MINUTE_MS);
      zeroBy(writer);
      await expect(handle.result()).resolves.toMatchObject(ended(`lowered from 50 % to 0 %`));
      expect(aws.percentages()).toEqual([50, 0]);
      expect(aws.flag.generation).toBeGreaterThan(SECONDS);
    }),
  );

  it('ends it also where its first raise had arrived without an answer', () =>
    rig.run(aws, async () => {
      aws.afterWrite = ({ percentage }) => {
        if (percentage === 0) return;
        zeroBy(breakGlassBy('bob'));
        throw new Error('the acknowledgement is lost');
      };
      const handle = await rig.rollout(soon);
      await expect(handle.result()).resolves.toMatchObject(ended('lowered from 50 % to 0 %'));
      expect(aws.percentages()).toEqual([50, 0]);
    }));

  it('ends it before its first raise', () =>
    rig.run(aws, async () => {
      const checklist = [{ id: 'team-told', text: 'Team told' }];
      const handle = await rig.rollout({ ...soon, checklist });
      await rig.env.sleep(MINUTE_MS);
      zeroBy(GUARDIAN);
      await handle.executeUpdate(tickUpdate, { args: [{ by: 'bob', item: 'team-told' }] });
      await expect(handle.result()).resolves.toMatchObject(ended('guardian'));
      expect(aws.percentages().every((percentage) => percentage === 0)).toBe(true);
    }));

  it('does not prevent a new one', () =>
    rig.run(aws, async () => {
      zeroBy(breakGlassBy('bob'));
      const handle = await rig.rollout(soon);
      await rig.env.sleep(HOUR_MS / 2);
      expect(await statusOf(handle)).toMatchObject({ percentage: 50 });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
    }));
});
