import { defaultPayloadConverter } from '@temporalio/common';
import { tsToMs } from '@temporalio/common/lib/time';
import type { temporal } from '@temporalio/proto';
import type { TrafficOrder } from '../../../activities/act/flag/flags';

type Event = temporal.api.history.v1.IHistoryEvent;

/** What a workflow did and received in one of its tasks, in the order in which its code met it. */
export interface Task {
  /** The workflow's `Date.now()`. */
  readonly atMs: number;
  readonly told: readonly Told[];
  readonly did: readonly Did[];
}

export type Told =
  | { readonly what: 'signal'; readonly name: string; readonly argument: unknown }
  | { readonly what: 'update'; readonly name: string; readonly argument: unknown; readonly answer: unknown }
  | {
      readonly what: 'activity';
      readonly order: Order;
      /** Absent when it failed or was cancelled. */
      readonly result?: unknown;
      readonly ended: 'completed' | 'failed' | 'cancelled';
      /** The type that the activity gave its failure. */
      readonly failure?: string;
      /** The result is no longer awaited, except where the activity's end is awaited. */
      readonly givenUp: boolean;
    };

export type Did =
  | { readonly what: 'order'; readonly order: Order }
  | { readonly what: 'time-out'; readonly order: Order }
  | { readonly what: 'end'; readonly result: unknown };

export interface Order {
  readonly activity: string;
  readonly input: unknown;
  readonly atMs: number;
}

/** Also of 0 %, before the first raise: an outside change at that time is undone, and the rollout continues. */
export const isRestoration = (order: unknown): boolean => (order as TrafficOrder).reason.startsWith('written again: ');
export const isZero = (order: unknown): boolean => (order as TrafficOrder).percentage === 0 && !isRestoration(order);

interface Open extends Order {
  givenUp: boolean;
}

const timeOf = ({ eventTime }: Event): number => tsToMs(eventTime);
const idOf = (id: unknown): string => String(id);
const first = (payloads: temporal.api.common.v1.IPayloads | null | undefined): unknown => {
  const payload = payloads?.payloads?.[0];
  return payload === undefined ? undefined : defaultPayloadConverter.fromPayload(payload);
};

/** A history, task by task. Signals and updates come before results, as the SDK hands them to the workflow's code. */
export class HistoryReader {
  private readonly activities = new Map<string, Open>();
  private readonly tasks: Task[] = [];
  private inbox: Event[] = [];
  private taken: Event[] = [];
  private commands: Event[] | undefined;
  private startedMs = 0;

  static read(events: readonly Event[]): readonly Task[] {
    const reader = new HistoryReader();
    for (const event of events) reader.take(event);
    reader.finishTask();
    return reader.tasks;
  }

  /** What a task commands follows its completion, and the test server mixes in what comes of it at once. */
  private take(event: Event): void {
    if (event.workflowTaskStartedEventAttributes) {
      this.finishTask();
      this.startedMs = timeOf(event);
      this.taken = this.inbox.splice(0);
    } else if (event.workflowTaskFailedEventAttributes ?? event.workflowTaskTimedOutEventAttributes)
      this.inbox.unshift(...this.taken.splice(0));
    else if (event.workflowTaskCompletedEventAttributes) this.commands = [];
    else if (isCommand(event)) this.commands?.push(event);
    else this.inbox.push(event);
  }

  private finishTask(): void {
    if (this.commands !== undefined) this.finish(this.taken.splice(0), this.commands);
    this.commands = undefined;
  }

  private finish(taken: readonly Event[], commands: readonly Event[]): void {
    const signals = taken.flatMap(signalOf);
    const updates = commands.flatMap((event) => updateOf(event, commands));
    const results = taken.flatMap((event) => this.resultOf(event));
    const did = commands.flatMap((event) => this.didOf(event));
    this.tasks.push({ atMs: this.startedMs, told: [...signals, ...updates, ...results], did });
  }

  private resultOf(event: Event): Told[] {
    const completed = event.activityTaskCompletedEventAttributes;
    const failed = event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes;
    const ended = completed ?? failed ?? event.activityTaskCanceledEventAttributes;
    const order = !ended ? undefined : this.activities.get(idOf(ended.scheduledEventId));
    if (order === undefined) return [];
    const { givenUp } = order;
    if (completed) return [{ what: 'activity', order, ended: 'completed', result: first(completed.result), givenUp }];
    const type = failed?.failure?.applicationFailureInfo?.type ?? undefined;
    return [{ what: 'activity', order, ended: failed ? 'failed' : 'cancelled', givenUp, failure: type }];
  }

  private didOf(event: Event): Did[] {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) {
      const activity = scheduled.activityType?.name ?? '';
      const order = { activity, input: first(scheduled.input), atMs: this.startedMs, givenUp: false };
      this.activities.set(idOf(event.eventId), order);
      return [{ what: 'order', order }];
    }
    const cancelled = event.activityTaskCancelRequestedEventAttributes;
    const order = cancelled ? this.activities.get(idOf(cancelled.scheduledEventId)) : undefined;
    if (order !== undefined) {
      order.givenUp = true;
      return [{ what: 'time-out', order }];
    }
    const completed = event.workflowExecutionCompletedEventAttributes;
    return completed ? [{ what: 'end', result: first(completed.result) }] : [];
  }
}

const isCommand = (event: Event): boolean =>
  Boolean(
    event.activityTaskScheduledEventAttributes ??
    event.activityTaskCancelRequestedEventAttributes ??
    event.timerStartedEventAttributes ??
    event.timerCanceledEventAttributes ??
    event.upsertWorkflowSearchAttributesEventAttributes ??
    event.workflowExecutionUpdateAcceptedEventAttributes ??
    event.workflowExecutionUpdateCompletedEventAttributes ??
    event.workflowExecutionCompletedEventAttributes ??
    event.workflowExecutionFailedEventAttributes ??
    event.markerRecordedEventAttributes,
  );

function signalOf({ workflowExecutionSignaledEventAttributes: signal }: Event): Told[] {
  return signal ? [{ what: 'signal', name: signal.signalName ?? '', argument: first(signal.input) }] : [];
}

function updateOf(event: Event, commands: readonly Event[]): Told[] {
  const accepted = event.workflowExecutionUpdateAcceptedEventAttributes;
  if (!accepted) return [];
  const { name, args } = accepted.acceptedRequest?.input ?? {};
  const completed = commands
    .map((other) => other.workflowExecutionUpdateCompletedEventAttributes)
    .find((other) => other?.meta?.updateId === accepted.protocolInstanceId);
  return [{ what: 'update', name: name ?? '', argument: first(args), answer: first(completed?.outcome?.success) }];
}
