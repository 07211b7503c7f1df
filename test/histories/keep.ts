import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { temporal } from '@temporalio/proto';

const { History } = temporal.api.history.v1;
type History = temporal.api.history.v1.IHistory;

/** A folder: each history that a test replays is kept there, under a name by its test. */
export const RECORD = 'RECORD_HISTORIES';

const ROOT = resolve(__dirname, '../..');
const LONGEST_NAME = 90;

export function keepWhenRecording(history: History): void {
  const folder = process.env[RECORD];
  if (folder === undefined) return;
  const packed = pack(history);
  const type = history.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name ?? 'none';
  const hash = createHash('sha256').update(packed).digest('hex').slice(0, 8);
  const test = (expect.getState().currentTestName ?? '').toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${type}.${test.slice(0, LONGEST_NAME)}.${hash}.json.gz`), packed);
}

/** Readable JSON, without what tells of the machine that it was recorded on: its paths, process ids and names, and stacks. */
function pack(history: History): Buffer {
  const plain = History.toObject(History.fromObject(history), { longs: String, enums: String, bytes: String });
  const json = JSON.stringify(plain, (key, value: unknown) => {
    if (key === 'identity') return 'recorded';
    if (key === 'stackTrace') return '';
    if (key === 'data' && typeof value === 'string') return inPayload(value);
    return typeof value === 'string' ? withoutPaths(value) : value;
  });
  return gzipSync(json, { level: 9 });
}

/** The data of a payload, which is base64. */
function inPayload(data: string): string {
  const text = Buffer.from(data, 'base64').toString('utf8');
  return Buffer.from(withoutPaths(text)).toString('base64');
}

const withoutPaths = (text: string): string =>
  text.replaceAll(ROOT, '/project').replaceAll(/\/tmp\/[\w.-]+/g, '/tmp/some');

/** @param packed a file that `keepWhenRecording` wrote. */
export const unpack = (packed: Buffer): object => JSON.parse(gunzipSync(packed).toString('utf8')) as object;

export const historyOf = (plain: object): History => History.fromObject(plain);
