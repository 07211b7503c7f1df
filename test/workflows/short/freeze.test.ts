import type { FreezeOrder } from '../../../activities/act/flag/freezes';
import { failure } from '../../../activities/failures';
import type { Freeze } from '../../../rules/plan/environment-plan';
import type { FreezeInput, FreezeResult } from '../../../workflows/messages';
import { freezeWorkflowId, rolloutWorkflowId, TASK_QUEUE } from '../../../workflows/messages';
import { aPlan, HOUR_MS, MINUTE_MS } from '../../helpers/samples/plans';
import { Rig } from '../../helpers/temporal/rig';

let rig: Rig;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());

const parameter = '/pavi/prod/freezes';
const plan = { ...aPlan(), freezeParameter: parameter };
const freeze: Freeze = { fromMs: 0, toMs: HOUR_MS, reason: 'conference', by: 'ada' };
let count = 0;

const start = async (input: Partial<FreezeInput> = {}) => {
  count += 1;
  const handle = await rig.env.client.workflow.start<(input: FreezeInput) => Promise<FreezeResult>>('freeze', {
    taskQueue: TASK_QUEUE,
    workflowId: `${freezeWorkflowId(plan.service, plan.environment)}-${count}`,
    args: [{ plan, freeze, by: 'ada', reason: 'conference', ...input }],
  });
  return rig.remember(handle);
};

describe('freeze', () => {
  it('writes the freeze of its environment and returns the present freezes, also when no rollout runs', async () => {
    const orders: FreezeOrder[] = [];
    const writeFreezes = async (order: FreezeOrder) => (orders.push(order), [freeze]);
    await rig.runWith({ writeFreezes }, async () => {
      expect(await (await start()).result()).toEqual({ freezes: [freeze] });
    });
    expect(orders).toEqual([{ aws: plan.aws, parameter, freeze }]);
  });

  it('shows in the Web UI what a date as an end means, in the zone of the environment', async () => {
    const toMs = Date.UTC(2099, 11, 27, 5);
    const writeFreezes = async () => [{ ...freeze, toMs }];
    const detailsOf = async (input: Partial<FreezeInput>): Promise<string> => {
      const handle = await start(input);
      await handle.result();
      const metadata = await handle.query('__temporal_workflow_metadata');
      return (metadata as { readonly currentDetails: string }).currentDetails;
    };
    await rig.runWith({ writeFreezes }, async () => {
      const end = 'until the end of Sat 26 Dec 2099 (Sun 27 Dec 00:00 America/New_York)';
      expect(await detailsOf({ zone: 'America/New_York' })).toContain(end);
      expect(await detailsOf({ zone: 'Nowhere/At_All' })).toContain('until Sun 27 Dec');
    });
  });

  it('takes every freeze away when it is given none', async () => {
    const orders: FreezeOrder[] = [];
    const writeFreezes = async (order: FreezeOrder) => (orders.push(order), []);
    const { freeze: _none, ...unfreeze }: FreezeInput = { plan, freeze, by: 'bob', reason: 'over' };
    await rig.runWith({ writeFreezes }, async () => {
      const handle = await rig.env.client.workflow.start<(input: FreezeInput) => Promise<FreezeResult>>('freeze', {
        taskQueue: TASK_QUEUE,
        workflowId: 'unfreeze',
        args: [unfreeze],
      });
      expect(await rig.remember(handle).result()).toEqual({ freezes: [] });
    });
    expect(orders).toEqual([{ aws: plan.aws, parameter }]);
  });

  it('tells the rollout that runs in its environment', async () => {
    const aws = rig.aws();
    const writeFreezes = async () => [freeze];
    const readFreezes = async () => [];
    await rig.runWith({ ...aws.activities(), readFreezes, writeFreezes }, async () => {
      const running = rig.remember(
        await rig.env.client.workflow.start('rollout', {
          workflowId: rolloutWorkflowId(plan.service, plan.environment),
          taskQueue: TASK_QUEUE,
          args: [{ plan, startedBy: 'ada' }],
        }),
      );
      // A cancellation that meets its activity's beginning makes the test server stop time (see plans.ts).
      await rig.env.sleep(MINUTE_MS);
      await (await start()).result();
      await rig.env.sleep(MINUTE_MS);
      const { events } = await running.fetchHistory();
      const signals = (events ?? []).flatMap(
        (event) => event.workflowExecutionSignaledEventAttributes?.signalName ?? [],
      );
      expect(signals).toEqual(['freezes-changed']);
      await running.signal('abort');
      await running.result();
    });
  });

  it('fails with the reason when the document cannot be read, and tries that no second time', async () => {
    let attempts = 0;
    const writeFreezes = async () => {
      attempts += 1;
      throw failure('Unreadable', 'parameter /pavi/prod/freezes is not a list of freezes');
    };
    await rig.runWith({ writeFreezes }, async () => {
      await expect((await start()).result()).rejects.toMatchObject({
        cause: { cause: { message: expect.stringContaining('not a list of freezes') } },
      });
    });
    expect(attempts).toBe(1);
  });

  it('tries again what may come good', async () => {
    let attempts = 0;
    const writeFreezes = async () => {
      attempts += 1;
      if (attempts < 3) throw failure('Unavailable', 'SSM does not answer');
      return [freeze];
    };
    await rig.runWith({ writeFreezes }, async () => {
      expect(await (await start()).result()).toEqual({ freezes: [freeze] });
    });
  });
});
