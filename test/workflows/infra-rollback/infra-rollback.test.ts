import { failure } from '../../../activities/failures';
import type { ChangesResult, InfraRollbackResult } from '../../../rules/stacks/results';
import type { KeptDeployment } from '../../../rules/stacks/kept';
import { TASK_QUEUE } from '../../../workflows/messages';
import type { FakeAws } from '../../helpers/aws/fake-aws';
import { FakeStacks } from '../../helpers/aws/fake-stacks';
import { aPlan } from '../../helpers/samples/plans';
import { Rig } from '../../helpers/temporal/rig';

let rig: Rig;
let aws: FakeAws;
let stacks: FakeStacks;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());
beforeEach(() => {
  aws = rig.aws();
  aws.flag = { percentage: 50, generation: 7, writer: 'a rollout' };
  stacks = new FakeStacks(aws);
});

const plan = aPlan({ infrastructure: { app: 'node app.js', directory: '.', stacks: ['First', 'Second'] } });
let count = 0;
const run = async <Result>(type: string, input: object): Promise<Result> => {
  let result: Result | undefined;
  await rig.runWith(stacks.activities(), async () => {
    count += 1;
    const handle = await rig.env.client.workflow.start<(input: object) => Promise<Result>>(type, {
      taskQueue: TASK_QUEUE,
      workflowId: `${type}-${count}`,
      args: [{ plan, startedBy: 'ada', ...input }],
    });
    result = await rig.remember(handle).result();
  });
  if (result === undefined) throw new Error('no result');
  return result;
};
const rollback = (): Promise<InfraRollbackResult> => run('infraRollback', {});

const kept = (states: Record<string, string>): KeptDeployment => ({
  workflowId: 'deployment-pavi-prod',
  runId: 'run',
  atMs: 0,
  bucket: 'assets',
  stacks: Object.entries(states).map(([name, state]) => ({ name, template: state, state })),
});

