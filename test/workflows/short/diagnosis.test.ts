import type { DiagnosisOrder } from '../../../activities/observe/diagnosis/diagnose';
import type { Diagnosis } from '../../../rules/diagnosis/diagnosis';
import type { DiagnosisInput, DiagnosisResult } from '../../../workflows/messages';
import { diagnosisWorkflowId, TASK_QUEUE } from '../../../workflows/messages';
import { aPlan } from '../../helpers/samples/plans';
import { Rig } from '../../helpers/temporal/rig';

let rig: Rig;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());

const plan = aPlan({ diagnosis: { bucket: 'files' } });
const found: Diagnosis = { atMs: 2, sinceMs: 1, causes: [], looks: [], logs: [] };
let count = 0;

const start = async (more: Partial<DiagnosisInput> = {}) => {
  count += 1;
  const handle = await rig.env.client.workflow.start<(input: DiagnosisInput) => Promise<DiagnosisResult>>('diagnosis', {
    taskQueue: TASK_QUEUE,
    workflowId: `${diagnosisWorkflowId(plan.service, plan.environment)}-${count}`,
    args: [{ plan, ...more }],
  });
  return rig.remember(handle);
};

describe('diagnosis', () => {
  it('answers what the worker found, for the execution and the time that are meant', async () => {
    const orders: DiagnosisOrder[] = [];
    await rig.runWith({ diagnose: async (order: DiagnosisOrder) => (orders.push(order), found) }, async () => {
      expect(await (await start({ execution: 'arn:1', sinceMs: 1 })).result()).toEqual(found);
    });
    expect(orders).toEqual([{ plan, execution: 'arn:1', sinceMs: 1 }]);
  });

  it('looks once more when a look broke, then says why', async () => {
    let attempts = 0;
    const diagnose = async () => {
      attempts += 1;
      throw new Error('out of memory');
    };
    await rig.runWith({ diagnose }, async () => {
      await expect((await start()).result()).rejects.toMatchObject({ cause: { cause: { message: 'out of memory' } } });
    });
    expect(attempts).toBe(2);
  });
});
