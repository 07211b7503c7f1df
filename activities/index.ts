import { createFlagActions } from './act/flags';
import { createFreezeActions } from './act/freezes';
import { createStackActivities } from './act/stack';
import type { AwsFor } from './aws';
import { createExaminations } from './observe/examine';
import { createFlagObservations } from './observe/flags';
import { createFreezeObservations } from './observe/freezes';
import { createWatch } from './observe/watch';

/** Every activity the worker registers and the workflows call, made from one set of AWS clients. */
export function createActivities(awsFor: AwsFor) {
  return {
    ...createExaminations(awsFor),
    ...createFlagObservations(awsFor),
    ...createWatch(awsFor),
    ...createFlagActions(awsFor),
    ...createFreezeObservations(awsFor),
    ...createFreezeActions(awsFor),
    ...createStackActivities({}),
  };
}

export type Activities = ReturnType<typeof createActivities>;
