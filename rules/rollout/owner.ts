import type { Parsed } from '../parsed';
import type { FlagTarget } from '../plan/environment-plan';
import type { RolloutState } from './state/state';
import { hold } from './pause-hold';
import { note } from './state/log';
import { escapeMarkdown } from '../format';

/**
 * The owner of an environment's flag, as one SSM parameter beside it. Temporal runs one workflow of an id only within one
 * namespace of one Temporal: the owner prevents a second Temporal from raising the same flag. The way to zero never reads it.
 */
export interface Owner {
  readonly schema: 1;
  readonly workflowId: string;
  /** Id of the first run, which stays the same over continue-as-new. */
  readonly firstRunId: string;
  readonly temporal: {
    /** Temporal's cluster id, or its address if it reports none. */
    readonly cluster: string;
    readonly namespace: string;
  };
  /** Who started the rollout. */
  readonly by: string;
  readonly sinceMs: number;
}

export type ParsedOwner = Parsed<'owner', Owner>;

export const ownerParameterOf = ({ parameter }: Pick<FlagTarget, 'parameter'>): string => `${parameter}-owner`;

/** Never throws. */
export function parseOwner(text: string): ParsedOwner {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, why: 'not JSON' };
  }
  if (typeof value !== 'object' || value === null) return { ok: false, why: 'not a JSON object' };
  const { schema, workflowId, firstRunId, temporal, by, sinceMs } = value as Record<string, unknown>;
  if (schema !== 1) return { ok: false, why: `schema is ${JSON.stringify(schema)}, only 1 is known` };
  const { cluster, namespace } = (typeof temporal === 'object' && temporal !== null ? temporal : {}) as Record<
    string,
    unknown
  >;
  const texts = [workflowId, firstRunId, cluster, namespace, by];
  if (texts.some((one) => typeof one !== 'string') || !Number.isSafeInteger(sinceMs))
    return { ok: false, why: 'workflowId, firstRunId, temporal, by or sinceMs is missing' };
  return { ok: true, owner: value as Owner };
}

type Claim = Pick<Owner, 'workflowId' | 'firstRunId' | 'temporal'>;

/**
 * Whether a rollout may raise the flag of an owned environment: the owner itself, and a later run of the same workflow, because
 * Temporal runs one at a time and the earlier one has ended. Any other rollout is refused.
 */
export function mayDrive(owner: Owner, asks: Claim): 'is-owner' | 'takes-over' | 'refused' {
  if (owner.workflowId !== asks.workflowId || !sameTemporal(owner, asks)) return 'refused';
  return owner.firstRunId === asks.firstRunId ? 'is-owner' : 'takes-over';
}

export const sameTemporal = (
  { temporal: a }: Pick<Owner, 'temporal'>,
  { temporal: b }: Pick<Owner, 'temporal'>,
): boolean => a.cluster === b.cluster && a.namespace === b.namespace;

/** Who owns the flag and how to free it. */
export function ownedWords(parsed: ParsedOwner, parameter: string, environment: string): string {
  const remedy = `if you are sure that it is gone, \`rollout flags release-owner ${environment} --reason …\` frees the flag`;
  if (!parsed.ok) return `the owner of the flag cannot be read (${parameter}: ${parsed.why}); ${remedy}`;
  const { workflowId, firstRunId, temporal, by, sinceMs } = parsed.owner;
  const where = `namespace ${temporal.namespace} of Temporal ${temporal.cluster}`;
  const who = `workflow ${workflowId}, run ${firstRunId}, in ${where}, started by ${escapeMarkdown(by)}`;
  return `the flag is owned since ${new Date(sinceMs).toISOString()} by ${who}; the flag is free when that rollout ends; ${remedy}`;
}

/** The ownership is requested; its answer may be lost. */
export function recordClaimed(state: RolloutState): RolloutState {
  return { ...state, flag: { ...state.flag, ownerRequested: true } };
}

export function recordOwned(state: RolloutState): RolloutState {
  return { ...state, flag: { ...state.flag, ownerRequested: true, owned: true } };
}

/** At the end, before it is recorded: until then verbs and alarms still act, and a raise would have to request it again. */
export function recordReleased(state: RolloutState): RolloutState {
  return { ...state, flag: { ...state.flag, ownerRequested: undefined, owned: undefined } };
}

/**
 * Found before a raise. A read shows whether an earlier attempt was written. A restoration must be chosen again, otherwise the
 * rollout would silently adopt an outside change.
 */
export function recordDisowned(state: RolloutState, why: string, nowMs: number): RolloutState {
  const flag = { ...state.flag, owned: undefined };
  if (flag.restoring !== undefined)
    return hold({ ...state, flag }, { why: `not restored: ${why}`, sinceMs: nowMs, because: 'unconfirmed' });
  return note({ ...state, flag: { ...flag, known: false } }, { atMs: nowMs, what: `not written: ${why}` });
}
