import { randomUUID } from 'node:crypto';
import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  PutLogEventsCommand,
  type InputLogEvent,
} from '@aws-sdk/client-cloudwatch-logs';
import type { AwsTarget } from '../../rules/plan/environment-plan';
import { awsClient } from '../aws/client-config';
import type { JobView } from './job-view';

export type Backend = 'step-functions' | 'nextflow';

/** One line of the log, a JSON object. Every value that a filter pattern matches is a word of its own. */
export type LogLine =
  | {
      readonly event: 'response';
      /** Absent without a job. */
      readonly backend?: Backend;
      readonly method: string;
      /** As `/api/pipeline-job/:uuid`. */
      readonly path: string;
      readonly status: number;
      readonly durationMs: number;
    }
  | ({ readonly event: 'job-finished' } & FinishedJob);

export interface FinishedJob {
  readonly backend: Backend;
  readonly job: string;
  readonly outcome: Extract<JobView['status'], 'completed' | 'failed'>;
  readonly durationMs: number;
  readonly error?: string;
  /** Whether the client or the server caused a failure. */
  readonly fault?: 'user-input' | 'pipeline';
}

export interface ApiLog {
  readonly write: (line: LogLine) => void;
  /** Sends the waiting lines, and stops. */
  readonly close: () => Promise<void>;
}

const FLUSH_MS = 250;
/** Beyond this the oldest are lost: a failing log must not fill the memory. */
const MOST_WAITING = 5_000;
/** A request takes 10,000 events and 1 MB. */
const MOST_PER_REQUEST = 1_000;

/**
 * Writes the API's lines to CloudWatch Logs, in batches, without delaying requests. The pipeline's stack creates the
 * group: a group created here would make that deployment fail. Lines wait until the group exists.
 */
export function startApiLog(aws: AwsTarget, logGroupName: string): ApiLog {
  const client = new CloudWatchLogsClient(awsClient(aws));
  const waiting: InputLogEvent[] = [];
  let stream: string | undefined;
  let sending: Promise<void> | undefined;
  const send = async (): Promise<void> => {
    while (waiting.length > 0) {
      stream ??= await createStream(client, logGroupName);
      const logEvents = waiting.slice(0, MOST_PER_REQUEST);
      await client.send(new PutLogEventsCommand({ logGroupName, logStreamName: stream, logEvents }));
      waiting.splice(0, logEvents.length);
    }
  };
  const flush = (): Promise<void> =>
    (sending ??= send()
      .catch(() => {
        // The group may have been created again, without the stream.
        stream = undefined;
        waiting.splice(0, Math.max(0, waiting.length - MOST_WAITING));
      })
      .finally(() => (sending = undefined)));
  const timer = setInterval(() => void flush(), FLUSH_MS);
  return {
    write: (line) => void waiting.push({ timestamp: Date.now(), message: JSON.stringify(line) }),
    close: async () => {
      clearInterval(timer);
      await sending;
      await flush();
      client.destroy();
    },
  };
}

async function createStream(client: CloudWatchLogsClient, logGroupName: string): Promise<string> {
  const logStreamName = `api/${randomUUID()}`;
  await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
  return logStreamName;
}
