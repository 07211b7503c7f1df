import { setTimeout as sleep } from 'node:timers/promises';
import { GetParameterHistoryCommand } from '@aws-sdk/client-ssm';
import { GetQueueUrlCommand, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { interceptors } from '../../client/temporal/connect';
import { timestampMs } from '../../rules/time/timestamp';
import type { rollout } from '../../workflows';
import {
  abortSignal,
  approveUpdate,
  extendUpdate,
  freezesChangedSignal,
  lookNowSignal,
  pauseSignal,
  promoteUpdate,
  resumeSignal,
  rolloutWorkflowId,
  statusQuery,
} from '../../workflows/messages';
import { type BenchOptions, bench, type BenchTable } from '../bench';
import { type History, historiesOf } from '../histories';
import { msUntilZero } from './clock';
import { alarmOf, Fleet } from './fleet';
import { Stage } from './stage';

interface Flood {
  readonly what: string;
  readonly seconds: number;
  /** What was sent, and how many a second arrived at Temporal or SQS. */
  readonly sent: number;
  readonly perSecond: number;
  /** Ms from the moment in which Temporal has the abort until 0 % is written. After an outage from its end. */
  readonly zeroMs: number;
  /** The same from the moment in which it was sent, until another reader finds it; the flood and the server share the machine. */
  readonly sentToZeroMs: number;
  readonly percentages: readonly number[];
  /** Of the rollout: a flooded one continues as new. */
  readonly runs: number;
  readonly longestHistory: number;
  /** What does not hold; empty when all does. */
  readonly broken: readonly string[];
}

interface LoadResult {
  readonly floods: readonly Flood[];
}

const SECONDS = 60;
const QUICK_SECONDS = 15;
const VERBS_PER_SECOND = 100;
const EVENTS_PER_SECOND = 1_000;
const BACKLOG_EVENTS = 3_600;
const BACKLOG_VERBS = 360;
const EVENTS_PER_REQUEST = 10;
/** Of the runs, each far below Temporal's 51,200. */
const MOST_EVENTS = 10_240;
const MOST_MS_TO_ZERO = 1_000;
/** After the worker is there again. */
const MOST_MS_AFTER_OUTAGE = 10_000;

async function run({ quick }: BenchOptions): Promise<LoadResult> {
  const seconds = quick ? QUICK_SECONDS : SECONDS;
  const stage = await Stage.open();
  try {
    const fleet = new Fleet(stage, ['verbs', 'events', 'backlog']);
    await fleet.setUp();
    const worker = await stage.work(fleet.planFile);
    await fleet.start();
    await fleet.untilLive();
    const flooded = new Flooded(stage, fleet);
    const verbs = await flooded.byVerbs(0, seconds);
    console.error(`verbs: 0 % after ${Math.round(verbs.zeroMs)} ms; events …`);
    const events = await flooded.byEvents(1, seconds);
    console.error(`events: 0 % after ${Math.round(events.zeroMs)} ms; an outage …`);
    await worker.stop();
    const backlog = await flooded.byBacklog(2, () => stage.work(fleet.planFile));
    return { floods: [verbs, events, backlog] };
  } finally {
    await stage.close();
  }
}

class Flooded {
  constructor(
    private readonly stage: Stage,
    private readonly fleet: Fleet,
  ) {}

  /** Of every kind, and one that goes a step forward. */
  async byVerbs(index: number, seconds: number): Promise<Flood> {
    const handle = this.handleOf(index);
    await handle.executeUpdate(promoteUpdate, { args: [{ by: 'bench' }] });
    const sending = atRate(VERBS_PER_SECOND, seconds, (nth) => sendVerb(handle, nth));
    await sleep((seconds * 1_000) / 2);
    const sentToZeroMs = await this.zeroAfter(index, () => this.abort(index));
    return this.judged({ what: 'verbs', seconds, ...(await sending), sentToZeroMs, index });
  }

  async byEvents(index: number, seconds: number): Promise<Flood> {
    const send = await this.sender(index);
    const sending = atRate(EVENTS_PER_SECOND / EVENTS_PER_REQUEST, seconds, send);
    await sleep((seconds * 1_000) / 2);
    const sentToZeroMs = await this.zeroAfter(index, () => this.abort(index));
    const { sent, perSecond } = await sending;
    const counts = { sent: sent * EVENTS_PER_REQUEST, perSecond: perSecond * EVENTS_PER_REQUEST };
    return this.judged({ what: 'events', seconds, ...counts, sentToZeroMs, index });
  }

  /** What an hour brings while no worker runs: then one starts, and an alarm has fired. */
  async byBacklog(index: number, start: () => Promise<unknown>): Promise<Flood> {
    const [handle, send] = [this.handleOf(index), await this.sender(index)];
    const requests = BACKLOG_EVENTS / EVENTS_PER_REQUEST;
    const begunMs = performance.now();
    for (let nth = 0; nth < requests; nth += 1) await send(nth);
    for (let nth = 0; nth < BACKLOG_VERBS; nth += 1)
      await handle.signal(nth % 2 === 0 ? pauseSignal : resumeSignal, { by: 'bench' });
    const seconds = (performance.now() - begunMs) / 1_000;
    await this.abort(index);
    await start();
    const readyAtMs = Date.now();
    const sentToZeroMs = await this.zeroAfter(index, () => Promise.resolve());
    const sent = BACKLOG_EVENTS + BACKLOG_VERBS;
    return this.judged({
      ...{ what: 'an hour of backlog', seconds: Math.round(seconds), sent, perSecond: sent / seconds },
      ...{ sentToZeroMs, index, afterOutageAtMs: readyAtMs },
    });
  }

  private handleOf(index: number): WorkflowHandle<typeof rollout> {
    const { service, environment } = this.planOf(index);
    return this.stage.client.workflow.getHandle<typeof rollout>(rolloutWorkflowId(service, environment));
  }

  private planOf(index: number) {
    return this.fleet.plans[index]!;
  }

  private zeroAfter(index: number, act: () => Promise<unknown>): Promise<number> {
    return msUntilZero(this.stage.aws.ssm, this.planOf(index).flag.parameter, act);
  }

  /** Ten changes of the alarm in one request: of an alarm that is OK again and again. */
  private async sender(index: number): Promise<(nth: number) => Promise<unknown>> {
    const { sqs } = this.stage.aws;
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: this.fleet.queue }));
    const AlarmName = alarmOf(this.planOf(index).environment);
    return (nth) => {
      const change = { AlarmName, NewStateValue: 'OK', NewStateReason: `load ${nth}` };
      const Message = JSON.stringify({ ...change, StateChangeTime: new Date().toISOString() });
      const MessageBody = JSON.stringify({ Type: 'Notification', Message });
      const Entries = Array.from({ length: EVENTS_PER_REQUEST }, (_, at) => ({ Id: String(at), MessageBody }));
      return sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    };
  }

  /** By an operator's own connection, which the flood does not fill. */
  private async abort(index: number): Promise<void> {
    const connection = await Connection.connect({ address: this.stage.address, interceptors });
    const client = new Client({ connection });
    await client.workflow
      .getHandle(this.handleOf(index).workflowId)
      .signal(abortSignal, { by: 'bench', reason: 'load' });
    await connection.close();
  }

  private async judged({ index, afterOutageAtMs, ...flood }: Judged): Promise<Flood> {
    const handle = this.handleOf(index);
    const { outcome, percentages } = await handle.result();
    const histories = await historiesOf(this.stage.client.workflow, handle.workflowId);
    const runs = histories.length;
    const longestHistory = Math.max(...histories.map(({ events }) => events?.length ?? 0));
    const abort = histories.flatMap(({ events }) => events ?? []).find(isAbort);
    const zeroMs = (await this.zeroAtMs(index)) - (afterOutageAtMs ?? timestampMs(abort?.eventTime));
    const mostMs = afterOutageAtMs === undefined ? MOST_MS_TO_ZERO : MOST_MS_AFTER_OUTAGE;
    const above = percentages.filter((percentage) => percentage > 0);
    const broken = [
      ...(outcome === 'aborted' && percentages.at(-1) === 0
        ? []
        : [`it ended as ${outcome} at ${percentages.at(-1)} %`]),
      // The first raise, and one step by the verb.
      ...(above.length <= 2 ? [] : [`more than one step forward: ${percentages.join(', ')} %`]),
      ...(zeroMs <= mostMs ? [] : [`0 % after ${Math.round(zeroMs)} ms, not within ${mostMs}`]),
      ...(longestHistory <= MOST_EVENTS ? [] : [`a run with ${longestHistory} events`]),
    ];
    return { ...flood, zeroMs: Math.round(zeroMs), percentages, runs, longestHistory, broken };
  }

  /** When the last value was written. */
  private async zeroAtMs(index: number): Promise<number> {
    const { parameter: Name } = this.planOf(index).flag;
    const { Parameters = [] } = await this.stage.aws.ssm.send(new GetParameterHistoryCommand({ Name }));
    return Parameters.at(-1)?.LastModifiedDate?.getTime() ?? Number.POSITIVE_INFINITY;
  }
}

