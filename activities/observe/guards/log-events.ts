import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { Observation } from './observation';

export interface LogEvent {
  readonly atMs: number;
  readonly message: string;
}

export interface LogQuery {
  readonly group: string;
  /** Only these streams; default: all. */
  readonly streams?: readonly string[];
  /** CloudWatch Logs filter pattern; default: every event. */
  readonly pattern?: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** At most this many, the newest; the others are not read. */
  readonly most: number;
}

export interface LogEvents {
  /** Oldest first. */
  readonly events: readonly LogEvent[];
  /** Set when there were more: everything before this moment is unknown. */
  readonly unknownBeforeMs?: number;
}

/** A page is 1 MB or 10,000 events; it may be empty. This many requests fit into one check. */
const MOST_PAGES = 20;
const EVENTS_PER_PAGE = 10_000;

/**
 * The newest matching events, with FilterLogEvents and not with Insights: the patterns are those of metric filters, and an
 * event is found a few seconds after it was written.
 * @throws when the group does not exist, or CloudWatch Logs does not answer.
 */
export async function readEvents(query: LogQuery, { clients, abortSignal }: Observation): Promise<LogEvents> {
  const { group, streams, pattern, fromMs, toMs, most } = query;
  const events: LogEvent[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await clients.logs.send(
      new FilterLogEventsCommand({
        logGroupName: group,
        logStreamNames: streams === undefined ? undefined : [...streams],
        filterPattern: pattern,
        startTime: fromMs,
        // Includes this millisecond.
        endTime: toMs - 1,
        startFromHead: false,
        limit: Math.min(EVENTS_PER_PAGE, most - events.length),
        nextToken,
      }),
      { abortSignal },
    );
    for (const { timestamp, message } of answer.events ?? [])
      if (timestamp !== undefined && message !== undefined) events.push({ atMs: timestamp, message });
    nextToken = answer.nextToken;
    if (nextToken === undefined || events.length >= most) break;
  }
  events.sort((a, b) => a.atMs - b.atMs);
  const isCut = nextToken !== undefined || events.length >= most;
  return isCut ? { events, unknownBeforeMs: (events[0]?.atMs ?? toMs) + 1 } : { events };
}
