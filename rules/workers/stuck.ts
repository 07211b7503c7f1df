export interface PendingTask {
  /** 0 without a task; a task that was never tried has 1. */
  readonly attempt: number;
  /** The id of the release that started the rollout. */
  readonly parent: string | undefined;
}

/** What to do with a rollout, judged by its task: `leave` one that may not be reset. */
export const stuckTask = ({ attempt, parent }: PendingTask): 'moves' | 'free' | 'leave' => {
  if (attempt <= 1) return 'moves';
  return parent ? 'leave' : 'free';
};

const NEXT_TRY = 'its task is tried again within ten minutes';

/** To its release it would have ended. */
export const OF_RELEASE = `it belongs to a release, which would lose it if it were reset; ${NEXT_TRY}`;
export const NOTHING_DONE = `none of its tasks has ever succeeded, so there is nothing to continue from; ${NEXT_TRY}`;

/** A rollout whose task fails, and why it was not freed. */
export interface StillStuck {
  /** Undefined: not all rollouts could be listed. */
  readonly workflowId?: string;
  readonly why: string;
}

export const stuckLine = ({ workflowId, why }: StillStuck): string =>
  workflowId === undefined
    ? `NOT KNOWN whether more rollouts are stuck, because they could not be listed: ${why}`
    : `${workflowId}: STILL STUCK, because ${why}`;
