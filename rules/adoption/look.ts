import type { AuditReading } from '../audit/verify';
import type { FlagValue } from '../history/timeline';
import type { Owner } from '../rollout/owner';
import type { FlagReading } from '../rollout/state/flag';

/** What a read answered, or why it is not known. */
export type Looked<T> = { readonly is: T } | { readonly notKnown: string };

export interface OwnerRead {
  readonly parameter: string;
  /** Absent when no rollout owns the flag. */
  readonly text?: string | undefined;
  /** The Temporal that the worker serves. */
  readonly here: Owner['temporal'];
}

/** What AWS knows of a flag whose rollout may be gone from Temporal. Plain JSON. */
export interface AdoptionLook {
  readonly flag: Looked<FlagReading>;
  /** Every value that SSM still has, the oldest first. */
  readonly history: Looked<readonly FlagValue[]>;
  readonly owner: Looked<OwnerRead>;
  /** Absent when the plan names no audit record. */
  readonly record?: Looked<AuditReading> | undefined;
}

/** What Temporal knows of the workflow that the owner parameter names. `elsewhere`: its Temporal cannot be asked from here. */
export type OwnerSeen =
  | { readonly is: 'running' | 'unknown' | 'elsewhere' }
  | { readonly is: 'ended'; readonly how: string }
  | { readonly is: 'not-known'; readonly why: string };
