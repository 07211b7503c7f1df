import { Context } from '@temporalio/activity';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import type { Unreadable } from '../../../rules/rollout/state/watch';
import type { AwsFor } from '../../aws';
import { webFetch } from '../../web';
import { countFinished } from './count-finished';
import { within } from '../../within';

export interface UnreadableOrder {
  readonly aws: AwsTarget;
  readonly stateMachine: string;
  /** Addresses of the health of each instance: one that reports `reads_by: job` loses nothing. */
  readonly addresses: readonly string[];
}

const COUNT_WITHIN_MS = 6_000;
const HEALTH_WITHIN_MS = 2_000;

/** How many finished jobs an API whose reads follow its switch does not find at 0 %. Never throws but for a cancellation. */
export function createFinishedJobs(awsFor: AwsFor) {
  return {
    async countUnreadable({ aws, stateMachine, addresses }: UnreadableOrder): Promise<Unreadable> {
      const { cancellationSignal } = Context.current();
      const [counted, byJob] = await Promise.all([
        countFinished(
          { clients: awsFor(aws), aws, abortSignal: within(COUNT_WITHIN_MS, cancellationSignal) },
          stateMachine,
        ),
        Promise.all(addresses.map((address) => readsByJob(address, within(HEALTH_WITHIN_MS, cancellationSignal)))),
      ]);
      cancellationSignal.throwIfAborted();
      return byJob.length > 0 && byJob.every(Boolean) ? { count: 0, readsByJob: true } : counted;
    },
  };
}

async function readsByJob(address: string, signal: AbortSignal): Promise<boolean> {
  try {
    const answer = await webFetch(address, { signal, headers: { connection: 'close' } });
    return ((await answer.json()) as { readonly reads_by?: unknown } | null)?.reads_by === 'job';
  } catch {
    return false;
  }
}