describe('an infrastructure rollback', () => {
  it('puts the traffic to 0 first, redeploys what is kept, the last stack first, and looks for drift', async () => {
    stacks.put('First', 'UPDATE_COMPLETE', 'new');
    stacks.put('Second', 'UPDATE_COMPLETE', 'new');
    stacks.kept = [kept({ First: 'older', Second: 'older' }), kept({ First: 'old', Second: 'old' })];
    stacks.movedImages = ['First: repo:main means another image'];
    expect(await rollback()).toMatchObject({
      ...{ outcome: 'back', notes: stacks.movedImages },
      stacks: [
        { name: 'Second', way: 'redeploy', status: 'UPDATE_COMPLETE', template: 'old', drifted: [] },
        { name: 'First', way: 'redeploy', status: 'UPDATE_COMPLETE', template: 'old', drifted: [] },
      ],
      changes: [{ text: 'back' }],
    });
    expect(stacks.done).toEqual(['Second redeploy at 0 %', 'First redeploy at 0 %', 'forget']);
    expect(aws.percentages()).toEqual([0]);
  });

  it('is one step: asked for again it has nothing to do', async () => {
    stacks.put('First', 'UPDATE_COMPLETE', 'old');
    stacks.put('Second', 'UPDATE_COMPLETE', 'old');
    stacks.kept = [kept({ First: 'older', Second: 'older' }), kept({ First: 'old', Second: 'old' })];
    expect(await rollback()).toMatchObject({ outcome: 'nothing-to-do' });
    expect(stacks.done).toEqual([]);
    expect(aws.flag.percentage).toBe(0);
  });

  it('begins nothing when one stack cannot go back, and the traffic is at 0 all the same', async () => {
    stacks.put('First', 'CREATE_FAILED', 'new', false);
    stacks.put('Second', 'UPDATE_COMPLETE', 'new');
    stacks.kept = [kept({ First: 'absent', Second: 'old' })];
    expect(await rollback()).toMatchObject({ outcome: 'refused', refusal: { rule: 'state' } });
    expect(stacks.done).toEqual([]);
    expect(aws.flag.percentage).toBe(0);
  });

  it('puts the traffic to 0 for a plan without infrastructure, and says that there is no stack', async () => {
    stacks.put('First', 'UPDATE_COMPLETE', 'new');
    const bare = { ...plan, infrastructure: undefined };
    expect(await run('infraRollback', { plan: bare })).toMatchObject({
      ...{ outcome: 'nothing-to-do', why: expect.stringContaining('names no infrastructure'), stacks: [], notes: [] },
    });
    expect(stacks.done).toEqual([]);
    expect(aws.flag.percentage).toBe(0);
  });

  it.each(['deployment', 'infra-rollback'])(
    'shows no changes of stacks that the plan does not name: %s',
    async (of) => {
      const shown = await run<ChangesResult>('changes', { plan: { ...plan, infrastructure: undefined }, of });
      expect(shown).toMatchObject({
        ...{ stacks: [], refusal: { rule: 'plan', why: expect.stringContaining('names no infrastructure') } },
      });
    },
  );

  it.each([
    ['UPDATE_FAILED', ['Second rollback-stack at 0 %']],
    ['UPDATE_ROLLBACK_FAILED', ['Second continue-rollback at 0 %']],
    ['UPDATE_ROLLBACK_IN_PROGRESS', ['Second wait at 0 %']],
    ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', ['Second wait at 0 %', 'Second redeploy at 0 %']],
  ])('from %s goes no further than one step', async (status, done) => {
    stacks.put('First', 'UPDATE_COMPLETE', 'old');
    stacks.put('Second', status, 'new');
    stacks.kept = [kept({ First: 'old', Second: 'old' })];
    expect(await rollback()).toMatchObject({ outcome: 'back' });
    // What was recorded as deployed is not what is there any more.
    expect(stacks.done).toEqual([...done, 'forget']);
  });

  it('ends failed, with the reason, when CloudFormation cannot go back, and the traffic stays at 0', async () => {
    stacks.put('First', 'UPDATE_COMPLETE', 'old');
    stacks.put('Second', 'UPDATE_ROLLBACK_FAILED', 'new');
    stacks.kept = [kept({ First: 'old', Second: 'old' })];
    stacks.goesBack = () => {
      throw failure('DeploymentFailed', 'Second is UPDATE_ROLLBACK_FAILED after continue-rollback: Role: in use');
    };
    expect(await rollback()).toMatchObject({ outcome: 'failed', why: expect.stringContaining('Role: in use') });
    expect(aws.flag.percentage).toBe(0);
  });

  it('continues where an attempt that died left off, with the same token', async () => {
    stacks.put('First', 'UPDATE_COMPLETE', 'old');
    stacks.put('Second', 'UPDATE_COMPLETE', 'new');
    stacks.kept = [kept({ First: 'old', Second: 'old' })];
    const tokens: string[] = [];
    stacks.goesBack = ({ token }) => {
      tokens.push(token);
      if (tokens.length === 1) throw new Error('the worker is gone');
    };
    expect(await rollback()).toMatchObject({ outcome: 'back' });
    expect(new Set(tokens).size).toBe(1);
    expect(tokens).toHaveLength(2);
  });

  it('writes 0 % above the generation readers have seen when CloudFormation wrote the first value again', async () => {
    stacks.put('First', 'UPDATE_COMPLETE', 'old');
    stacks.put('Second', 'UPDATE_COMPLETE', 'new');
    stacks.kept = [kept({ First: 'old', Second: 'old' })];
    stacks.goesBack = () => void (aws.flag = { percentage: 0, generation: 0, writer: 'cloudformation' });
    expect((await rollback()).notes).toEqual([expect.stringContaining('above generation 8')]);
    expect(aws.flag).toMatchObject({ percentage: 0, generation: 11 });
  });

  it('tells drift', async () => {
    stacks.put('First', 'UPDATE_COMPLETE', 'old');
    stacks.put('Second', 'UPDATE_COMPLETE', 'new');
    stacks.kept = [kept({ First: 'old', Second: 'old' })];
    stacks.drifted = ['Bucket: /Tags'];
    expect((await rollback()).stacks[0]).toMatchObject({ name: 'Second', drifted: ['Bucket: /Tags'] });
  });
});

describe('what would change', () => {
  it('is shown for a deployment and for the way back, and nothing is done', async () => {
    stacks.put('First', 'UPDATE_COMPLETE', 'old');
    stacks.put('Second', 'UPDATE_COMPLETE', 'new');
    stacks.kept = [kept({ First: 'old', Second: 'old' })];
    expect(await run<ChangesResult>('changes', { of: 'deployment' })).toMatchObject({ stacks: [{ text: 'one' }] });
    stacks.movedImages = ['S: repo:main means another image'];
    expect(await run<ChangesResult>('changes', { of: 'infra-rollback' })).toMatchObject({
      ...{ stacks: [{ text: 'back' }], notes: stacks.movedImages },
    });
    expect(stacks.done).toEqual([]);
    expect(aws.writes).toEqual([]);
  });
});
