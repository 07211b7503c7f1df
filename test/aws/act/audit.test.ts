import {
  CreateBucketCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
} from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import { createAuditWriter } from '../../../activities/act/audit/write-audit';
import { createAuditReader } from '../../../activities/observe/audit/read-audit';
import { examineAudit } from '../../../activities/observe/doctor/audit';
import { type AuditEvent, auditFolder, type AuditHead, auditKey, type AuditOrder } from '../../../rules/audit/entry';
import { type AuditReading, numbersOf } from '../../../rules/audit/verify';
import { freshAccounts } from '../../helpers/aws/accounts';
import { activityEnvironment } from '../../helpers/activity-environment';
import { aPlan } from '../../helpers/samples/plans';
import { awsFor, lookAt } from '../../helpers/samples/looks';

const nextAccount = freshAccounts(14);
type Aws = ReturnType<typeof nextAccount>;
const { writeAudit } = createAuditWriter(awsFor);
const { readAudit } = createAuditReader(awsFor);

const of = { service: 'checkout', environment: 'prod' } as const;
const source = { ...of, workflowId: 'rollout-checkout-prod', run: 'run-1', planHash: 'abcdefabcdef' };
const events = (from: number, to: number): AuditEvent[] =>
  Array.from({ length: to - from + 1 }, (_, index) => {
    const seq = from + index;
    return { seq, at: '2026-11-30T08:00:00.000Z', what: `happening ${seq}`, by: 'ada' };
  });

interface Place {
  readonly aws: Aws;
  readonly audit: { readonly bucket: string; readonly prefix: string };
}

async function place(lock: 'locked' | 'plain' = 'locked'): Promise<Place> {
  const aws = nextAccount();
  // Names of buckets are global.
  const bucket = `records-${randomUUID()}`;
  const { s3 } = awsFor(aws);
  await s3.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: lock === 'locked' }));
  const DefaultRetention = { Mode: 'COMPLIANCE', Days: 7 } as const;
  const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention } } as const;
  if (lock === 'locked')
    await s3.send(new PutObjectLockConfigurationCommand({ Bucket: bucket, ObjectLockConfiguration }));
  return { aws, audit: { bucket, prefix: 'rollouts/' } };
}

const write = (at: Place, order: Partial<AuditOrder> & Pick<AuditOrder, 'events'>): Promise<AuditHead> =>
  activityEnvironment().run(writeAudit, { ...at, source, ...order });
const read = (at: Place, ...heads: AuditHead[]): Promise<AuditReading> =>
  activityEnvironment().run(readAudit, { ...at, ...of, heads });
const problemsOf = async (at: Place, ...heads: AuditHead[]): Promise<readonly string[]> =>
  (await read(at, ...heads)).problems.map((one) => `${one.kind} ${numbersOf(one)}`);
const keyOf = ({ audit }: Place, number: number) => ({
  Bucket: audit.bucket,
  Key: auditKey(auditFolder(audit, of), number),
});

