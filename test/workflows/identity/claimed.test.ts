import { abortSignal, pauseSignal, resumeSignal } from '../../../workflows/messages';
import type { OwnerClaim } from '../../../activities/act/flag/owner';
import { notOwnPlan } from '../../../rules/identity/own-plan';
import type { FakeAws } from '../../helpers/aws/fake-aws';
import { aPlan, MINUTE_MS } from '../../helpers/samples/plans';
import { Rig, type RolloutHandle, statusOf } from '../../helpers/temporal/rig';

let rig: Rig;
let aws: FakeAws;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());
beforeEach(() => (aws = rig.aws()));
const run = (body: () => Promise<void>): Promise<void> => rig.runWith(aws.activities(), body);
const ended = async (handle: RolloutHandle) => {
  await handle.signal(abortSignal);
  return handle.result();
};

describe('without AWS identities', () => {
  it('names are claimed, and marked so; a list of names is kept', () =>
    run(async () => {
      const permissions = { proof: 'claimed', raise: ['ada'], at: 'permissions' } as const;
      const handle = await rig.rollout(aPlan({ permissions }));
      await rig.env.sleep(MINUTE_MS);
      expect(aws.percentages()).toEqual([10]);
      await handle.signal(pauseSignal, { by: 'bob' });
      await handle.signal(resumeSignal, { by: 'bob' });
      await rig.env.sleep(MINUTE_MS);
      expect((await statusOf(handle)).permissions?.open?.why).toContain('bob may not resume: permissions.raise');
      await handle.signal(resumeSignal, { by: 'Ada' });
      await rig.env.sleep(MINUTE_MS);
      const { phase, log } = await statusOf(handle);
      expect(phase).toBe('soaking');
      expect(log.at(-1)).toMatchObject({ by: 'Ada', proof: 'claimed' });
      await ended(handle);
    }));

  it('a start by somebody who is not listed is refused, and a way back is not', () =>
    run(async () => {
      const permissions = { proof: 'claimed', raise: ['bob'], at: 'permissions' } as const;
      const handle = await rig.rollout(aPlan({ permissions }));
      await expect(handle.result()).resolves.toMatchObject({
        outcome: 'refused',
        why: expect.stringContaining('ada may not start: permissions.raise of the plan names bob'),
      });
      expect(aws.writes).toEqual([]);
      const back = await rig.rollout(aPlan({ permissions }), { backToZero: true });
      await expect(back.result()).resolves.toMatchObject({ outcome: 'aborted', percentages: [0] });
    }));

  it('a worker that trusts only its own plans refuses a start without their permissions, and writes nothing', () => {
    const own = aPlan({
      permissions: { proof: 'required', raise: ['arn:aws:iam::111122223333:role/x'], at: 'permissions' },
    });
    const takeOwner = async ({ moved, ...claim }: OwnerClaim) => {
      const why = notOwnPlan([own], moved ?? claim);
      return why === undefined ? ({ taken: true } as const) : ({ taken: false, why } as const);
    };
    return rig.runWith({ ...aws.activities(), takeOwner }, async () => {
      const handle = await rig.rollout(aPlan());
      await expect(handle.result()).resolves.toMatchObject({
        outcome: 'refused',
        why: expect.stringContaining('`permissions` is missing'),
      });
      expect(aws.writes).toEqual([]);
    });
  });

  it('a plan without permissions works as before, and its record says that names are claimed', () =>
    run(async () => {
      const handle = await rig.rollout(aPlan());
      await rig.env.sleep(MINUTE_MS);
      expect(aws.percentages()).toEqual([10]);
      const { log, permissions } = await statusOf(handle);
      expect([log[0]?.proof, permissions]).toEqual(['claimed', undefined]);
      await ended(handle);
    }));
});
