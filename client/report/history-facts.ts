import type { Client } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import type { Fact } from '../../rules/report/picture/facts';
import { personOf } from '../../rules/person';
import { timestampMs } from '../../rules/time/timestamp';
import type { RolloutInput } from '../../workflows/messages';

type History = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>;
type HistoryEvent = NonNullable<History['events']>[number];

/** One run: its input, and what happened in it. */
export interface RunHistory {
  readonly input?: RolloutInput;
  readonly facts: readonly Fact[];
  /** The run that this one continues. */
  readonly continuesRunId?: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** An activity, by the id of the event that scheduled it. */
interface Scheduled {
  readonly type: string;
  readonly order: Fields;
}

interface Reading {
  readonly scheduled: Map<string, Scheduled>;
  /** Facts of updates, by the id of the update: their answer comes later. */
  readonly updates: Map<string, number>;
  readonly facts: Fact[];
  input: RolloutInput | undefined;
  continuesRunId: string | undefined;
}

/** Anything that cannot be read is left out: a report must not fail because of what somebody sent. */
export function readHistory({ events }: History): RunHistory {
  const reading: Reading = {
    scheduled: new Map(),
    updates: new Map(),
    facts: [],
    input: undefined,
    continuesRunId: undefined,
  };
  for (const event of events ?? []) readEvent(reading, event, timeOf(event.eventTime));
  const { input, facts, continuesRunId } = reading;
  return { input, facts, continuesRunId };
}

function readEvent(reading: Reading, event: HistoryEvent, atMs: number): void {
  const { facts } = reading;
  readStart(reading, event, atMs);
  readActivity(reading, event, atMs);
  readUpdate(reading, event, atMs);
  const { workflowExecutionSignaledEventAttributes: signal } = event;
  const asked = signal && signalFact(String(signal.signalName ?? ''), fieldsIn(signal.input?.payloads?.[0]), atMs);
  if (asked) facts.push(asked);
  const { workflowExecutionCompletedEventAttributes: completed } = event;
  if (completed) {
    const { outcome, why } = fieldsIn(completed.result?.payloads?.[0]);
    facts.push({ kind: 'ended', atMs, outcome: text(outcome) ?? 'ended', why: text(why) ?? 'no reason known' });
  }
  const broken = brokenWords(event);
  if (broken !== undefined) facts.push({ kind: 'broken-off', atMs, why: broken });
}

function brokenWords(event: HistoryEvent): string | undefined {
  const { workflowExecutionTerminatedEventAttributes: terminated, workflowExecutionFailedEventAttributes: failed } =
    event;
  if (terminated) return `terminated in Temporal: ${terminated.reason || 'no reason given'}`;
  if (failed) return `failed in Temporal: ${failed.failure?.message ?? 'no reason known'}`;
  if (event.workflowExecutionTimedOutEventAttributes) return 'timed out in Temporal';
  return event.workflowExecutionCanceledEventAttributes ? 'cancelled in Temporal' : undefined;
}

function readStart(reading: Reading, event: HistoryEvent, atMs: number): void {
  const { workflowExecutionStartedEventAttributes: started } = event;
  if (!started) return;
  const [input, carried] = (started.input?.payloads ?? []).map(valueIn);
  if (isFields(input)) reading.input = input as unknown as RolloutInput;
  reading.continuesRunId = started.continuedExecutionRunId || undefined;
  if (carried !== undefined || !isFields(input)) return;
  const { startedBy, reason } = input;
  reading.facts.push({ kind: 'started', atMs, by: text(startedBy) ?? 'not known', reason: text(reason) });
}

function readActivity({ scheduled, facts }: Reading, event: HistoryEvent, atMs: number): void {
  const { activityTaskScheduledEventAttributes: order, activityTaskCompletedEventAttributes: completed } = event;
  if (order)
    scheduled.set(String(event.eventId), {
      type: order.activityType?.name ?? '',
      order: fieldsIn(order.input?.payloads?.[0]),
    });
  const known = (id: unknown): Scheduled | undefined => scheduled.get(String(id));
  if (completed) {
    const activity = known(completed.scheduledEventId);
    const fact = activity && resultFact(activity, valueIn(completed.result?.payloads?.[0]), atMs);
    if (fact) facts.push(fact);
  }
  const { activityTaskFailedEventAttributes: failed, activityTaskTimedOutEventAttributes: late } = event;
  const lost = failed ?? late ?? event.activityTaskCanceledEventAttributes;
  const activity = lost && known(lost.scheduledEventId);
  if (!activity || activity.type !== 'setTraffic') return;
  const percentage = number(activity.order['percentage']);
  const failure = failed?.failure ?? late?.failure;
  const why = failure?.cause?.message ?? failure?.message ?? 'it was cancelled';
  if (percentage !== undefined) facts.push({ kind: 'not-written', atMs, percentage, why });
}

function resultFact({ type, order }: Scheduled, result: unknown, atMs: number): Fact | undefined {
  const fields = isFields(result) ? result : {};
  switch (type) {
    case 'setTraffic':
      return writtenFact(order, fields, atMs);
    case 'readFlag':
      return { kind: 'flag-read', atMs, percentage: number(fields['percentage']), why: text(fields['why']) };
    case 'watchAlarms':
      return checkedFact(fields, atMs);
    case 'readFreezes':
      return Array.isArray(result) ? { kind: 'freezes-read', atMs, freezes: result } : undefined;
    case 'deliverFlag': {
      const percentage = number(order['percentage']);
      if (fields['complete'] !== true || percentage === undefined) return undefined;
      return { kind: 'delivered', atMs, percentage, why: text(fields['why']) ?? 'every instance reports it' };
    }
    default:
      return undefined;
  }
}

function writtenFact(order: Fields, result: Fields, atMs: number): Fact | undefined {
  const percentage = number(result['percentage']);
  if (percentage === undefined) return undefined;
  if (result['status'] === 'drift')
    return { kind: 'flag-read', atMs, percentage, writer: text(result['writer']), isOutside: true };
  return { kind: 'written', atMs, percentage, why: text(order['reason']) ?? 'no reason given' };
}

/** A check that found an outside change says so too; its verdict is the more important part. */
function checkedFact(result: Fields, atMs: number): Fact | undefined {
  const { flag, variables: _variables, ...verdict } = result;
  if (isFields(flag) && verdict['outcome'] !== 'breach')
    return {
      kind: 'flag-read',
      atMs,
      percentage: number(flag['percentage']),
      why: text(flag['why']),
      writer: text(flag['writer']),
      isOutside: true,
    };
  if (!Array.isArray(verdict['guards']) || text(verdict['outcome']) === undefined) return undefined;
  return { kind: 'checked', atMs, verdict: verdict as unknown as Extract<Fact, { kind: 'checked' }>['verdict'] };
}

const STEERING = ['pause', 'resume', 'abort'];

function signalFact(verb: string, sent: Fields, atMs: number): Fact | undefined {
  if (STEERING.includes(verb)) return askedFact(verb, sent, atMs);
  const alarm = text(sent['alarm']);
  if (verb !== 'alarm-changed' || alarm === undefined) return undefined;
  const why = text(sent['why']) ?? 'no reason given';
  return { kind: 'alarm-pushed', atMs, alarm, state: text(sent['state']) ?? 'an unknown state', why };
}

const askedFact = (verb: string, sent: Fields, atMs: number): Extract<Fact, { kind: 'asked' }> => ({
  kind: 'asked',
  atMs,
  verb,
  by: text(personOf(text(sent['by']) ?? '')),
  reason: text(sent['reason']),
  percentage: number(sent['percentage']),
});

function readUpdate({ updates, facts }: Reading, event: HistoryEvent, atMs: number): void {
  const accepted = event.workflowExecutionUpdateAcceptedEventAttributes;
  const request = accepted?.acceptedRequest;
  if (request?.input) {
    updates.set(request.meta?.updateId ?? '', facts.length);
    facts.push(askedFact(request.input.name ?? 'update', fieldsIn(request.input.args?.payloads?.[0]), atMs));
  }
  const completed = event.workflowExecutionUpdateCompletedEventAttributes;
  const index = completed ? updates.get(completed.meta?.updateId ?? '') : undefined;
  const fact = index === undefined ? undefined : facts[index];
  if (index === undefined || fact?.kind !== 'asked') return;
  const { answer } = fieldsIn(completed?.outcome?.success?.payloads?.[0]);
  facts[index] = { ...fact, answer: text(answer) };
}

function valueIn(payload: unknown): unknown {
  if (payload === undefined || payload === null) return undefined;
  try {
    return defaultPayloadConverter.fromPayload(payload as Payload);
  } catch {
    return undefined;
  }
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function fieldsIn(payload: unknown): Fields {
  const value = valueIn(payload);
  return isFields(value) ? value : {};
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value : undefined;

const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

const timeOf = (time: HistoryEvent['eventTime']): number => Math.round(timestampMs(time));
