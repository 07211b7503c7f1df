import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { FakeFleet } from '../../helpers/aws/fake-fleet';
import { soon, theDelivery } from '../../helpers/samples/plans';
import { Rig } from '../../helpers/temporal/rig';

let rig: Rig;
beforeAll(async () => {
  // One worker after the other: the time-skipping server would wait for the one that is gone.
  rig = await Rig.startReal();
});
afterAll(() => rig.stop());

it('goes on with a delivery when its worker is gone, and writes the document no second time', async () => {
  const aws = rig.aws();
  const fleet = new FakeFleet(aws);
  let hangs = 0;
  fleet.beforeSet = async () => {
    hangs += 1;
    await Context.current().cancelled;
  };
  const plan = { ...soon, delivery: theDelivery, steps: [{ percentage: 100, soakMs: 500 }] };
  const handle = await rig.rollout(plan);
  await rig.runWith(fleet.activities(), async () => {
    while (hangs === 0) await sleep(50);
  });
  fleet.beforeSet = () => undefined;
  await rig.runWith(fleet.activities(), async () => {
    await expect(rig.remember(handle).result()).resolves.toMatchObject({ outcome: 'completed' });
  });
  expect(aws.percentages()).toEqual([100]);
  expect(fleet.instances).toEqual([100, 100, 100]);
});
