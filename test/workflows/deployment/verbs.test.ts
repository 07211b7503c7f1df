import type { CommonOptions } from '../../../client/options';
import { runVerb } from '../../../client/program/program';
import type { VerbDeclaration } from '../../../client/program/verb';
import { verb as abort } from '../../../client/rollout/abort';
import { verb as approve, type ApproveOptions } from '../../../client/rollout/approve';
import { verb as checklist, type ChecklistOptions } from '../../../client/rollout/checklist';
import { verb as reject } from '../../../client/rollout/reject';
import { verb as status } from '../../../client/rollout/status';
import { CliError } from '../../../client/terminal/cli-error';
import type { deployment } from '../../../workflows';
import { deploymentQuery, deploymentWorkflowId, TASK_QUEUE } from '../../../workflows/messages';
import { Deployments, twoPeople } from '../../helpers/samples/deployments';
import { aPlan } from '../../helpers/samples/plans';
import { verbsHere } from '../../helpers/temporal/verbs-here';

const here = verbsHere();

const options = { service: 'pavi', json: true, deployment: true } as const;
type Options = ApproveOptions & ChecklistOptions;
const run = (verb: VerbDeclaration, more: Options): Promise<number> => {
  const typed: CommonOptions & Options = { ...options, ...more };
  return runVerb(verb, 'prod', typed);
};

async function done(verb: VerbDeclaration, more: Options): Promise<Record<string, unknown>> {
  expect(await run(verb, more)).toBe(0);
  return here.said.at(-1) ?? {};
}
/** Exit code and facts of what was not done. */
async function notDone(verb: VerbDeclaration, more: Options): Promise<Record<string, unknown>> {
  const error = await run(verb, more).then(
    () => new Error('it was done'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof CliError)) throw error;
  return { exitCode: error.exitCode, ...error.facts };
}

it('the verbs of a deployment say what they did, refuse with a rule and a remedy, and are harmless when repeated', async () => {
  const { stacks } = new Deployments(here.rig);
  const plan = aPlan({ deployment: { ...twoPeople, checklist: [{ id: 'incidents', text: 'No active incidents' }] } });
  await here.rig.runWith(stacks.activities(), async () => {
    expect(await notDone(status, {})).toMatchObject({ exitCode: 1, running: false });
    expect(await notDone(approve, { by: 'bob', template: 't1' })).toMatchObject({ exitCode: 3, running: false });
    expect(await done(abort, { by: 'bob' })).toMatchObject({ verb: 'abort', sent: false, running: false, done: true });

    const handle = await here.rig.env.client.workflow.start<typeof deployment>('deployment', {
      ...{ taskQueue: TASK_QUEUE, workflowId: deploymentWorkflowId('pavi', 'prod') },
      args: [{ plan, startedBy: 'ada' }],
    });
    here.rig.remember(handle);
    while ((await handle.query(deploymentQuery)).wait === undefined) await here.rig.env.sleep(50);
    expect(await done(checklist, {})).toMatchObject({
      phase: 'checking',
      checklist: [{ id: 'incidents', state: 'open' }],
    });
    expect(await notDone(checklist, { by: 'bob', tick: 'unknown' })).toMatchObject({
      ...{ exitCode: 3, rule: 'checklist', remedy: 'tick one of incidents' },
    });
    expect(await done(checklist, { by: 'bob', tick: 'incidents' })).toMatchObject({ verb: 'tick', changed: true });
    expect(await done(checklist, { by: 'bob', tick: 'incidents' })).toMatchObject({ verb: 'tick', changed: false });

    const unsaid = await notDone(approve, { by: 'bob' });
    expect(unsaid).toMatchObject({ exitCode: 3, rule: 'template', phase: 'approving' });
    expect(unsaid['remedy']).toMatch(/^(npx )?rollout approve prod .*--template t1$/);
    expect(await notDone(approve, { by: 'bob', template: 't0' })).toMatchObject({ exitCode: 3, rule: 'template' });
    expect(await notDone(approve, { by: 'ada', template: 't1' })).toMatchObject({ exitCode: 3, rule: 'approval' });
    expect(await done(approve, { by: 'bob', template: 't1' })).toMatchObject({
      ...{ verb: 'approve', changed: true, answer: 'bob approved template t1: 1 of 2' },
    });
    expect(await done(approve, { by: 'bob', template: 't1' })).toMatchObject({ changed: false });
    expect(await done(status, {})).toMatchObject({ running: true, template: 't1', phase: 'approving' });

    expect(await notDone(reject, { by: 'bob' })).toMatchObject({ exitCode: 3, rule: 'reason' });
    expect(await done(abort, { by: 'bob', reason: 'wrong branch' })).toMatchObject({
      ...{ verb: 'abort', sent: true, done: true, outcome: { outcome: 'aborted' } },
    });
    expect(await handle.result()).toMatchObject({ aborted: 'bob aborted it: wrong branch; nothing was deployed' });
    expect(await done(abort, { by: 'bob' })).toMatchObject({ sent: false, done: true });
    expect(await notDone(reject, { by: 'bob', reason: 'late' })).toMatchObject({ exitCode: 3, running: false });
  });
  expect(stacks.done).toEqual([]);
});

/** Polls as a worker that is gone right after it; the server lists it for some minutes. */
async function polledOnce(): Promise<void> {
  const { connection, namespace = 'default' } = here.rig.env;
  await connection
    .withDeadline(Date.now() + 2_500, () =>
      connection.workflowService.pollWorkflowTaskQueue({
        ...{ namespace, taskQueue: { name: TASK_QUEUE }, identity: 'gone' },
      }),
    )
    .catch(() => undefined);
}

it.each([
  [
    'no worker runs',
    (): Promise<void> => Promise.resolve(),
    /no worker is running|does not answer \(no answer in time\)/,
  ],
  ['the worker has just gone', polledOnce, /worker \S+ polled lately but does not answer \(no answer in time\)/],
])(
  'an abort of a deployment while %s is sent, is not called done, names the next step, and is obeyed later',
  async (_when, before, why) => {
    await here.rig.withoutWorker();
    await before();
    const { stacks } = new Deployments(here.rig);
    const handle = await here.rig.env.client.workflow.start<typeof deployment>('deployment', {
      ...{ taskQueue: TASK_QUEUE, workflowId: deploymentWorkflowId('unheard', 'prod') },
      args: [{ plan: { ...aPlan({ deployment: twoPeople }), service: 'unheard' }, startedBy: 'ada' }],
    });
    here.rig.remember(handle);
    const unheard = await run(abort, { service: 'unheard', by: 'bob', reason: 'wrong revision' }).catch(
      (error: unknown) => error,
    );
    expect(unheard).toMatchObject({ exitCode: 1, facts: { sent: true, done: false } });
    const { message } = unheard as CliError;
    expect(message).toMatch(/^NOT CONFIRMED: /);
    expect(message).toMatch(why);
    expect(message).not.toMatch(/DEADLINE|deadline/);
    expect(message).toMatch(
      /\nStart a worker with `npm run worker`.*rollout status prod --service unheard --deployment/,
    );
    await here.rig.runWith(stacks.activities(), async () => {
      expect(await handle.result()).toMatchObject({ stacks: [], aborted: expect.stringContaining('wrong revision') });
    });
    expect(stacks.done).not.toContain('deploy');
  },
);
