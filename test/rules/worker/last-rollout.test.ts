import type { Client } from '@temporalio/client';
import { lastRolloutIn } from '../../../worker/last-rollout';

interface Run {
  readonly runId: string;
  readonly outcome: 'refused' | 'completed';
}

/** A Temporal with runs, the newest first, of which its list knows only some yet. */
function clientOf(runs: readonly Run[], listed: readonly string[]): Client {
  const status = { name: 'COMPLETED' } as const;
  const handleOf = (_id: string, runId = runs[0]?.runId) => ({
    describe: async () => ({ status, runId }),
    result: async () => ({ outcome: runs.find((run) => run.runId === runId)?.outcome, percentages: [] }),
  });
  async function* list() {
    for (const { runId } of runs) if (listed.includes(runId)) yield { runId, status };
  }
  return { workflow: { getHandle: handleOf, list } } as unknown as Client;
}

const RUNS: readonly Run[] = [
  { runId: 'third', outcome: 'refused' },
  { runId: 'second', outcome: 'refused' },
  { runId: 'first', outcome: 'completed' },
];

describe('the last rollout, asked for when newer ones were refused', () => {
  it('is the newest that was not refused', async () => {
    const last = await lastRolloutIn(clientOf(RUNS, ['third', 'second', 'first']))('pavi', 'staging');
    expect(last).toMatchObject({ running: false, outcome: { outcome: 'completed' } });
  });

  it('is unknown while the list does not have the newest run: an older answer proves nothing', async () => {
    const asked = lastRolloutIn(clientOf(RUNS, ['second', 'first']))('pavi', 'staging');
    await expect(asked).rejects.toThrow('does not list the newest run of rollout-pavi-staging yet');
  });

  it('is none where each one was refused', async () => {
    const refused = RUNS.slice(0, 2);
    expect(await lastRolloutIn(clientOf(refused, ['third', 'second']))('pavi', 'staging')).toBeUndefined();
  });
});
