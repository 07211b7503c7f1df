/**
 * Writes `docs/schedule.svg` and `docs/rolled-back.svg`. Run by `npm run pictures`: two real rollouts of the runbook's schedule, on a
 * Temporal that skips time, drawn from their histories.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readHistory } from '../../client/report/history-facts';
import { pictureFile } from '../../rules/report/picture/page';
import { reportOf } from '../../rules/report/picture/report';
import { nextOpening } from '../../rules/time/window';
import { pauseSignal, resumeSignal } from '../../workflows/messages';
import type { FakeAws } from '../helpers/aws/fake-aws';
import { aPlan, DAY_MS, FAILED_ALARM, HOUR_MS } from '../helpers/samples/plans';
import bundleWorkflows from '../helpers/temporal/bundle-workflows';
import { Rig, type RolloutHandle, statusOf } from '../helpers/temporal/rig';

const DOCS = join(__dirname, '../../docs');
const prod = aPlan({
  windows: [{ zone: 'America/New_York', days: [2, 3, 4], from: '10:00', to: '14:00' }],
});

/** Its picture, as soon as it has ended. */
async function drawn(rig: Rig, live: (handle: RolloutHandle, aws: FakeAws) => Promise<void>): Promise<string> {
  const aws = rig.aws();
  let picture = '';
  await rig.run(aws, async () => {
    const nowMs = await rig.env.currentTimeMs();
    await rig.env.sleep(nextOpening(prod.windows, nowMs + 14 * HOUR_MS) - nowMs);
    const handle = await rig.rollout(prod, { reason: 'release 2.4' });
    await live(handle, aws);
    await handle.result();
    const { input, facts } = readHistory(await handle.fetchHistory());
    const status = await statusOf(handle);
    const known = { status, running: false, runId: '', plan: input?.plan, facts, notKnown: [] };
    picture = pictureFile(reportOf(known, await rig.env.currentTimeMs(), 'UTC'));
  });
  return picture;
}

async function main(): Promise<void> {
  await bundleWorkflows();
  const rig = await Rig.start();
  try {
    const good = await drawn(rig, async (handle) => {
      await rig.env.sleep(3 * DAY_MS);
      await handle.signal(pauseSignal, { by: 'carol', reason: 'looking at job 17' });
      await rig.env.sleep(18 * HOUR_MS);
      await handle.signal(resumeSignal, { by: 'carol' });
    });
    writeFileSync(join(DOCS, 'schedule.svg'), good);
    const back = await drawn(rig, async (_handle, aws) => {
      while (aws.flag.percentage < 25) await rig.env.sleep(HOUR_MS);
      await rig.env.sleep(9 * HOUR_MS);
      const nowMs = await rig.env.currentTimeMs();
      aws.alarmTimes = [{ name: FAILED_ALARM, fromMs: nowMs, toMs: nowMs + HOUR_MS }];
    });
    writeFileSync(join(DOCS, 'rolled-back.svg'), back);
  } finally {
    await rig.stop();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
