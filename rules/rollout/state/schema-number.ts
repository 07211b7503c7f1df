/** What this code writes. Absent is 1, as in version 0.1.0. */
export const STATE_SCHEMA = 1;

/** A worker of an older build got it: it can keep and stop the rollout, and knows nothing of what else it must heed. */
export const isNewer = ({ schema = 1 }: { readonly schema?: number | undefined }): boolean => schema > STATE_SCHEMA;
