import type { AwsTarget } from '../../../rules/plan/environment-plan';
import { auditFolder, type AuditHead, type AuditSource } from '../../../rules/audit/entry';
import type { AuditPlace } from '../../../rules/audit/place';
import { type AuditObject, type AuditReading, verifyRecord } from '../../../rules/audit/verify';
import type { AwsFor } from '../../aws';
import { toFailure } from '../../failures';
import { withHeartbeat } from '../../heartbeat';
import { type AuditFolder, lineOf, someAtOnce, versionsAfter } from './record';

export interface AuditReadOrder extends Pick<AuditSource, 'service' | 'environment'> {
  readonly aws: AwsTarget;
  readonly audit: AuditPlace;
  /** What rollouts know of it. */
  readonly heads: readonly AuditHead[];
}

/** Temporal takes results of up to 2 MB; an entry has up to some 2 KB. */
const MOST_ENTRIES = 500;
const MOST_PROBLEMS = 200;

/** Reads the record and verifies it as a whole. An environment without entries has an empty one. */
export function createAuditReader(awsFor: AwsFor): { readAudit(order: AuditReadOrder): Promise<AuditReading> } {
  return {
    async readAudit({ aws, audit, heads, ...of }) {
      const folder = auditFolder(audit, of);
      const place = `s3://${audit.bucket}/${folder}`;
      try {
        const record = { s3: awsFor(aws).s3, bucket: audit.bucket, folder };
        const objects = await withHeartbeat(() => readAll(record));
        const { head, entries, problems } = verifyRecord(objects, heads);
        return {
          place,
          count: objects.length,
          head,
          entries: entries.slice(-MOST_ENTRIES),
          problems: problems.slice(0, MOST_PROBLEMS),
          problemCount: problems.length,
        };
      } catch (error) {
        throw toFailure(error, `reading the audit record ${place}`);
      }
    },
  };
}

async function readAll(record: AuditFolder): Promise<readonly AuditObject[]> {
  return someAtOnce(await versionsAfter(record), async (found) => {
    const { number, versions, markers } = found;
    const later = versions.slice(0, -1).map(timeOf);
    const marker = markers.at(-1);
    return {
      number,
      line: await lineOf(record, found),
      overwrittenAt: later.length === 0 ? undefined : later.reverse(),
      deletedAt: marker && timeOf(marker),
    };
  });
}

const timeOf = ({ LastModified }: { readonly LastModified?: Date | undefined }): string =>
  LastModified?.toISOString() ?? 'an unknown time';
