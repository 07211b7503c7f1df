import { PutObjectCommand } from '@aws-sdk/client-s3';
import {
  type AuditEvent,
  auditFolder,
  type AuditHead,
  auditKey,
  type AuditOrder,
  type AuditSource,
  entryIn,
  headOf,
  isEvent,
  lineAfter,
  NO_HEAD,
} from '../../../rules/audit/entry';
import type { AwsFor } from '../../aws';
import { failure, nameOf, toFailure } from '../../failures';
import { withHeartbeat } from '../../heartbeat';
import { type AuditFolder, lineOf, someAtOnce, versionsAfter } from '../../observe/audit/record';

/** A workflow that knows no entry looks for its own among so many of the newest. */
const LOOKED_BACK = 60;
/** Others write at the same moment: a rollout and a deployment, or the end of one rollout and the next. */
const RACES = 20;

/**
 * Appends events to the audit record. S3 has no append: each entry is an object of its own, whose number and hash continue those
 * before it, and S3 refuses a second object of the same number. An event that an earlier try has written is not written again.
 * Fails with `Overtaken` when others are always faster.
 */
export function createAuditWriter(awsFor: AwsFor): { writeAudit(order: AuditOrder): Promise<AuditHead> } {
  return {
    async writeAudit(order) {
      const { aws, audit, source } = order;
      const folder = auditFolder(audit, source);
      try {
        return await withHeartbeat(() => append({ s3: awsFor(aws).s3, bucket: audit.bucket, folder }, order));
      } catch (error) {
        throw toFailure(error, `writing to the audit record s3://${audit.bucket}/${folder}`);
      }
    },
  };
}

async function append(record: AuditFolder, { source, head: known, events }: AuditOrder): Promise<AuditHead> {
  let left = events;
  let head = known ?? NO_HEAD;
  // Of the newest that is known: entries before it cannot be of these events.
  let isKnown = known !== undefined;
  for (let race = 0; race < RACES; race += 1) {
    const found = await versionsAfter(record, head.number);
    const lines = await someAtOnce(isKnown ? found : found.slice(-LOOKED_BACK), async (one) => {
      const line = await lineOf(record, one);
      return { number: one.number, line, entry: entryIn(line) };
    });
    const last = lines.at(-1);
    if (last !== undefined) head = headOf(last.number, last.line);
    isKnown = true;
    left = left.filter((event) => !lines.some(({ entry }) => entry !== undefined && isEvent(entry, source, event)));
    const written = await putAll(record, source, head, left);
    head = written.head;
    left = left.slice(written.count);
    if (left.length === 0) return head;
  }
  throw failure('Unavailable', `${record.folder}: other writers were faster ${RACES} times`);
}

/** Stops where another writer was faster. */
async function putAll(
  record: AuditFolder,
  source: AuditSource,
  from: AuditHead,
  events: readonly AuditEvent[],
): Promise<{ readonly head: AuditHead; readonly count: number }> {
  let head = from;
  for (const [count, event] of events.entries()) {
    const line = lineAfter(head, source, event);
    const next = headOf(head.number + 1, line);
    if (!(await put(record, next.number, line))) return { head, count };
    head = next;
  }
  return { head, count: events.length };
}

/** False when the number is taken. */
async function put({ s3, bucket, folder }: AuditFolder, number: number, line: string): Promise<boolean> {
  const object = { Bucket: bucket, Key: auditKey(folder, number), Body: `${line}\n`, ContentType: 'application/json' };
  try {
    await s3.send(new PutObjectCommand({ ...object, IfNoneMatch: '*' }));
    return true;
  } catch (error) {
    // The second one: a write of the same key was under way.
    if (/^(PreconditionFailed|ConditionalRequestConflict)$/.test(nameOf(error))) return false;
    throw error;
  }
}
