import { createFlagActions } from './act/flags';
import { createFreezeActions } from './act/freezes';
import type { FindLastRollout } from './act/proofs';
import { createProofs } from './act/proofs';
import { createStackActivities } from './act/stack';
import type { AwsFor } from './aws';
import { createExaminations } from './observe/examine';
import { createFlagObservations } from './observe/flags';
import { createFreezeObservations } from './observe/freezes';
import { createWatch } from './observe/watch';

/**
 * Every activity the worker registers and the workflows call, made from one set of AWS clients. `lastRollout` asks Temporal;
 * without it nothing can be proved by an earlier rollout.
 */
export function createActivities(awsFor: AwsFor, lastRollout?: FindLastRollout) {
  return {
    ...createExaminations(awsFor),
    ...createFlagObservations(awsFor),
    ...createWatch(awsFor),
    ...createFlagActions(awsFor),
    ...createFreezeObservations(awsFor),
    ...createFreezeActions(awsFor),
    ...createProofs(awsFor, lastRollout),
    ...createStackActivities({}),
  };
}

export type Activities = ReturnType<typeof createActivities>;