describe('the audit record', () => {
  it('has each event as an object of its own, in its order, and is whole', async () => {
    const at = await place();
    const first = await write(at, { events: events(1, 3) });
    const head = await write(at, { events: events(4, 5), head: first });
    const record = await read(at, head);
    expect(record).toMatchObject({ count: 5, head, problems: [], problemCount: 0 });
    expect(record.place).toBe(`s3://${at.audit.bucket}/rollouts/checkout/prod/`);
    expect(record.entries.map(({ number, what, by }) => [number, what, by])).toEqual(
      [1, 2, 3, 4, 5].map((number) => [number, `happening ${number}`, 'ada']),
    );
  });

  it('is empty where nothing was written, and unreadable where there is no bucket', async () => {
    const at = await place('plain');
    expect(await read(at)).toMatchObject({ count: 0, problems: [], head: { number: 0 } });
    const gone = { ...at, audit: { ...at.audit, bucket: `gone-${randomUUID()}` } };
    await expect(read(gone)).rejects.toThrow(/reading the audit record s3:\/\/gone-.*NoSuchBucket/);
    await expect(write(gone, { events: events(1, 1) })).rejects.toThrow(/writing to the audit record/);
  });

  it('has an event once, however often it is written: a try whose answer was lost is repeated', async () => {
    const at = await place();
    const head = await write(at, { events: events(1, 2) });
    await expect(write(at, { events: events(1, 2) })).resolves.toEqual(head);
    await expect(write(at, { events: events(1, 3) })).resolves.toMatchObject({ number: 3 });
    await expect(
      write(at, { events: events(2, 3), head: { ...head, number: 1, hash: 'of before' } }),
    ).resolves.toMatchObject({
      number: 3,
    });
    expect(await problemsOf(at)).toEqual([]);
  });

  it('has what a workflow that was reset did under a number that it had given before, and says that the number is there twice', async () => {
    const at = await place();
    const head = await write(at, { events: events(1, 2) });
    const abort = { seq: 2, at: '2026-11-30T09:00:00.000Z', what: 'abort: too slow', by: 'bob' };
    await write(at, { events: [abort] });
    await expect(write(at, { events: [abort], head: { ...head, number: 1 } })).resolves.toMatchObject({ number: 3 });
    expect((await read(at)).entries.map(({ seq, what }) => [seq, what])).toEqual([
      [1, 'happening 1'],
      [2, 'happening 2'],
      [2, 'abort: too slow'],
    ]);
    expect(await problemsOf(at)).toEqual(['incomplete 3']);
  });

  it('is one chain when several workflows write at the same moment: S3 gives each number once', async () => {
    const at = await place();
    const writers = ['run-1', 'run-2', 'run-3'].map((run) => ({ ...source, run }));
    const heads = await Promise.all(writers.map((one) => write(at, { source: one, events: events(1, 6) })));
    const record = await read(at, ...heads);
    expect(record).toMatchObject({ count: 18, problems: [] });
    for (const { run } of writers)
      expect(record.entries.filter((one) => one.run === run).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('says what was written over, and goes on with what was there first', async () => {
    const at = await place();
    const head = await write(at, { events: events(1, 3) });
    await awsFor(at.aws).s3.send(new PutObjectCommand({ ...keyOf(at, 3), Body: 'nothing happened\n' }));
    expect(await problemsOf(at, head)).toEqual(['overwritten 3']);
    const next = await write(at, { source: { ...source, run: 'run-2' }, events: events(1, 1) });
    expect(next.number).toBe(4);
    expect(await problemsOf(at, next)).toEqual(['overwritten 3']);
  });

  it('says what was deleted; its number is not given again', async () => {
    const at = await place();
    const head = await write(at, { events: events(1, 3) });
    await awsFor(at.aws).s3.send(new DeleteObjectCommand(keyOf(at, 3)));
    const next = await write(at, { source: { ...source, run: 'run-2' }, events: events(1, 1) });
    expect(next.number).toBe(4);
    expect(await problemsOf(at, head, next)).toEqual(['deleted 3']);
  });

  it('in a bucket without versions says what is missing, altered, and cut off, by the numbers', async () => {
    const at = await place('plain');
    const { s3 } = awsFor(at.aws);
    const head = await write(at, { events: events(1, 9) });
    for (const number of [4, 5, 9]) await s3.send(new DeleteObjectCommand(keyOf(at, number)));
    await s3.send(new PutObjectCommand({ ...keyOf(at, 2), Body: '{"what":"nothing"}\n' }));
    expect(await problemsOf(at, head)).toEqual([
      'altered 2',
      'incomplete 3',
      'missing 4 to 5',
      'incomplete 6',
      'truncated 9',
    ]);
  });

  it('has years of entries, over all pages', async () => {
    const at = await place();
    const count = 1_050;
    let head: AuditHead | undefined;
    for (let from = 1; from <= count; from += 50) head = await write(at, { events: events(from, from + 49), head });
    const record = await read(at, ...(head === undefined ? [] : [head]));
    expect(record).toMatchObject({ count, problems: [] });
    // What the answer has room for.
    expect(record.entries.at(-1)).toMatchObject({ number: count });
    expect(record.entries).toHaveLength(500);
  });
});

describe('the doctor', () => {
  const findings = async ({ aws, audit }: Place) => {
    return (await examineAudit(aPlan({ ...of, aws, audit }), lookAt(aws))).map(
      ({ level, what }) => `${level}: ${what}`,
    );
  };

  it('says that a locked bucket keeps the record, and that the worker may add to it', async () => {
    const at = await place();
    await write(at, { events: events(1, 1) });
    expect(await findings(at)).toEqual([
      'ok: 1 entry; each is locked for 7 days, in compliance mode',
      'ok: allowed (tried without changing it)',
    ]);
    expect(await problemsOf(at)).toEqual([]);
  });

  it('tries no number that was deleted: S3 would take an empty object there, and lock it for years', async () => {
    const at = await place();
    await write(at, { events: events(1, 2) });
    await awsFor(at.aws).s3.send(new DeleteObjectCommand(keyOf(at, 1)));
    expect(await findings(at)).toContain('ok: allowed (tried without changing it)');
    await awsFor(at.aws).s3.send(new DeleteObjectCommand(keyOf(at, 2)));
    expect(await findings(at)).toEqual([expect.stringMatching(/^ok: 2 entries/)]);
    expect(await problemsOf(at)).toEqual(['deleted 1', 'deleted 2']);
  });

  it('warns of a bucket that keeps no versions, and of one that is not there; neither stops a rollout', async () => {
    const at = await place('plain');
    expect(await findings(at)).toEqual([expect.stringMatching(/^warning: 0 entries; the bucket keeps no versions/)]);
    const gone = { ...at, audit: { ...at.audit, bucket: `gone-${randomUUID()}` } };
    expect(await findings(gone)).toEqual([expect.stringMatching(/^warning: could not be checked: NoSuchBucket/)]);
  });

  it('looks at no record that the plan does not name', async () => {
    const { aws } = await place('plain');
    expect(await examineAudit(aPlan({ aws }), lookAt(aws))).toEqual([]);
  });
});
