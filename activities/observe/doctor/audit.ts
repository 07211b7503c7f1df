import { GetBucketVersioningCommand, GetObjectLockConfigurationCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { auditFolder, auditKey } from '../../../rules/audit/entry';
import { type AuditBucketFacts, auditFinding, auditWritingFinding } from '../../../rules/audit/findings';
import type { Finding } from '../../../rules/doctor/doctor-report';
import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import { messageOf, nameOf, toFailure } from '../../failures';
import { type AuditFolder, versionsAfter } from '../audit/record';
import type { Observation } from '../guards/observation';
import { finding } from './finding';

/** Whether the audit record can be read and added to, and whether the bucket keeps it. It stops no rollout. */
export async function examineAudit(plan: EnvironmentPlan, look: Observation): Promise<readonly Finding[]> {
  const { audit } = plan;
  if (audit === undefined) return [];
  const folder = auditFolder(audit, plan);
  const subject = `audit record s3://${audit.bucket}/${folder}`;
  const record = { s3: look.clients.s3, bucket: audit.bucket, folder };
  const found = await finding(subject, async () => {
    const entries = await versionsAfter(record);
    const facts = { entries: entries.length, ...(await bucketFacts(record, look.abortSignal)) };
    // S3 takes a write over a delete marker, and a locked bucket would keep ours for years.
    const taken = entries.find(({ markers }) => markers.length === 0);
    const writing = taken === undefined ? [] : [await mayBeAdded(record, taken.number, look.abortSignal)];
    return [auditFinding(subject, facts), ...writing];
  });
  return found.map((one) => (one.level === 'problem' ? { ...one, level: 'warning' } : one));
}

async function bucketFacts(
  { s3, bucket: Bucket }: AuditFolder,
  abortSignal: AbortSignal | undefined,
): Promise<Omit<AuditBucketFacts, 'entries'>> {
  const { Status } = await s3.send(new GetBucketVersioningCommand({ Bucket }), { abortSignal });
  try {
    const { ObjectLockConfiguration } = await s3.send(new GetObjectLockConfigurationCommand({ Bucket }), {
      abortSignal,
    });
    const { Mode, Days, Years } = ObjectLockConfiguration?.Rule?.DefaultRetention ?? {};
    return { isVersioned: Status === 'Enabled', lock: { mode: Mode, days: Days, years: Years } };
  } catch (error) {
    if (!/ObjectLockConfigurationNotFound/.test(nameOf(error))) throw error;
    return { isVersioned: Status === 'Enabled' };
  }
}

/** Tried on a number that is taken: AWS checks the right first, and then refuses to write it again. */
async function mayBeAdded(
  { s3, bucket: Bucket, folder }: AuditFolder,
  number: number,
  abortSignal: AbortSignal | undefined,
): Promise<Finding> {
  const Key = auditKey(folder, number);
  try {
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: '\n', IfNoneMatch: '*' }), { abortSignal });
    return auditWritingFinding(folder, 'deleted');
  } catch (error) {
    if (nameOf(error) === 'PreconditionFailed') return auditWritingFinding(folder, 'allowed');
    if (toFailure(error, folder).type !== 'AccessDenied') throw error;
    return auditWritingFinding(folder, `${nameOf(error)}: ${messageOf(error)}`);
  }
}
