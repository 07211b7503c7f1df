import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import type { RolloutStatus } from '../../../rules/rollout/status/status';
import { rolloutWorkflowId, statusQuery } from '../../../workflows/messages';
import { runIn } from './cli';
import type { RunningSandbox } from './running-sandbox';

/** What `rollout status --json` prints. */
export type ShownStatus = RolloutStatus & { readonly running: boolean } & Readonly<Record<string, unknown>>;

interface Waiting {
  readonly wished: (status: ShownStatus) => boolean;
  readonly withinMs?: number;
}

/**
 * The rollout's status as the program shows it, as soon as it is as wished. Waits by asking the workflow, and asks the program only then:
 * each call of the program takes a second of CPU, which what the test waits for needs.
 */
export async function untilStatus(
  sandbox: RunningSandbox,
  environment: string,
  { wished, withinMs = 60_000 }: Waiting,
): Promise<ShownStatus> {
  const connection = await Connection.connect({ address: sandbox.temporal.address });
  const handle = new Client({ connection }).workflow.getHandle(rolloutWorkflowId('pavi', environment));
  const ask = async (): Promise<ShownStatus> => {
    const { status } = await handle.describe();
    return { ...(await handle.query(statusQuery)), running: status.name === 'RUNNING' };
  };
  try {
    for (const deadlineMs = Date.now() + withinMs; ; await sleep(100)) {
      const isLate = Date.now() > deadlineMs;
      // There may be no workflow yet, or no worker.
      const seen = await connection.withDeadline(Date.now() + 5_000, ask).catch(() => undefined);
      if (!isLate && (seen === undefined || !wished(seen))) continue;
      const ran = await runIn(sandbox, 'rollout', ['status', environment, '--json', '--sandbox']);
      const shown = ran.code === 0 ? (JSON.parse(ran.stdout) as ShownStatus) : undefined;
      if (shown !== undefined && wished(shown)) return shown;
      if (isLate) throw new Error(`not seen in ${withinMs / 1_000} s, but ${ran.stdout}${ran.stderr}`);
    }
  } finally {
    await connection.close();
  }
}
