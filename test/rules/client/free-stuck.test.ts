import { freeStuckRollouts } from '../../../client/workers/free-stuck';
import type { Temporal } from '../../../client/temporal/connect';

const TASK_COMPLETED = 7;

interface Known {
  readonly attempt?: number;
  readonly parent?: string;
  readonly fails?: 'describe' | 'reset';
  readonly hasSucceeded?: boolean;
}

/** A Temporal that knows these rollouts; its list may end with an error. */
function temporalWith(rollouts: Readonly<Record<string, Known>>, listFails = false) {
  const reset: string[] = [];
  const queries: string[] = [];
  const failing = (where: string): never => {
    throw new Error(`${where} failed`);
  };
  const temporal = {
    ...{ address: 'localhost:7233', namespace: 'default' },
    client: {
      workflow: {
        async *list({ query }: { readonly query: string }) {
          queries.push(query);
          for (const workflowId of Object.keys(rollouts)) yield { workflowId, runId: 'run' };
          if (listFails) failing('the list');
        },
        getHandle: (id: string) => ({
          describe: async () => {
            const { attempt, parent, fails } = rollouts[id] ?? {};
            if (fails === 'describe') failing('the look');
            return {
              raw: {
                pendingWorkflowTask: { attempt },
                workflowExecutionInfo: { parentExecution: { workflowId: parent ?? '' } },
              },
            };
          },
        }),
      },
    },
    connection: {
      withDeadline: (_: number, work: () => unknown) => work(),
      workflowService: {
        getWorkflowExecutionHistoryReverse: async ({ execution }: { execution: { workflowId: string } }) => ({
          history: {
            events: rollouts[execution.workflowId]?.hasSucceeded === false ? [] : [{ eventType: TASK_COMPLETED }],
          },
        }),
        resetWorkflowExecution: async ({
          workflowExecution: { workflowId },
        }: {
          workflowExecution: { workflowId: string };
        }) => {
          if (rollouts[workflowId]?.fails === 'reset') failing('the reset');
          reset.push(workflowId);
        },
      },
    },
  };
  return { temporal: temporal as unknown as Temporal, reset, queries };
}

it('one rollout that cannot be freed keeps no other one stuck', async () => {
  const { temporal, reset } = temporalWith({
    unseen: { attempt: 3, fails: 'describe' },
    kept: { attempt: 3, fails: 'reset' },
    ofRelease: { attempt: 3, parent: 'release' },
    begun: { attempt: 3, hasSucceeded: false },
    moves: { attempt: 1 },
    freed: { attempt: 3 },
  });
  const { freed, stuck } = await freeStuckRollouts(temporal);
  expect([freed, reset]).toEqual([['freed'], ['freed']]);
  expect(stuck).toEqual([
    { workflowId: 'unseen', why: 'the look failed' },
    { workflowId: 'kept', why: 'the reset failed' },
    { workflowId: 'ofRelease', why: expect.stringMatching(/^it belongs to a release/) },
    { workflowId: 'begun', why: expect.stringMatching(/^none of its tasks has ever succeeded/) },
  ]);
});

it('every rollout is looked at, of our task queue alone', async () => {
  const many = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`rollout-${index}`, { attempt: 2 }]));
  const { temporal, queries } = temporalWith(many);
  expect((await freeStuckRollouts(temporal)).freed).toHaveLength(150);
  expect(queries).toEqual([expect.stringContaining('TaskQueue = "rollouts"')]);
});

it('a list that ends early is named', async () => {
  const { temporal } = temporalWith({ freed: { attempt: 2 } }, true);
  expect(await freeStuckRollouts(temporal)).toEqual({ freed: ['freed'], stuck: [{ why: 'the list failed' }] });
});
