import type { Finding } from '../doctor/doctor-report';
import { times } from '../guards/judgement';
import type { AuditStatus } from './waiting';

export interface AuditBucketFacts {
  readonly entries: number;
  readonly isVersioned: boolean;
  /** Absent without object lock; its values are those of the default retention, if there is one. */
  readonly lock?: {
    readonly mode?: string | undefined;
    readonly days?: number | undefined;
    readonly years?: number | undefined;
  };
}

/** `1 entry`, `3 entries`. */
export const entryWords = (count: number): string => times(count, 'entry', 'entries');

/** Whether the bucket keeps what is written. */
export function auditFinding(subject: string, { entries, isVersioned, lock }: AuditBucketFacts): Finding {
  const has = entryWords(entries);
  if (lock?.mode !== undefined) {
    const kept = lock.years === undefined ? times(lock.days ?? 0, 'day') : times(lock.years, 'year');
    return { subject, level: 'ok', what: `${has}; each is locked for ${kept}, in ${lock.mode.toLowerCase()} mode` };
  }
  const without = lock === undefined ? 'without object lock' : 'with object lock, but without a default retention';
  const lost = isVersioned
    ? `${has}; the bucket is ${without}: who may delete versions can remove entries`
    : `${has}; the bucket keeps no versions: who may write or delete objects can change the record`;
  const remedy = 'use a bucket with object lock and a default retention (docs/production.md, "The audit record")';
  return { subject, level: 'warning', what: lost, remedy };
}

/** @param tried `allowed`, `deleted` when the object was gone at that moment, or what AWS said. */
export function auditWritingFinding(folder: string, tried: string): Finding {
  const subject = `permission to add to ${folder}`;
  if (tried === 'allowed') return { subject, level: 'ok', what: 'allowed (tried without changing it)' };
  const lost = 'an entry was deleted at this moment, and an empty object was written in its place';
  return tried === 'deleted'
    ? { subject, level: 'warning', what: lost, remedy: 'find out who deletes entries: `rollout history --verify`' }
    : { subject, level: 'warning', what: tried, remedy: "allow s3:PutObject there in the policy of the worker's role" };
}

/** Whether the record of a running rollout is behind. Entries wait some seconds in any case. */
export function auditDelayFinding(
  { waiting = 0, since, problem }: AuditStatus,
  workflowId: string,
): Finding | undefined {
  if (problem === undefined || waiting === 0) return undefined;
  const what = `${auditDelayWords({ waiting, since, problem })}; the rollout goes on`;
  const remedy = 'repair it: what waits is written then, also after the end of the rollout';
  return { subject: `audit record of ${workflowId}`, level: 'warning', what, remedy };
}

/** `3 entries are not written since 2026-11-30T08:00:00.000Z: AccessDenied …`; undefined while the record is not behind. */
export function auditDelayWords({ waiting = 0, since, problem }: AuditStatus): string | undefined {
  if (problem === undefined || waiting === 0) return undefined;
  const verb = waiting === 1 ? 'is' : 'are';
  return `${entryWords(waiting)} ${verb} not written since ${since ?? 'the start'}: ${problem}`;
}
