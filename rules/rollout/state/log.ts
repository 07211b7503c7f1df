import type { ProofMark } from '../../identity/permissions';
import type { SentNotice, Threads } from '../../notify/notice';
import { firstCharacters } from '../../format';

export interface LogEntry {
  readonly atMs: number;
  readonly what: string;
  readonly by?: string;
  /** How sure it is that `by` did it; absent for what the rollout itself did. */
  readonly proof?: ProofMark | undefined;
  /** The ARN of a proved caller. */
  readonly principal?: string | undefined;
}

/** What happened and what people heard of it, of a rollout or a deployment. Bounded, oldest first. */
export interface Log {
  readonly entries: readonly LogEntry[];
  readonly sentNotices: readonly SentNotice[];
  /** The thread of the notices in each channel that has threads; the first message opens it. */
  readonly threads?: Threads;
}

export const EMPTY_LOG: Log = { entries: [], sentNotices: [] };

const LOG_LENGTH = 60;
/**
 * Longest text in the state, which is part of every order and crosses continue-as-new: Temporal ends a workflow whose payload
 * exceeds 2 MB. https://docs.temporal.io/workflow-execution/limits
 */
const TEXT_CHARACTERS = 1_000;
export const bounded = (text: string): string => firstCharacters(text, TEXT_CHARACTERS);

export function note<State extends { readonly log: Log }>(state: State, entry: LogEntry): State {
  const entries = [...state.log.entries, { ...entry, what: bounded(entry.what) }].slice(-LOG_LENGTH);
  return { ...state, log: { ...state.log, entries } };
}