interface Judged extends Pick<Flood, 'what' | 'seconds' | 'sent' | 'perSecond' | 'sentToZeroMs'> {
  readonly index: number;
  /** When a worker was there again; absent without an outage. */
  readonly afterOutageAtMs?: number;
}

const isAbort = ({ workflowExecutionSignaledEventAttributes: signal }: Event): boolean =>
  signal?.signalName === 'abort';
type Event = NonNullable<History['events']>[number];

/** Starts so many a second, whether or not those before are answered; one that fails is not counted. */
async function atRate(
  perSecond: number,
  seconds: number,
  send: (nth: number) => Promise<unknown>,
): Promise<Pick<Flood, 'sent' | 'perSecond'>> {
  const begunMs = performance.now();
  const under: Promise<unknown>[] = [];
  let sent = 0;
  for (let nth = 0; nth < perSecond * seconds; nth += 1) {
    under.push(
      send(nth).then(
        () => (sent += 1),
        () => undefined,
      ),
    );
    const dueMs = begunMs + ((nth + 1) * 1_000) / perSecond;
    if (dueMs > performance.now()) await sleep(dueMs - performance.now());
  }
  await Promise.all(under);
  return { sent, perSecond: Math.round((1_000 * sent) / (performance.now() - begunMs)) };
}

