import { canonicalJson } from '../plan/plan-hash';
import type { Log, LogEntry } from '../rollout/state/log';
import type { AuditEvent, AuditHead } from './entry';

/** What is to be written, and what was. Plain JSON: it crosses continue-as-new. */
export interface AuditState {
  /** Of the newest event. */
  readonly seq: number;
  /** Oldest first. */
  readonly waiting: readonly AuditEvent[];
  /** What the newest event said, and how often it has happened since. */
  readonly last?: {
    readonly what: string;
    readonly by?: string | undefined;
    readonly principal?: string | undefined;
  };
  readonly repeated?: number;
  /** The newest entry of this workflow in the record. */
  readonly head?: AuditHead;
  /** Why the newest try failed. */
  readonly problem?: string | undefined;
}

export const NOTHING_WRITTEN: AuditState = { seq: 0, waiting: [] };

/**
 * So many events wait at most: they cross continue-as-new, and Temporal ends a workflow whose payload exceeds 2 MB. Days of
 * failing writes; what is dropped shows in the record as a gap.
 */
export const MOST_WAITING = 300;

/** What surrounds the entries of a log when they are made. */
export type Around = Pick<AuditEvent, 'why' | 'percentage' | 'approvals'>;

/** The entries that a change has added to a log. */
export function entriesAdded(before: Log | undefined, after: Log): readonly LogEntry[] {
  const known = before?.entries.at(-1);
  return known === undefined ? after.entries : after.entries.slice(after.entries.lastIndexOf(known) + 1);
}

/** An event that repeats the one before is counted, and not written again. */
export function withEvents(state: AuditState, added: readonly LogEntry[], around: Around): AuditState {
  return added.reduce((now, { atMs, what, by, proof, principal }) => {
    if (now.last?.what === what && now.last.by === by && now.last.principal === principal)
      return { ...now, repeated: (now.repeated ?? 0) + 1 };
    const seq = now.seq + 1;
    const event = {
      seq,
      at: new Date(atMs).toISOString(),
      what,
      by,
      proof,
      principal,
      ...around,
      repeated: now.repeated,
    };
    const waiting = [...now.waiting, event].slice(-MOST_WAITING);
    return { ...now, seq, waiting, last: { what, by, principal }, repeated: undefined };
  }, state);
}

export function written(state: AuditState, upTo: number, head: AuditHead): AuditState {
  return { ...state, waiting: state.waiting.filter(({ seq }) => seq > upTo), head, problem: undefined };
}

/** How the record is behind, for the status. */
export interface AuditStatus {
  /** The newest entry of this rollout that is in the record. */
  readonly head?: AuditHead | undefined;
  /** How many entries wait to be written; absent after the end, when another workflow writes the rest. */
  readonly waiting?: number | undefined;
  /** Since when, ISO 8601. */
  readonly since?: string | undefined;
  readonly problem?: string | undefined;
}

export const auditStatus = ({ head, waiting, problem }: AuditState, hasEnded: boolean): AuditStatus =>
  hasEnded ? { head } : { head, waiting: waiting.length, since: waiting[0]?.at, problem };

const BATCH_BYTES = 200_000;
const BATCH = 25;

/** The oldest ones, as many as one activity gets. */
export function batchOf({ waiting }: Pick<AuditState, 'waiting'>): readonly AuditEvent[] {
  let left = BATCH_BYTES;
  const fitting = waiting.slice(0, BATCH).filter((event, index) => {
    left -= canonicalJson(event).length;
    return index === 0 || left > 0;
  });
  return fitting;
}
