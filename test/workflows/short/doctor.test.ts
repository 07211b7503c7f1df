import type { ExaminationOrder } from '../../../activities/observe/doctor/examine';
import type { DoctorReport } from '../../../rules/doctor/doctor-report';
import type { DoctorInput, DoctorResult } from '../../../workflows/messages';
import { doctorWorkflowId, TASK_QUEUE } from '../../../workflows/messages';
import { aPlan } from '../../helpers/samples/plans';
import { Rig } from '../../helpers/temporal/rig';

let rig: Rig;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());

const plan = aPlan();
const RIGHT = { subject: 'clock', level: 'ok', what: 'right' } as const;
let count = 0;

const start = async () => {
  count += 1;
  const handle = await rig.env.client.workflow.start<(input: DoctorInput) => Promise<DoctorResult>>('doctor', {
    taskQueue: TASK_QUEUE,
    workflowId: `${doctorWorkflowId(plan.service, plan.environment)}-${count}`,
    args: [{ plan }],
  });
  return rig.remember(handle);
};

describe('doctor', () => {
  it('answers what the worker found for this plan', async () => {
    const orders: ExaminationOrder[] = [];
    const examine = async (order: ExaminationOrder): Promise<DoctorReport> => {
      orders.push(order);
      return { atMs: await rig.env.currentTimeMs(), findings: [RIGHT] };
    };
    await rig.runWith({ examine }, async () => {
      const { findings } = await (await start()).result();
      expect(findings[0]).toEqual(RIGHT);
      expect(findings[1]).toMatchObject({ subject: "clock beside Temporal's", level: 'ok' });
    });
    expect(orders).toEqual([{ plan, workflowId: 'rollout-pavi-prod' }]);
  });

  it('tries a look that broke once more, then says why', async () => {
    let attempts = 0;
    const examine = async () => {
      attempts += 1;
      throw new Error('out of memory');
    };
    await rig.runWith({ examine }, async () => {
      await expect((await start()).result()).rejects.toMatchObject({ cause: { cause: { message: 'out of memory' } } });
    });
    expect(attempts).toBe(2);
  });
});
