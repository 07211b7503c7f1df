import {
  type DeleteMarkerEntry,
  GetObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type ObjectVersion,
  type S3Client,
} from '@aws-sdk/client-s3';
import { auditKey, numberIn } from '../../../rules/audit/entry';
import type { AuditPlace } from '../../../rules/audit/place';

/** The objects of one environment's record. */
export interface AuditFolder {
  readonly s3: S3Client;
  readonly bucket: AuditPlace['bucket'];
  /** `auditFolder`. */
  readonly folder: string;
}

/** What the bucket has of one number; without versioning one version. */
export interface Versions {
  readonly number: number;
  /** The newest first, as S3 lists them. */
  readonly versions: readonly ObjectVersion[];
  readonly markers: readonly DeleteMarkerEntry[];
}

/** A few requests at a time: a record of years has thousands of objects. */
const AT_ONCE = 16;

/** The numbers above `after`, in order, also of what somebody has deleted: such a number is not free. */
export async function versionsAfter({ s3, bucket, folder }: AuditFolder, after = 0): Promise<readonly Versions[]> {
  const found = new Map<number, { readonly versions: ObjectVersion[]; readonly markers: DeleteMarkerEntry[] }>();
  const of = (Key = '') => {
    const number = numberIn(folder, Key);
    if (number === undefined || number <= after) return undefined;
    const known = found.get(number) ?? { versions: [], markers: [] };
    found.set(number, known);
    return known;
  };
  let marker: Pick<ListObjectVersionsCommandOutput, 'NextKeyMarker' | 'NextVersionIdMarker'> | undefined = {
    NextKeyMarker: after === 0 ? undefined : auditKey(folder, after),
  };
  do {
    const page: ListObjectVersionsCommandOutput = await s3.send(
      new ListObjectVersionsCommand({
        Bucket: bucket,
        Prefix: folder,
        KeyMarker: marker.NextKeyMarker,
        VersionIdMarker: marker.NextVersionIdMarker,
      }),
    );
    for (const one of page.Versions ?? []) of(one.Key)?.versions.push(one);
    for (const one of page.DeleteMarkers ?? []) of(one.Key)?.markers.push(one);
    marker = page.IsTruncated === true ? page : undefined;
  } while (marker !== undefined);
  return [...found]
    .map(([number, has]) => ({ number, ...has }))
    .filter(({ versions }) => versions.length > 0)
    .sort((a, b) => a.number - b.number);
}

/**
 * The line of the oldest version: S3 refused to write a number twice, so a later one is not the worker's. One line break ends
 * it, so that the objects one after the other are a file of JSON lines.
 */
export async function lineOf({ s3, bucket, folder }: AuditFolder, { number, versions }: Versions): Promise<string> {
  const { VersionId } = versions.at(-1) ?? {};
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: auditKey(folder, number), VersionId }));
  return ((await Body?.transformToString()) ?? '').replace(/\n$/, '');
}

/** The results in their order. */
export async function someAtOnce<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (let from = 0; from < items.length; from += AT_ONCE)
    results.push(...(await Promise.all(items.slice(from, from + AT_ONCE).map(work))));
  return results;
}
