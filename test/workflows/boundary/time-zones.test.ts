import type { HistoryAndWorkflowId } from '@temporalio/client';
import { messageOf } from '../../../activities/failures';
import type { Window } from '../../../rules/plan/environment-plan';
import type { ZoneOffsets } from '../../../rules/time/zone-offsets';
import type { FakeAws } from '../../helpers/aws/fake-aws';
import { aPlan, HOUR_MS } from '../../helpers/samples/plans';
import { Replayer, Rig } from '../../helpers/temporal/rig';

const ZONE = 'Asia/Kathmandu';
const everyDay = [1, 2, 3, 4, 5, 6, 7];
const window: Window = { zone: ZONE, days: everyDay, from: '10:00', to: '11:00' };
const plan = aPlan({ windows: [window], steps: [10, 100].map((percentage) => ({ percentage, soakMs: HOUR_MS })) });
/** A machine whose data say that this zone is at UTC, not 5:45 ahead. */
const inserted: ZoneOffsets = { [ZONE]: [{ fromMs: 0, offsetMs: 0 }] };

let rig: Rig;
let aws: FakeAws;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());
beforeEach(() => (aws = rig.aws()));

/** The same workflows on a machine that has other time zone data than this one. */
function elsewhere(): string {
  const { code } = rig.workflowBundle;
  const planted = code.replace('part={};for(const{type,value}of format.formatToParts(atMs))', (found) =>
    found.replace('(atMs)', '(atMs+7*3600000)'),
  );
  expect(planted).not.toBe(code);
  return planted;
}

async function rolledOut(
  zones?: ZoneOffsets,
): Promise<{ readonly history: HistoryAndWorkflowId; readonly hours: readonly string[] }> {
  let history: HistoryAndWorkflowId | undefined;
  await rig.run(aws, async () => {
    const handle = await rig.rollout(plan, { zones });
    await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed', percentages: [10, 100] });
    history = { workflowId: handle.workflowId, history: await handle.fetchHistory() };
  });
  if (history === undefined) throw new Error('it did not run');
  return { history, hours: aws.writes.map(({ atMs }) => new Date(atMs).toISOString().slice(11, 14)) };
}

async function replayed(bundle: string, history: HistoryAndWorkflowId): Promise<string | undefined> {
  const replayer = new Replayer({ code: bundle });
  try {
    return await replayer.replay(history).then(() => undefined, messageOf);
  } finally {
    await replayer.stop();
  }
}

it('windows open by the time zone data of the input, and replay on a machine with other data', async () => {
  const { history, hours } = await rolledOut(inserted);
  expect(hours).toEqual(['10:', '10:']);
  expect(await replayed(elsewhere(), history)).toBeUndefined();
});

it('without them, from an older client, a machine with other data would decide otherwise', async () => {
  const { history, hours } = await rolledOut();
  expect(hours.every((hour) => /^0[45]:$/.test(hour))).toBe(true);
  expect(await replayed(elsewhere(), history)).toMatch(/nondeterminism/i);
});
