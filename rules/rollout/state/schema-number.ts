import type { AdoptionState } from './adoption';

/**
 * The newest state that this code reads; absent is 1, as in version 0.1.0. 2 is of a rollout that adopted a flag: an older build would not ask
 * what comes before its first raise.
 */
export const STATE_SCHEMA = 2;

/** The number of a state that this code writes: as low as an older build may read it. */
export const schemaOf = ({ adoption }: { readonly adoption?: AdoptionState | undefined }): number =>
  adoption === undefined ? 1 : 2;

/** A worker of an older build got it: it can keep and stop the rollout, and knows nothing of what else it must heed. */
export const isNewer = ({ schema = 1 }: { readonly schema?: number | undefined }): boolean => schema > STATE_SCHEMA;