/** An update that a rule refuses is one that arrived; after the abort there is no rollout. */
function sendVerb(handle: WorkflowHandle<typeof rollout>, nth: number): Promise<unknown> {
  const by = { by: 'bench' };
  const arrived = (update: Promise<unknown>): Promise<unknown> =>
    update.catch((error: Error) => {
      if (error.name !== 'WorkflowUpdateFailedError') throw error;
    });
  switch (nth % 8) {
    case 0:
      return handle.signal(pauseSignal, by);
    case 1:
      return handle.signal(resumeSignal, by);
    case 2:
      return handle.signal(freezesChangedSignal);
    case 3:
      return handle.signal(lookNowSignal, { why: 'load', atMs: Date.now() });
    case 4:
      return arrived(handle.executeUpdate(extendUpdate, { args: [{ ...by, untilMs: Date.now() + 86_400_000 }] }));
    case 5:
      return arrived(handle.executeUpdate(approveUpdate, { args: [{ ...by, percentage: 50 }] }));
    case 6:
      return handle.query(statusQuery);
    default:
      return handle.signal(resumeSignal, by);
  }
}

function table({ floods }: LoadResult): BenchTable {
  return {
    title: 'One rollout under load',
    columns: [
      'by',
      'sent',
      'a second',
      'abort → 0 %, ms',
      'seen after ms',
      'runs',
      'longest history',
      'percentages',
      'broken',
    ],
    rows: floods.map((flood) => [
      flood.what,
      ...[
        flood.sent,
        Math.round(flood.perSecond),
        Math.round(flood.zeroMs),
        Math.round(flood.sentToZeroMs),
        flood.runs,
        flood.longestHistory,
      ],
      flood.percentages.join(', '),
      flood.broken.join('; ') || 'nothing',
    ]),
    notes: [
      'From the abort in the history of Temporal until the write of 0 %; of the backlog, from the moment in which the worker is there again.',
      'Seen: from its sending until another reader finds it. Flood, Temporal, AWS and worker share the machine.',
    ],
  };
}

export const load = bench({ run, table });
