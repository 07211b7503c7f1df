import type { FindingsOrder } from '../../../activities/act/flag/findings';
import type { CheckOrder } from '../../../activities/observe/checks/run-check';
import type { CheckAnswer, CheckKind } from '../../../rules/checks/check';
import { checkOf, no, unknown, yes } from '../../../rules/checks/check';
import type { FallbackRollback } from '../../../rules/fallback/fallback';
import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import type { FallbackInput } from '../../../workflows/messages';
import { fallbackWorkflowId, TASK_QUEUE } from '../../../workflows/messages';
import { aPlan, MINUTE_MS, theFallback } from '../../helpers/samples/plans';
import { Rig } from '../../helpers/temporal/rig';

let rig: Rig;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());

const plan = aPlan(theFallback);

/** Everything goes well; each test breaks one thing. */
const hands = (answers: Partial<Record<CheckKind, CheckAnswer>>, changes: object) => ({
  readFlag: async () => ({ found: true, percentage: 0, generation: 4, writer: 'rollout-pavi-prod' }),
  writeFindings: async (order: FindingsOrder) => ({ rolledBack: order.rolledBack }),
  runCheck: async (order: CheckOrder) => {
    asked.push(order);
    return { ...(answers[order.check.kind] ?? yes('asked without AWS')), startedAtMs: 0, tookMs: 0 };
  },
  ...changes,
});

let asked: CheckOrder[];
beforeEach(() => (asked = []));

let count = 0;
const roll = async (
  answers: Partial<Record<CheckKind, CheckAnswer>> = {},
  input: Partial<FallbackInput> = {},
  changes: object = {},
): Promise<FallbackRollback> => {
  let result: FallbackRollback | undefined;
  count += 1;
  await rig.runWith(hands(answers, changes), async () => {
    const handle = await rig.env.client.workflow.start<(input: FallbackInput) => Promise<FallbackRollback>>(
      'fallback',
      {
        taskQueue: TASK_QUEUE,
        workflowId: `${fallbackWorkflowId('pavi', 'prod')}-${count}`,
        args: [{ plan, by: 'ada', reason: 'results differ', ...input }],
      },
    );
    result = await rig.remember(handle).result();
  });
  return result as FallbackRollback;
};
const states = ({ steps }: FallbackRollback) => steps.map(({ step, state }) => `${step} ${state}`);

describe('full rollback to the fallback of the plan', () => {
  it('takes every step and asks for findings', async () => {
    const orders: FindingsOrder[] = [];
    const writeFindings = async (order: FindingsOrder) => void orders.push(order);
    const rollback = await roll({}, {}, { writeFindings });
    expect(rollback).toMatchObject({ outcome: 'done', to: 'nextflow' });
    expect(states(rollback)).toEqual(['traffic done', 'record done', 'instances done', 'in-flight done', 'jobs done']);
    expect(orders).toMatchObject([
      { parameter: '/pavi/prod/rollout-findings', rolledBack: { by: 'ada', reason: 'results differ', to: 'nextflow' } },
    ]);
  });

  it('goes on after a step that failed, and says which', async () => {
    const says = 'https://api.example.org says step_functions';
    const rollback = await roll({ 'instances-on-old-side': no(says) });
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
    const rollback = await roll({}, {}, { readFlag });
    expect(rollback).toMatchObject({
      outcome: 'failed',
      steps: [{ state: 'failed', why: expect.stringContaining('25 %') }, {}, {}, {}, {}],
    });
  });

  it('names what still runs, leaves it when it may, and waits for it with `drain`', async () => {
    const busy = { 'none-in-flight': no('1 still run', { executions: ['pavi-job-1'] }) };
    expect(await roll(busy)).toMatchObject({ outcome: 'done', inFlight: ['pavi-job-1'] });
    expect(await roll(busy, { drain: true })).toMatchObject({ outcome: 'failed', inFlight: ['pavi-job-1'] });
    const times = asked.filter(({ check }) => check.kind === 'none-in-flight').map(({ againForMs }) => againForMs);
    expect(times).toEqual([0, 60 * MINUTE_MS]);
  });

  it('does not take what is not known to run for nothing', async () => {
    const rollback = await roll({ 'none-in-flight': unknown('no guard names a state machine') });
    expect(rollback.outcome).toBe('failed');
    expect(rollback.steps[3]).toMatchObject({ state: 'failed', why: 'NOT KNOWN: no guard names a state machine' });
  });

  it('asks again what runs when it was not answered at first', async () => {
    const answers = [unknown('throttled'), no('1 still run', { executions: ['pavi-job-1'] })];
    const runCheck = async ({ check }: CheckOrder) => {
      const answer = check.kind === 'none-in-flight' ? answers.shift() : yes('asked without AWS');
      return { ...(answer ?? unknown('asked too often')), startedAtMs: 0, tookMs: 0 };
    };
    expect(await roll({}, {}, { runCheck })).toMatchObject({ outcome: 'done', inFlight: ['pavi-job-1'] });
  });

  it('asks the checks of any service, and counts one that the plan does not have as failed', async () => {
    const checks = [checkOf('old-version-serves', { kind: 'lambda', function: 'ask', payload: {}, answer: [] })];
    const fallback: EnvironmentPlan['fallback'] = { name: 'v1', checks: ['old-version-serves', 'gone'] };
    const rollback = await roll({}, { plan: aPlan({ checks, fallback }) });
    expect(states(rollback)).toEqual(['traffic done', 'record done', 'old-version-serves done', 'gone failed']);
    expect(rollback).toMatchObject({ to: 'v1', outcome: 'failed' });
  });
});
