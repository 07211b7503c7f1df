import { auditFolder } from './entry';
import type { AuditPlace } from './place';

/** What a worker may do with the record: add objects and read them; nothing that changes or removes one. */
const WRITING_AUDIT = ['PutObject', 'GetObject', 'GetObjectVersion'].map((action) => `s3:${action}`);
/** Of the bucket: what is in the folder. */
const LISTING_AUDIT = ['s3:ListBucketVersions'];
/** What the doctor reads of it. */
const EXAMINING_AUDIT = ['GetBucketVersioning', 'GetBucketObjectLockConfiguration'].map((action) => `s3:${action}`);

interface AuditOf {
  readonly service: string;
  readonly environment: string;
}

/** The same for the printed policy and for the constructs; `s3` makes the ARN of a bucket or of objects in it. */
export function auditRights(place: AuditPlace, of: AuditOf, s3: (resource: string) => string) {
  const folder = auditFolder(place, of);
  const bucket = s3(place.bucket);
  return [
    { actions: WRITING_AUDIT, resource: s3(`${place.bucket}/${folder}*`) },
    { actions: LISTING_AUDIT, resource: bucket, condition: { StringLike: { 's3:prefix': `${folder}*` } } },
    { actions: EXAMINING_AUDIT, resource: bucket },
  ];
}
