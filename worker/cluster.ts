import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { messageOf } from '../activities/failures';

const TRIES = 6;
const FIRST_PAUSE_MS = 500;

/**
 * The id of the Temporal cluster, which distinguishes the flag's owner in one Temporal from that in another. Asks the
 * server again with growing pauses, about 15 s in all. Two workers must not disagree about it, so there is no fallback.
 * @throws when the server does not answer: a worker that does not know its cluster must not start.
 */
export async function clusterOf({ connection }: Client, firstPauseMs = FIRST_PAUSE_MS): Promise<string> {
  let why = 'it has no id';
  for (let tries = 1; ; tries += 1) {
    try {
      const { clusterId } = await connection.workflowService.getClusterInfo({});
      if (clusterId) return clusterId;
    } catch (error) {
      why = messageOf(error);
    }
    if (tries === TRIES) break;
    await sleep(firstPauseMs * 2 ** (tries - 1));
  }
  throw new Error(
    `The worker does not start: Temporal did not report the id of its cluster (${why}), which identifies the flag's owner. ` +
      'Check the connection and the permission to call GetClusterInfo, then start the worker again.',
  );
}
