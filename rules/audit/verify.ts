import { type AuditEntry, type AuditHead, entryIn, NOTHING_BEFORE } from './entry';
import { entryWords } from './findings';
import { hashOf } from './hash';

/** One object of the record. */
export interface AuditObject {
  /** By its key. */
  readonly number: number;
  /** The oldest version of it, without the line break. */
  readonly line: string;
  /** Later versions, which a bucket with versioning keeps: nobody writes a number twice. */
  readonly overwrittenAt?: readonly string[] | undefined;
  /** When somebody deleted it; a bucket with versioning keeps what was there. */
  readonly deletedAt?: string | undefined;
}

export interface AuditProblem {
  readonly kind: 'missing' | 'truncated' | 'altered' | 'moved' | 'overwritten' | 'deleted' | 'incomplete';
  /** The numbers it is about, from and to. */
  readonly from: number;
  readonly to: number;
  readonly why: string;
}

export interface Verified {
  readonly head: AuditHead;
  /** The readable entries, by number. */
  readonly entries: readonly AuditEntry[];
  /** By number. */
  readonly problems: readonly AuditProblem[];
}

/** What the record has, and what is wrong with it. Plain JSON. */
export interface AuditReading {
  /** `s3://bucket/prefix/service/environment/` */
  readonly place: string;
  readonly count: number;
  readonly head: AuditHead;
  /** The newest, oldest first. */
  readonly entries: readonly AuditEntry[];
  /** The first of them. */
  readonly problems: readonly AuditProblem[];
  readonly problemCount: number;
}

interface Seen extends AuditObject {
  readonly hash: string;
  readonly entry?: AuditEntry | undefined;
}

/**
 * Whether the record is whole. Each entry vouches for the one before it by its hash, and a known head for its own number, so
 * that an altered entry is found by what was not altered. The last entry of a record is vouched for only by a head.
 */
export function verifyRecord(objects: readonly AuditObject[], heads: readonly AuditHead[] = []): Verified {
  const seen = new Map(objects.map((one) => [one.number, seenOf(one)]));
  const last = Math.max(0, ...seen.keys());
  const problems = [
    ...gaps(seen, last),
    ...truncated(last, heads),
    ...objects.flatMap(touched),
    ...moved(seen),
    ...altered(seen, last, heads),
  ];
  const entries = [...seen.values()].flatMap(({ entry }) => entry ?? []).sort((a, b) => a.number - b.number);
  const all = [...problems, ...incomplete(entries)].sort((a, b) => a.from - b.from || a.to - b.to);
  return { head: { number: last, hash: seen.get(last)?.hash ?? NOTHING_BEFORE }, entries, problems: all };
}

/** An entry that names another number is no entry here. */
function seenOf(object: AuditObject): Seen {
  const entry = entryIn(object.line);
  return { ...object, hash: hashOf(object.line), entry: entry?.number === object.number ? entry : undefined };
}

const problem = (kind: AuditProblem['kind'], from: number, why: string, to = from): AuditProblem => ({
  kind,
  from,
  to,
  why,
});

function gaps(seen: ReadonlyMap<number, Seen>, last: number): readonly AuditProblem[] {
  const numbers = [0, ...[...seen.keys()].sort((a, b) => a - b)];
  return numbers.flatMap((number, index) => {
    const next = numbers[index + 1] ?? last + 1;
    return next - number > 1 ? [problem('missing', number + 1, 'no such object', next - 1)] : [];
  });
}

function truncated(last: number, heads: readonly AuditHead[]): readonly AuditProblem[] {
  const known = Math.max(0, ...heads.map(({ number }) => number));
  return known > last
    ? [problem('truncated', last + 1, `the record ends at ${last}, but ${known} was written`, known)]
    : [];
}

function touched({ number, overwrittenAt = [], deletedAt }: AuditObject): readonly AuditProblem[] {
  const written =
    overwrittenAt.length === 0 ? [] : [`written again at ${overwrittenAt.join(', ')}; the first one counts`];
  return [
    ...written.map((why) => problem('overwritten', number, why)),
    ...(deletedAt === undefined
      ? []
      : [problem('deleted', number, `deleted at ${deletedAt}; the bucket still has it`)]),
  ];
}

function moved(seen: ReadonlyMap<number, Seen>): readonly AuditProblem[] {
  return [...seen.values()].flatMap(({ number, line, entry }) => {
    if (entry !== undefined) return [];
    const other = entryIn(line)?.number;
    if (other === undefined) return [problem('altered', number, 'it is not an entry as the worker writes them')];
    return [problem('moved', number, `entry ${other} is in its place`)];
  });
}

/** From the newest to the oldest: an entry that is not the one it was vouches for nothing. */
function altered(seen: ReadonlyMap<number, Seen>, last: number, heads: readonly AuditHead[]): readonly AuditProblem[] {
  const found: AuditProblem[] = [];
  let vouched: { readonly hash: string; readonly by: string } | undefined;
  for (let number = last; number >= 1; number -= 1) {
    const one = seen.get(number);
    const head = heads.find((known) => known.number === number);
    const wanted = head === undefined ? vouched : { hash: head.hash, by: 'the rollout that wrote it' };
    const isSame = one?.entry !== undefined && (wanted === undefined || wanted.hash === one.hash);
    if (one?.entry !== undefined && !isSame)
      found.push(problem('altered', number, `it has another hash than ${wanted?.by} knows`));
    vouched = isSame ? { hash: one.entry.previous, by: `entry ${number}` } : undefined;
    if (isSame && number === 1 && one.entry.previous !== NOTHING_BEFORE)
      found.push(problem('altered', 1, 'it continues another record'));
  }
  return found;
}

/** Each workflow counts its own entries: one that was never written, or was removed with all numbers after it. */
function incomplete(entries: readonly AuditEntry[]): readonly AuditProblem[] {
  const newest = new Map<string, number>();
  return entries.flatMap(({ number, workflowId, run, seq }) => {
    const source = `${workflowId} (run ${run})`;
    const before = newest.get(source) ?? 0;
    newest.set(source, Math.max(before, seq));
    if (seq === before + 1) return [];
    if (seq <= before)
      return [
        problem(
          'incomplete',
          number,
          `${source}: its entry ${seq} comes after its entry ${before}: it was reset in Temporal, or the entry is not its own`,
        ),
      ];
    const count = entryWords(seq - before - 1);
    return [
      problem('incomplete', number, `${source}: ${count} before it, from ${before + 1} on, are not in the record`),
    ];
  });
}

/** `3`, or `3 to 5`. */
export const numbersOf = ({ from, to }: Pick<AuditProblem, 'from' | 'to'>): string =>
  from === to ? String(from) : `${from} to ${to}`;
