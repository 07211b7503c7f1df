import { failure } from '../../../activities/failures';
import type { CheckOrder } from '../../../activities/observe/checks/run-check';
import type { FallbackRollback } from '../../../rules/fallback/fallback';
import type { InfraRollbackResult } from '../../../rules/stacks/results';
import type { KeptDeployment } from '../../../rules/stacks/kept';
import { TASK_QUEUE } from '../../../workflows/messages';
import type { FakeAws } from '../../helpers/aws/fake-aws';
import { FakeFleet } from '../../helpers/aws/fake-fleet';
import { FakeStacks } from '../../helpers/aws/fake-stacks';
import { aPlan, MINUTE_MS, theDelivery, theFallback } from '../../helpers/samples/plans';
import { Rig } from '../../helpers/temporal/rig';

let rig: Rig;
let aws: FakeAws;
let fleet: FakeFleet;
let stacks: FakeStacks;
/** What happened, in order. */
let steps: string[];
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());
beforeEach(() => {
  aws = rig.aws();
  aws.flag = { percentage: 50, generation: 7, writer: 'a rollout' };
  fleet = new FakeFleet(aws);
  fleet.instances = [50, 50, 50];
  stacks = new FakeStacks(aws);
  stacks.put('One', 'UPDATE_COMPLETE', 'new');
  stacks.kept = [kept];
  steps = [];
  stacks.goesBack = () => void steps.push(`stack back at ${fleet.instances.join(' ')}`);
});

const infrastructure = { app: 'node app.js', directory: '.', stacks: ['One'] };
const plan = aPlan({ infrastructure, delivery: theDelivery, ...theFallback });
const kept: KeptDeployment = {
  workflowId: 'deployment-pavi-prod',
  runId: 'run',
  atMs: 0,
  bucket: 'assets',
  stacks: [{ name: 'One', template: 'old', state: 'old' }],
};

let count = 0;
const run = async <Result>(type: string, input: object): Promise<{ result: Result; tookMs: number }> => {
  let result: Result | undefined;
  let tookMs = 0;
  const hands = { ...stacks.activities(), ...fallbackHands(), ...fleet.delivers() };
  await rig.runWith(hands, async () => {
    count += 1;
    const handle = await rig.env.client.workflow.start<(input: object) => Promise<Result>>(type, {
      taskQueue: TASK_QUEUE,
      workflowId: `${type}-${count}`,
      args: [{ plan, ...input }],
    });
    result = await rig.remember(handle).result();
    // By the workflow's own clock: the server's runs ahead when nothing waits.
    const { startTime, closeTime } = await handle.describe();
    tookMs = (closeTime?.getTime() ?? NaN) - startTime.getTime();
  });
  if (result === undefined) throw new Error('no result');
  return { result, tookMs };
};

/** Everything goes well; each is a step that is noted. */
const fallbackHands = () => ({
  writeFindings: async () => ({}),
  runCheck: async ({ check }: CheckOrder) => {
    if (check.kind === 'none-in-flight') steps.push(`in flight at ${fleet.instances.join(' ')}`);
    return { outcome: 'yes', why: 'asked without AWS', startedAtMs: 0, tookMs: 0 };
  },
});

