import type { Client, Connection } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { TASK_QUEUE } from '../../../workflows/messages';

type Payloads = temporal.api.common.v1.IPayload[];

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');
const raw = (encoding: string | undefined, data: Uint8Array | string): temporal.api.common.v1.IPayload => ({
  metadata: encoding === undefined ? {} : { encoding: bytes(encoding) },
  data: typeof data === 'string' ? bytes(data) : data,
});
export const json = (value: unknown): temporal.api.common.v1.IPayload => raw('json/plain', JSON.stringify(value));

/** What any client may send with a signal: the Web UI's form, the `temporal` CLI, another SDK. */
export const UNREADABLE: Readonly<Record<string, Payloads>> = {
  'json/protobuf, as the form of the Web UI offers it': [raw('json/protobuf', '{"by":"x"}')],
  'json/plain that is no JSON': [raw('json/plain', 'somebody said so')],
  'json/plain cut in the middle': [raw('json/plain', '{"by":"x')],
  'json/plain that is no UTF-8': [raw('json/plain', Uint8Array.of(0x22, 0xff, 0xfe, 0xc3, 0x22, 0x7b))],
  'json/plain without data': [raw('json/plain', '')],
  'binary/plain': [raw('binary/plain', '{"by":"x"}')],
  'binary/encrypted': [raw('binary/encrypted', Uint8Array.of(1, 2, 3, 250))],
  'an encoding of nobody': [raw('x/y', '{}')],
  'an encoding that is no text': [{ metadata: { encoding: Uint8Array.of(0xff, 0xc0) }, data: bytes('{}') }],
  'no metadata': [raw(undefined, '{"by":"x"}')],
  'a payload of nothing': [{}],
  'text in place of an object': [json('by x')],
  'a number': [json(12)],
  'a list': [json([{ by: 'x' }])],
  'two arguments': [json({ by: 'x' }), json({ flag: 'restore' })],
  'a second argument that is no JSON': [json({ by: 'x' }), raw('json/plain', '…')],
  'a deep and huge text that is no JSON': [raw('json/plain', '['.repeat(100_000))],
};

/** Well-formed, with unexpected content. */
export const ODD: Readonly<Record<string, Payloads>> = {
  'an empty list of payloads': [],
  null: [json(null)],
  'values of other types': [json({ by: 5, reason: { a: [] }, flag: 7, percentage: 'many', untilMs: '2' })],
  'a huge reason': [json({ by: 'x', reason: 'z'.repeat(200_000) })],
  'deep JSON': [raw('json/plain', `{"by":"x","reason":"deep","more":${'['.repeat(5_000)}${']'.repeat(5_000)}}`)],
  'halves of surrogate pairs': [raw('json/plain', '{"by":"x\\ud83d","reason":"\\udc00 and on"}')],
  'a text that is cut within a character': [json({ by: 'x', reason: `${'a'.repeat(499)}😀` })],
  'a key of objects': [raw('json/plain', '{"__proto__":{"by":"y"},"constructor":1,"by":"x"}')],
};

interface Reached {
  readonly client: Client;
  readonly connection: Pick<Connection, 'workflowService'>;
}

/** As the service takes them: only the worker looks into the payloads. */
export async function signalRaw(
  { connection }: Reached,
  workflowId: string,
  signalName: string,
  payloads: Payloads,
): Promise<void> {
  await connection.workflowService.signalWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId },
    signalName,
    input: { payloads },
    identity: 'a stranger',
    requestId: `${signalName}-${Math.random()}`,
  });
}

/** Throws when the query is refused or not answered. */
export async function queryRaw({ connection }: Reached, workflowId: string, queryType: string, payloads: Payloads) {
  const { queryResult } = await connection.workflowService.queryWorkflow({
    namespace: 'default',
    execution: { workflowId },
    query: { queryType, queryArgs: { payloads } },
  });
  const data = queryResult?.payloads?.[0]?.data;
  return JSON.parse(Buffer.from(data ?? []).toString('utf8')) as unknown;
}

/** The message of its refusal; undefined when it was carried out. */
export async function updateRaw(
  { connection }: Reached,
  workflowId: string,
  name: string,
  payloads: Payloads,
): Promise<string | undefined> {
  const { outcome } = await connection.workflowService.updateWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId },
    waitPolicy: { lifecycleStage: 3 },
    request: {
      meta: { updateId: `${name}-${Math.random()}`, identity: 'a stranger' },
      input: { name, args: { payloads } },
    },
  });
  return outcome?.failure?.message ?? undefined;
}

export async function startRaw(
  { connection }: Reached,
  workflowId: string,
  what: string | { readonly type: string; readonly cronSchedule: string },
  payloads: Payloads,
): Promise<void> {
  const { type, cronSchedule } = typeof what === 'string' ? { type: what, cronSchedule: undefined } : what;
  await connection.workflowService.startWorkflowExecution({
    cronSchedule,
    namespace: 'default',
    workflowId,
    workflowType: { name: type },
    taskQueue: { name: TASK_QUEUE },
    input: { payloads },
    identity: 'a stranger',
    requestId: workflowId,
  });
}
