import { cancelled } from '@temporalio/activity';
import { LATE_WRITE_MS } from '../../../rules/rollout/zero';
import { aPlan, FAILED_ALARM, MINUTE_MS } from '../../helpers/samples/plans';
import { Rig } from '../../helpers/temporal/rig';

/** A real server: the time-skipping one skips no time while an activity runs. */
let rig: Rig;
beforeAll(async () => (rig = await Rig.startReal()));
afterAll(() => rig.stop());

const plan = aPlan({
  steps: [{ percentage: 100, soakMs: MINUTE_MS }],
  diagnosis: { bucket: 'files', withinMs: 12_000 },
});

it('a diagnosis that hangs delays neither the second look at zero nor, beyond its time, the end', async () => {
  const aws = rig.aws();
  const reads: number[] = [];
  let zeroAtMs = 0;
  aws.beforeRead = () => void reads.push(Date.now());
  aws.afterWrite = ({ percentage }) => {
    if (percentage === 0) zeroAtMs = Date.now();
  };
  await rig.runWith({ ...aws.activities(), diagnose: () => cancelled() }, async () => {
    const handle = await rig.rollout(plan);
    while (aws.flag.percentage !== 100) await rig.env.sleep(100);
    await handle.signal('alarm-changed', { alarm: FAILED_ALARM, state: 'ALARM', atMs: Date.now(), reason: 'x' });
    const result = await handle.result();
    const endedAfterMs = Date.now() - zeroAtMs;
    expect(result).toMatchObject({ outcome: 'rolled-back', diagnosis: { causes: [] } });
    expect(result.diagnosis?.line).toMatch(/^no diagnosis: /);
    expect((reads.at(-1) ?? 0) - zeroAtMs).toBeLessThan(LATE_WRITE_MS + 2_000);
    expect(endedAfterMs).toBeGreaterThan(LATE_WRITE_MS + 1_000);
    expect(endedAfterMs).toBeLessThan(16_000);
  });
});
