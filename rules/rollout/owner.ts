import type { Parsed } from '../parsed';
import type { FlagTarget } from '../plan/environment-plan';
import type { RolloutState } from './state/state';
import { hold } from './pause-hold';
import { note } from './state/log';
import { escapeMarkdown } from '../format';

/**
 * Who drives an environment, as one SSM parameter beside the flag. Temporal runs one workflow of an id, but only within one
 * namespace of one Temporal: this keeps a second one from driving the same flag. The way to zero never looks at it.
 */
export interface Owner {
  readonly schema: 1;
  readonly workflowId: string;
  /** Of the first run: it outlives continue-as-new. */
  readonly firstRunId: string;
  readonly temporal: {
    /** Temporal's own id of its cluster, or its address where it tells none. */
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
  if (schema !== 1) return { ok: false, why: `schema is ${JSON.stringify(schema)}, 1 is known` };
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
 * Whether an environment that has an owner may be driven: by the owner itself, and by a later run of the same workflow,
 * because Temporal runs one at a time, so that the earlier one has ended. Anybody else is refused.
 */
export function mayDrive(owner: Owner, asks: Claim): 'is-owner' | 'takes-over' | 'refused' {
  if (owner.workflowId !== asks.workflowId || !sameTemporal(owner, asks)) return 'refused';
  return owner.firstRunId === asks.firstRunId ? 'is-owner' : 'takes-over';
}

export const sameTemporal = (
  { temporal: a }: Pick<Owner, 'temporal'>,
  { temporal: b }: Pick<Owner, 'temporal'>,
): boolean => a.cluster === b.cluster && a.namespace === b.namespace;

/** Who owns it and what would free it. */
export function ownedWords(parsed: ParsedOwner, parameter: string, environment: string): string {
  const remedy = `\`rollout flags release-owner ${environment} --reason …\` frees it when that one is known to be gone`;
  if (!parsed.ok) return `the owner of the flag cannot be read (${parameter}: ${parsed.why}); ${remedy}`;
  const { workflowId, firstRunId, temporal, by, sinceMs } = parsed.owner;
  const where = `namespace ${temporal.namespace} of Temporal ${temporal.cluster}`;
  const who = `workflow ${workflowId}, run ${firstRunId}, in ${where}, started by ${escapeMarkdown(by)}`;
  return `the flag is owned since ${new Date(sinceMs).toISOString()} by ${who}; it is free when that rollout has ended; ${remedy}`;
}

/** It is being asked for, and the answer may never be heard. */
export function recordClaimed(state: RolloutState): RolloutState {
  return { ...state, flag: { ...state.flag, ownerRequested: true } };
}

export function recordOwned(state: RolloutState): RolloutState {
  return { ...state, flag: { ...state.flag, ownerRequested: true, owned: true } };
}

/** At the end, before it is recorded: until then a verb or an alarm is obeyed, and a raise would have to ask again. */
export function recordReleased(state: RolloutState): RolloutState {
  return { ...state, flag: { ...state.flag, ownerRequested: undefined, owned: undefined } };
}

/**
 * Found before a raise. A read shows whether an earlier attempt at it was written. A restoration has to be chosen again:
 * otherwise the rollout would silently adopt an external change.
 */
export function recordDisowned(state: RolloutState, why: string, nowMs: number): RolloutState {
  const flag = { ...state.flag, owned: undefined };
  if (flag.restoring !== undefined)
    return hold({ ...state, flag }, { why: `not restored: ${why}`, sinceMs: nowMs, because: 'unconfirmed' });
  return note({ ...state, flag: { ...flag, known: false } }, { atMs: nowMs, what: `not written: ${why}` });
}
