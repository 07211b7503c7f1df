import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { WatchOrder } from '../../../activities/observe/watch';
import { failure } from '../../../activities/failures';
import { abortSignal, alarmChangedSignal, unwatchedSignal } from '../../../workflows/messages';
import type { FakeAws } from '../../helpers/aws/fake-aws';
import { HOUR_MS, MINUTE_MS, soon } from '../../helpers/samples/plans';
import { Rig, statusOf } from '../../helpers/temporal/rig';

const policy = { required: 0, starterMayApprove: true, validForMs: 0 };
let rig: Rig;
let aws: FakeAws;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());
beforeEach(() => (aws = rig.aws()));

/** Looks as `aws` does, unless the failure of the moment comes first. */
function failing(throws: () => Error | undefined) {
  const { watchAlarms, ...others } = aws.activities();
  return {
    ...others,
    watchAlarms: async (order: WatchOrder) => {
      const error = throws();
      if (error !== undefined) throw error;
      return watchAlarms(order);
    },
  };
}

it.each([
  // As `temporal activity fail` does: Temporal tries it no more.
  ['a failure for good', () => failure('InvalidRequest', 'failed by hand')],
  ['failures without end', () => ApplicationFailure.create({ message: 'the network is gone', nextRetryDelay: '30s' })],
])('a look that ends with %s holds, ends nothing, and is made again', (_name, errorOf) => {
  let broken = true;
  return rig.runWith(
    failing(() => (broken ? errorOf() : undefined)),
    async () => {
      const handle = await rig.rollout(soon);
      await rig.env.sleep(7 * HOUR_MS);
      expect((await handle.describe()).status.name).toBe('RUNNING');
      expect(aws.writes).toEqual([]);
      broken = false;
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed', percentages: [50, 100] });
    },
  );
});

it('a look that fails above 0 is shown as not looked, and nothing is raised before one that is made', () => {
  let broken = false;
  return rig.runWith(
    failing(() => (broken ? failure('InvalidRequest', 'failed by hand') : undefined)),
    async () => {
      const handle = await rig.rollout(soon);
      await rig.env.sleep(10 * MINUTE_MS);
      broken = true;
      await handle.signal(unwatchedSignal, { sinceMs: 0, why: 'the test said so' });
      await rig.env.sleep(3 * HOUR_MS);
      const status = await statusOf(handle);
      expect(status).toMatchObject({ phase: 'holding', percentage: 50, health: { outcome: 'error' } });
      expect(status.health.why).toMatch(/^not checked since .*failed by hand/);
      await handle.signal(abortSignal);
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted', percentages: [50, 0] });
    },
  );
});

it("hears from a worker or from the dead man's alarm that it is unwatched, and checks at once", () =>
  rig.run(aws, async () => {
    const handle = await rig.rollout(soon);
    await rig.env.sleep(10 * MINUTE_MS);
    const atMs = await rig.env.currentTimeMs();
    const looks = aws.looks;
    const alarm = 'pavi-rollout-unwatched-prod';
    await handle.signal(alarmChangedSignal, { alarm, state: 'ALARM', atMs, why: 'no data' });
    await rig.env.sleep(1_000);
    const { log, health } = await statusOf(handle);
    expect(log.map(({ what }) => what).filter((what) => what.includes('not checked since'))).toHaveLength(1);
    expect(health.outcome).toBe('healthy');
    expect(aws.looks).toBeGreaterThan(looks);
    await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed', percentages: [50, 100] });
  }));

it.each([
  ['the owner', 'takeOwner'],
  ['the flag', 'readFlag'],
  ['the freezes', 'readFreezes'],
  ['a proof', 'runCheck'],
  ['a probe', 'probeReads'],
  ['the deployment', 'lookAtDeployment'],
] as const)('does not end when an activity is cancelled past it that asks for %s', (_name, activity) => {
  let cancellations = 2;
  const activities = aws.activities();
  const cancelled = async (order: never): Promise<unknown> => {
    cancellations -= 1;
    if (cancellations >= 0) throw new CancelledFailure('by hand');
    return activities[activity](order);
  };
  const deployment = { rolloutNeeds: 'deployed', nextEnvironments: [], approvals: policy, checklist: [] } as const;
  const checklist = [{ id: 'alarms-quiet', text: 'quiet', proof: { by: 'alarms-quiet' } }] as const;
  const plan = {
    ...{ ...soon, checklist, freezeParameter: '/freezes' },
    ...(activity === 'lookAtDeployment' ? { deployment } : {}),
    ...(activity === 'probeReads' ? { verification: { ...soon.verification, probeJobs: 1 } } : {}),
  };
  return rig.runWith({ ...activities, [activity]: cancelled }, async () => {
    const handle = await rig.rollout(plan);
    const { outcome } = await handle.result();
    expect(['completed', 'refused']).toContain(outcome);
    expect(cancellations).toBeLessThan(0);
  });
});
