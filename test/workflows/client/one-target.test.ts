import fs from 'node:fs';
import { resolve } from 'node:path';
import { Connection } from '@temporalio/client';
import { program } from '../../../client/program/program';
import { CliError } from '../../../client/terminal/cli-error';
import type { release } from '../../../workflows';
import { deploymentQuery, deploymentWorkflowId, releaseWorkflowId, TASK_QUEUE } from '../../../workflows/messages';
import { Deployments, twoPeople } from '../../helpers/samples/deployments';
import { aPlan } from '../../helpers/samples/plans';
import { verbsHere } from '../../helpers/temporal/verbs-here';

const here = verbsHere();
const PLAN = resolve(__dirname, '../../../plans/pavi.yaml');

/** How often a verb reads the plan and opens a connection, counted in the functions that do it. */
async function counted(...words: readonly string[]): Promise<{ readonly plans: number; readonly connections: number }> {
  const reads = jest.spyOn(fs, 'readFileSync');
  const opened = jest.spyOn(Connection, 'lazy');
  jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    // A rule may refuse the verb: what is counted is the same.
    await program('rollout', () => undefined, words)
      .parseAsync([...words, '--json'], { from: 'user' })
      .catch((error: unknown) => {
        if (!(error instanceof CliError)) throw error;
      });
    return { plans: reads.mock.calls.filter(([path]) => path === PLAN).length, connections: opened.mock.calls.length };
  } finally {
    reads.mockRestore();
    opened.mockRestore();
  }
}

const ASKS = ['--by', 'bob', '--reason', 'to count'];
const ONCE = { plans: 1, connections: 1 };
const VERBS: readonly (readonly string[])[] = [
  ['status'],
  ['status', 'prod'],
  ['status', 'prod', '--deployment'],
  ['checklist', 'prod'],
  ['checklist', 'prod', '--tick', 'none', ...ASKS],
  ['approve', 'prod', ...ASKS],
  ['approve', 'prod', '--percentage', '25', ...ASKS],
  ['approve', 'prod', '--template', 't0', ...ASKS],
  ['reject', 'prod', ...ASKS],
  ['promote', 'prod', ...ASKS],
  ['skip', 'prod', '--percentage', '25', ...ASKS],
  ['extend', 'prod', '--for', '6h', ...ASKS],
  ['pause', 'prod', ...ASKS],
  ['resume', ...ASKS],
  ['abort', 'prod', '--deployment', ...ASKS],
  ['abort', 'prod', ...ASKS],
  ['abort', ...ASKS],
];

describe('a verb reads the plan once and opens one connection', () => {
  it.each(VERBS.map((words) => [words.join(' '), words] as const))('while nothing runs: rollout %s', async (_, words) =>
    expect(await counted(...words)).toEqual(ONCE),
  );

  it('while a release and its deployment run, also when an abort ends both, and when a rollback finds them', async () => {
    const deployments = new Deployments(here.rig);
    const activities = { ...deployments.stacks.activities(), notify: async (): Promise<void> => undefined };
    await here.rig.runWith(activities, async () => {
      const { client } = here.rig.env;
      const handle = await client.workflow.start<typeof release>('release', {
        ...{ workflowId: releaseWorkflowId('pavi', 'prod'), taskQueue: TASK_QUEUE },
        args: [{ plan: aPlan({ deployment: twoPeople }), startedBy: 'ada' }],
      });
      here.rig.remember(handle);
      const phase = () =>
        client.workflow
          .getHandle(deploymentWorkflowId('pavi', 'prod'))
          .query(deploymentQuery)
          .then(
            (status) => status.phase,
            () => undefined,
          );
      while ((await phase()) !== 'approving') await here.rig.env.sleep(50);
      for (const verb of ['status', 'checklist', 'approve', 'abort', 'rollback'])
        expect([verb, await counted(verb, 'prod', ...(verb === 'status' ? [] : ASKS))]).toEqual([verb, ONCE]);
      expect(await handle.result()).toMatchObject({ outcome: 'aborted' });
    });
  });
});
