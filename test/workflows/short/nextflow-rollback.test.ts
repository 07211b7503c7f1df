import type { FindingsOrder } from '../../../activities/act/flag/findings';
import type { InFlightOrder } from '../../../activities/observe/verification/nextflow';
import type { NextflowRollback } from '../../../rules/nextflow/nextflow';
import type { NextflowInput } from '../../../workflows/messages';
import { nextflowWorkflowId, TASK_QUEUE } from '../../../workflows/messages';
import { aPlan } from '../../helpers/samples/plans';
import { Rig } from '../../helpers/temporal/rig';

let rig: Rig;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());

const guard = { name: 'jobs', kind: 'executions', stateMachine: 'pavi-pipeline-sfn-prod', userErrors: [] } as const;
const plan = aPlan({
  watch: { ...aPlan().watch, guards: [{ ...guard, onBreach: 'hold', breach: { successRateBelow: 95 } }] },
  verification: { monitorMs: 0, apiUrl: 'https://api.example.org' },
});

/** Everything goes well; each test breaks one thing. */
const hands = (changes: object = {}) => ({
  readFlag: async () => ({ found: true, percentage: 0, generation: 4, writer: 'rollout-pavi-prod' }),
  writeFindings: async (order: FindingsOrder) => ({ rolledBack: order.rolledBack }),
  awaitNextflow: async () => ({ all: true, why: 'https://api.example.org says nextflow' }),
  listInFlight: async (): Promise<string[]> => [],
  completeOnNextflow: async () => ({ passed: true, why: 'healthy in mode nextflow; completed 2' }),
  ...changes,
});

let count = 0;
const roll = async (changes: object, input: Partial<NextflowInput> = {}): Promise<NextflowRollback> => {
  let result: NextflowRollback | undefined;
  count += 1;
  await rig.runWith(hands(changes), async () => {
    const handle = await rig.env.client.workflow.start<(input: NextflowInput) => Promise<NextflowRollback>>(
      'nextflowRollback',
      {
        taskQueue: TASK_QUEUE,
        workflowId: `${nextflowWorkflowId('pavi', 'prod')}-${count}`,
        args: [{ plan, by: 'ada', reason: 'results differ', ...input }],
      },
    );
    result = await rig.remember(handle).result();
  });
  return result as NextflowRollback;
};
const states = ({ steps }: NextflowRollback) => steps.map(({ step, state }) => `${step} ${state}`);

describe('full rollback to Nextflow', () => {
  it('takes every step and asks for findings', async () => {
    const orders: FindingsOrder[] = [];
    const writeFindings = async (order: FindingsOrder) => void orders.push(order);
    const rollback = await roll({ writeFindings });
    expect(rollback.outcome).toBe('done');
    expect(states(rollback)).toEqual(['traffic done', 'record done', 'instances done', 'in-flight done', 'jobs done']);
    expect(orders).toMatchObject([
      { parameter: '/pavi/prod/rollout-findings', rolledBack: { by: 'ada', reason: 'results differ' } },
    ]);
  });

  it('goes on after a step that failed, and says which', async () => {
    const awaitNextflow = async () => ({ all: false, why: 'https://api.example.org says step_functions' });
    const rollback = await roll({ awaitNextflow });
    expect(rollback.outcome).toBe('failed');
    expect(states(rollback)).toEqual([
      'traffic done',
      'record done',
      'instances failed',
      'in-flight done',
      'jobs done',
    ]);
    expect(rollback.steps[2]?.why).toContain('says step_functions');
  });

  it('does not call it done while the flag is above 0', async () => {
    const readFlag = async () => ({ found: true, percentage: 25, generation: 4, writer: 'somebody' });
    const rollback = await roll({ readFlag });
    expect(rollback).toMatchObject({
      outcome: 'failed',
      steps: [{ state: 'failed', why: expect.stringContaining('25 %') }, {}, {}, {}, {}],
    });
  });

  it('names what still runs, leaves it when it may, and waits for it with `drain`', async () => {
    const orders: InFlightOrder[] = [];
    const listInFlight = async (order: InFlightOrder) => (orders.push(order), ['pavi-job-1']);
    const left = await roll({ listInFlight });
    expect(left).toMatchObject({ outcome: 'done', inFlight: ['pavi-job-1'] });
    expect(left.steps[3]?.why).toContain('answers 404');
    const drained = await roll({ listInFlight }, { drain: true });
    expect(drained).toMatchObject({ outcome: 'failed', inFlight: ['pavi-job-1'] });
    expect(orders.map(({ drainWithinMs }) => drainWithinMs)).toEqual([undefined, 3_600_000]);
  });
});
