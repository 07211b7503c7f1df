import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { timestampMs } from '../../rules/time/timestamp';
import type { Happened } from './invariants';

type Event = temporal.api.history.v1.IHistoryEvent;
type Payload = temporal.api.common.v1.IPayload;

export interface ReadHistory {
  readonly happened: readonly Happened[];
  readonly longest: number;
  readonly runs: number;
}

/** What counts of a rollout's history in Temporal, over all its runs. */
export async function historyOf(client: Client, workflowId: string, firstRunId: string): Promise<ReadHistory> {
  const happened: Happened[] = [];
  let [longest, runs] = [0, 0];
  for (let runId: string | undefined = firstRunId; runId !== undefined;) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const events: readonly Event[] = history.events ?? [];
    happened.push(...events.flatMap(happenedIn));
    longest = Math.max(longest, events.length);
    runs += 1;
    runId = events.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId || undefined;
  }
  return { happened, longest, runs };
}

export function happenedIn(event: Event): readonly Happened[] {
  const atMs = timestampMs(event.eventTime);
  const { workflowExecutionSignaledEventAttributes: signal, activityTaskScheduledEventAttributes: activity } = event;
  const named = { abort: 'stopped', pause: 'paused', resume: 'resumed' } as const;
  const name = signal?.signalName ?? '';
  if (name === 'abort' || name === 'pause' || name === 'resume') return [{ what: named[name], atMs }];
  if (event.workflowExecutionCancelRequestedEventAttributes) return [{ what: 'stopped', atMs }];
  const update = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input?.name;
  if (update === 'promote') return [{ what: 'waived', atMs }];
  if (activity?.activityType?.name !== 'setTraffic') return [];
  const percentage = percentageOf(activity.input?.payloads?.[0]);
  return [percentage > 0 ? { what: 'raise-scheduled', percentage, atMs } : { what: 'zero-scheduled', atMs }];
}

function percentageOf(payload: Payload | undefined): number {
  const order = JSON.parse(Buffer.from(payload?.data ?? []).toString()) as { percentage: number };
  return order.percentage;
}
