import type { UsedProof } from '../../identity/proof';
import type { Refusal } from '../../refusal';

/** Why a request to go on changed nothing. */
export interface OpenRequest extends Refusal {
  readonly atMs: number;
}

/** What a rollout knows of those who act on it. */
export interface IdentityState {
  /** The proofs that have counted, for as long as they would be fresh. */
  readonly used: readonly UsedProof[];
  /** The newest request to go on that had no proof that counts; absent after one that had. */
  readonly open?: OpenRequest | undefined;
}