describe('an infrastructure rollback of an API that knows only environment variables', () => {
  const rollback = () => run<InfraRollbackResult>('infraRollback', { startedBy: 'ada' });

  it('delivers 0 % after it is written, and before any stack goes back', async () => {
    const { result } = await rollback();
    expect(result).toMatchObject({ outcome: 'back', notes: [] });
    expect(result.undelivered).toBeUndefined();
    expect(fleet.set).toEqual([{ percentage: 0, document: 0 }]);
    expect(steps).toEqual(['stack back at 0 0 0']);
  });

  it('takes the stacks back all the same when 0 % is not reported in time, and its result says to how many it is', async () => {
    fleet.takes = () => 1;
    const { result, tookMs } = await rollback();
    expect(steps).toEqual(['stack back at 0 50 50']);
    expect(result).toMatchObject({
      outcome: 'back',
      undelivered: expect.stringMatching(
        /^0 % is NOT delivered to service pavi-api-prod .*\(to 1 of 3 instances: by the test\): it took longer than 15 min/,
      ),
    });
    // Once before the stacks, once after the longest late write.
    expect(tookMs).toBeGreaterThan(2 * theDelivery.withinMs - 2 * MINUTE_MS);
    expect(tookMs).toBeLessThan(2 * theDelivery.withinMs + 2 * MINUTE_MS);
  });

  it('goes on at once when no second try would change it, and says why', async () => {
    fleet.beforeSet = () => {
      throw failure('AccessDenied', 'not allowed to update the service');
    };
    const { result, tookMs } = await rollback();
    expect(steps).toEqual(['stack back at 50 50 50']);
    expect(result.undelivered).toMatch(/NOT delivered to service pavi-api-prod .*: not allowed to update the service$/);
    expect(tookMs).toBeLessThan(MINUTE_MS);
  });

  it('says nothing of a delivery that failed at first when 0 % has reached every instance in the end', async () => {
    fleet.takes = () => (steps.length === 0 ? 2 : 3);
    const { result } = await rollback();
    expect(steps).toEqual(['stack back at 0 0 50']);
    expect(fleet.instances).toEqual([0, 0, 0]);
    expect(result).toMatchObject({ outcome: 'back' });
    expect(result.undelivered).toBeUndefined();
  });

  it('delivers again what an earlier raise set late, when the stacks are back', async () => {
    stacks.goesBack = () => void (fleet.instances = [50, 0, 0]);
    const { result } = await rollback();
    expect(result.undelivered).toBeUndefined();
    expect(fleet.instances).toEqual([0, 0, 0]);
  });

  it('delivers 0 % also where the flag parameter is gone, which it does not write', async () => {
    const readFlag = async () => ({ found: false, missing: true, why: 'no such parameter' });
    const before = stacks.activities.bind(stacks);
    stacks.activities = () => ({ ...before(), readFlag }) as ReturnType<typeof before>;
    const { result } = await rollback();
    expect(result.outcome).toBe('back');
    expect(aws.writes).toEqual([]);
    expect(fleet.instances).toEqual([0, 0, 0]);
    expect(steps).toEqual(['stack back at 0 0 0']);
  });
});

describe('a full rollback to the fallback of an API that knows only environment variables', () => {
  const rollback = () => run<FallbackRollback>('fallback', { by: 'ada', reason: 'results differ' });
  beforeEach(() => (aws.flag = { percentage: 0, generation: 8, writer: 'a rollout' }));

  it('delivers 0 % before it looks at what still runs, and calls it done when every instance says so', async () => {
    const { result } = await rollback();
    expect(result).toMatchObject({
      outcome: 'done',
      steps: [{}, {}, { state: 'done', why: '0 % delivered: by the test' }, {}, {}],
    });
    expect(steps).toEqual(['in flight at 0 0 0']);
  });

  it('takes the later steps when 0 % is not reported within ten minutes, and says to how many it is', async () => {
    fleet.takes = () => 2;
    const { result, tookMs } = await rollback();
    expect(result.outcome).toBe('failed');
    expect(result.steps.map(({ state }) => state)).toEqual(['done', 'done', 'failed', 'done', 'done']);
    expect(result.steps[2]?.why).toContain('(to 2 of 3 instances: by the test): it took longer than 10 min');
    expect(steps).toEqual(['in flight at 0 0 50']);
    expect(tookMs).toBeLessThan(11 * MINUTE_MS);
  });
});

describe('a deployment that ends half-way, before an API that knows only environment variables', () => {
  const deploy = async (): Promise<string> => {
    stacks.begun.add('One');
    stacks.deploys = () => {
      stacks.put('One', 'UPDATE_FAILED', 'half');
      throw failure('DeploymentFailed', 'One is UPDATE_FAILED');
    };
    const failed = await run('deployment', { startedBy: 'ada' }).catch((error: unknown) => error);
    let root = failed;
    while (root instanceof Error && root.cause instanceof Error) root = root.cause;
    return root instanceof Error ? root.message : String(root);
  };

  it('delivers 0 % before its stacks are stopped and taken back', async () => {
    expect(await deploy()).toContain('half-way; the traffic is at 0 %');
    expect(steps).toEqual(['stack back at 0 0 0']);
  });

  it('reports that 0 % could not be delivered, and takes the stacks back all the same', async () => {
    fleet.takes = () => 1;
    expect(await deploy()).toMatch(/half-way; 0 % is NOT delivered .*to 1 of 3 instances/);
    expect(steps).toEqual(['stack back at 0 50 50']);
  });
});
