import { type Timestamp, timestampMs } from '../../time/timestamp';
import type { SeenFromOutside } from './unwatched';

interface PendingActivity {
  readonly activityId?: string | null;
  readonly activityType?: { readonly name?: string | null } | null;
  readonly paused?: boolean | null;
  readonly scheduledTime?: Timestamp | null;
  readonly nextAttemptScheduleTime?: Timestamp | null;
  readonly lastStartedTime?: Timestamp | null;
  readonly lastAttemptCompleteTime?: Timestamp | null;
  readonly lastHeartbeatTime?: Timestamp | null;
}

/**
 * What Temporal answers to DescribeWorkflowExecution, as its SDK shows it and as far as it is used here. Source:
 * temporal/api/workflow/v1/message.proto, `PendingActivityInfo` and `PendingWorkflowTaskInfo`.
 */
export interface Described {
  readonly status: { readonly name: string };
  readonly closeTime?: Date | undefined;
  readonly searchAttributes?: Readonly<Record<string, unknown>> | undefined;
  readonly raw: {
    readonly pendingActivities?: readonly PendingActivity[] | null;
    readonly pendingWorkflowTask?: {
      readonly attempt?: number | null;
      readonly originalScheduledTime?: Timestamp | null;
    } | null;
  };
}

/** Ends from outside, after which no rollout puts the traffic to 0. */
const BROKEN_OFF: readonly string[] = ['TERMINATED', 'FAILED', 'TIMED_OUT', 'CANCELLED'];

const atMs = (time: Timestamp | null | undefined): number | undefined =>
  Number(time?.seconds ?? 0) > 0 ? Math.floor(timestampMs(time)) : undefined;

function newest(...times: readonly (Timestamp | null | undefined)[]): number | undefined {
  const known = times.map(atMs).filter((one) => one !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

/** A check that an event asks for is scheduled later than the watch that it runs beside. */
const watchOf = (pending: readonly PendingActivity[]): PendingActivity | undefined =>
  pending
    .filter(({ activityType }) => activityType?.name === 'watchAlarms')
    .toSorted((a, b) => (atMs(a.scheduledTime) ?? 0) - (atMs(b.scheduledTime) ?? 0))[0];

export function seenFromOutside({ status, closeTime, searchAttributes, raw }: Described): SeenFromOutside {
  const task = raw.pendingWorkflowTask ?? undefined;
  const running = status.name === 'RUNNING';
  const broken = BROKEN_OFF.includes(status.name);
  const problems = searchAttributes?.['TemporalReportedProblems'];
  const look = watchOf(raw.pendingActivities ?? []);
  return {
    status: running ? 'running' : broken ? 'broken-off' : 'completed',
    task: task && { attempt: task.attempt ?? 0, sinceMs: atMs(task.originalScheduledTime) },
    problems: Array.isArray(problems) ? problems.map(String) : [],
    look: look && {
      id: look.activityId ?? '',
      paused: look.paused === true,
      dueAtMs: atMs(look.nextAttemptScheduleTime) ?? atMs(look.lastStartedTime) ?? atMs(look.scheduledTime),
      // Which of them Temporal reports depends on whether an attempt runs, waits or is paused.
      lastAtMs: newest(look.lastStartedTime, look.lastAttemptCompleteTime, look.lastHeartbeatTime),
    },
    endedAtMs: closeTime?.getTime(),
  };
}
