import type { DiagnosisOrder } from '../../../activities/observe/diagnosis/diagnose';
import type { Diagnosis } from '../../../rules/diagnosis/diagnosis';
import type { FakeAws } from '../../helpers/aws/fake-aws';
import { FAILED_ALARM, MINUTE_MS, soon } from '../../helpers/samples/plans';
import { Rig, statusOf } from '../../helpers/temporal/rig';

let rig: Rig;
let aws: FakeAws;
let orders: DiagnosisOrder[];
let diagnose: (order: DiagnosisOrder) => Promise<Diagnosis>;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());
beforeEach(() => {
  aws = rig.aws();
  orders = [];
  diagnose = async () => found;
});

const plan = { ...soon, diagnosis: { bucket: 'files', withinMs: 20_000 } };
const cause = {
  trouble: 's3-access-denied',
  id: 'bucket-missing',
  cause: 'no bucket files',
  remedy: 'make it',
} as const;
const found: Diagnosis = { atMs: 2, sinceMs: 1, causes: [{ ...cause, evidence: [] }], looks: [], logs: [] };

/** With the diagnosis that the test asks for; when it is asked, the present status is kept. */
const activities = () => ({
  ...aws.activities(),
  diagnose: async (order: DiagnosisOrder) => {
    orders.push(order);
    expect(aws.flag.percentage).toBe(0);
    return diagnose(order);
  },
});

async function breached(rollouts = plan) {
  const handle = await rig.rollout(rollouts);
  await rig.env.sleep(10 * MINUTE_MS);
  const atMs = await rig.env.currentTimeMs();
  await handle.signal('alarm-changed', { alarm: FAILED_ALARM, state: 'ALARM', atMs, reason: 'threshold crossed' });
  return handle;
}

describe('after a breach', () => {
  it('the cause is looked for when 0 % is confirmed, with the failures since the step began, and told everywhere', () =>
    rig.runWith(activities(), async () => {
      const startedAtMs = await rig.env.currentTimeMs();
      const handle = await breached();
      const result = await handle.result();
      const told = { line: 'likely cause: no bucket files', causes: [{ ...cause, evidence: [] }] };
      expect(result).toMatchObject({ outcome: 'rolled-back', percentages: [50, 0], diagnosis: told });
      expect(orders).toHaveLength(1);
      expect(orders[0]).toMatchObject({ withinMs: 20_000, plan: { diagnosis: plan.diagnosis } });
      expect(Math.abs((orders[0]?.sinceMs ?? 0) - startedAtMs)).toBeLessThan(MINUTE_MS);
      const status = await statusOf(handle);
      expect(status.diagnosis).toEqual(result.diagnosis);
      expect(status.log.map(({ what }) => what)).toContain('diagnosis: likely cause: no bucket files');
    }));

  it('the rollout ends as it would have without a diagnosis that fails', () =>
    rig.runWith(activities(), async () => {
      diagnose = async () => Promise.reject(new Error('out of memory'));
      const result = await (await breached()).result();
      expect(result).toMatchObject({ outcome: 'rolled-back', percentages: [50, 0] });
      expect(result.diagnosis?.line).toBe('no diagnosis: out of memory');
      expect(orders).toHaveLength(2);
    }));

  it('0 % that did not last is written again while the cause is looked for, once', () =>
    rig.runWith(activities(), async () => {
      const handle = await rig.rollout(plan);
      await rig.env.sleep(10 * MINUTE_MS);
      const late = { ...aws.flag };
      diagnose = async () => {
        aws.flag = late;
        return found;
      };
      const atMs = await rig.env.currentTimeMs();
      await handle.signal('alarm-changed', { alarm: FAILED_ALARM, state: 'ALARM', atMs, reason: 'x' });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'rolled-back', percentages: [50, 0] });
      expect(aws.percentages()).toEqual([50, 0, 0]);
      expect(aws.flag.percentage).toBe(0);
      expect(orders).toHaveLength(1);
    }));

  it('nothing is looked for where the plan names nothing to look at, nor after an abort', () =>
    rig.runWith(activities(), async () => {
      expect(await (await breached(soon as typeof plan)).result()).not.toHaveProperty('diagnosis');
      const handle = await rig.rollout(plan);
      await rig.env.sleep(10 * MINUTE_MS);
      await handle.signal('abort');
      expect(await handle.result()).not.toHaveProperty('diagnosis');
      expect(orders).toEqual([]);
    }));
});
