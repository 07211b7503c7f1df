import { isObject, jsonIn } from '../../flags/json';
import type { ProofMark } from '../identity/permissions';
import type { Approval } from '../rollout/state/gates';
import type { AwsTarget } from '../plan/environment-plan';
import type { AuditPlace } from './place';
import { hashOf } from './hash';
import { canonicalJson } from '../plan/plan-hash';

/** The workflow that an entry is from. */
export interface AuditSource {
  readonly service: string;
  readonly environment: string;
  readonly workflowId: string;
  /** Its first run: the same after continue-as-new. */
  readonly run: string;
  readonly planHash: string;
}

/** One thing that happened: who did what, when and why. Plain JSON, without secrets: only what the log of the workflow has. */
export interface AuditEvent {
  /** From 1, by workflow: a gap is an entry that is not in the record. */
  readonly seq: number;
  /** ISO 8601. */
  readonly at: string;
  readonly what: string;
  readonly by?: string | undefined;
  /** How sure it is that `by` did it: `proved` by AWS, `claimed` (a name that was typed), `unproved` where the plan asks for a proof. */
  readonly proof?: ProofMark | undefined;
  /** The ARN of a proved caller. */
  readonly principal?: string | undefined;
  /** The reason of the decision that caused it, when the text does not say it. */
  readonly why?: string | undefined;
  /** The percentage of the flag that the workflow knew; absent while it was not known. */
  readonly percentage?: { readonly before?: number | undefined; readonly after?: number | undefined } | undefined;
  /** Who had consented to the raise that was written. */
  readonly approvals?: readonly Pick<Approval, 'by' | 'percentage' | 'atMs'>[] | undefined;
  /** How often the workflow's entry before it happened again meanwhile: what repeats every few seconds is one entry. */
  readonly repeated?: number | undefined;
}

/** An entry as it is written, in its place in the chain. */
export interface AuditEntry extends AuditEvent, AuditSource {
  readonly schema: 1;
  /** From 1, over all workflows of the environment. */
  readonly number: number;
  /** `hashOf` of the line before; of the first one `NOTHING_BEFORE`. */
  readonly previous: string;
}

/** The newest entry that somebody knows. */
export interface AuditHead {
  readonly number: number;
  readonly hash: string;
}

/** Events to be written. */
export interface AuditOrder {
  readonly aws: AwsTarget;
  readonly audit: AuditPlace;
  readonly source: AuditSource;
  /** The newest entry that the workflow knows; absent before its first. */
  readonly head?: AuditHead | undefined;
  /** Oldest first. */
  readonly events: readonly AuditEvent[];
}

export const NOTHING_BEFORE = '0'.repeat(64);
export const NO_HEAD: AuditHead = { number: 0, hash: NOTHING_BEFORE };

/** The line of an entry after `head`: canonical JSON, so that the same entry has the same hash everywhere. */
export function lineAfter(head: AuditHead, source: AuditSource, event: AuditEvent): string {
  const { service, environment, workflowId, run, planHash } = source;
  const about = { service, environment, workflowId, run, planHash };
  return canonicalJson({ ...event, ...about, schema: 1, number: head.number + 1, previous: head.hash });
}

/** @returns the head that a line makes. */
export const headOf = (number: number, line: string): AuditHead => ({ number, hash: hashOf(line) });

/** The entry of a line; undefined when it is not one, or not written as we write it. */
export function entryIn(line: string): AuditEntry | undefined {
  const value = jsonIn(line);
  if (!isObject(value) || canonicalJson(value) !== line) return undefined;
  const { schema, number, previous, seq, at, what, workflowId, run } = value;
  const texts = [previous, at, what, workflowId, run];
  if (schema !== 1 || !texts.every((text) => typeof text === 'string')) return undefined;
  return Number.isSafeInteger(number) && Number.isSafeInteger(seq) ? (value as unknown as AuditEntry) : undefined;
}

/**
 * Whether it is this event of this workflow, whatever its place: a write that was repeated finds itself. The number alone does not
 * say so: after a reset the workflow counts on from before, and may give a number that is written to something else.
 */
export function isEvent(
  entry: AuditEntry,
  { workflowId, run }: AuditSource,
  { seq, at, what, by }: AuditEvent,
): boolean {
  const isOfWorkflow = entry.workflowId === workflowId && entry.run === run;
  return isOfWorkflow && entry.seq === seq && entry.at === at && entry.what === what && entry.by === by;
}

const DIGITS = 10;

export const auditFolder = (
  { prefix }: AuditPlace,
  { service, environment }: Pick<AuditSource, 'service' | 'environment'>,
): string => `${prefix}${service}/${environment}/`;

/** Keys sort as numbers do. */
export const auditKey = (folder: string, number: number): string =>
  `${folder}${String(number).padStart(DIGITS, '0')}.json`;

/** Undefined for an object that is no entry. */
export function numberIn(folder: string, key: string): number | undefined {
  const number = Number(/^(\d{10})\.json$/.exec(key.slice(folder.length))?.[1] ?? NaN);
  return key.startsWith(folder) && number > 0 ? number : undefined;
}
