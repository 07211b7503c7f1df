import { createFlagActions } from './act/flags';
import { createFreezeActions } from './act/freezes';
import { createStackActivities } from './act/stack';
import type { AwsFor } from './aws';
import { createAlarmObservations } from './observe/alarms';
import { createFlagObservations } from './observe/flags';
import { createFreezeObservations } from './observe/freezes';

/** Every activity the worker registers and the workflows call, made from one set of AWS clients. */
export function createActivities(awsFor: AwsFor) {
  return {
    ...createFlagObservations(awsFor),
    ...createAlarmObservations(awsFor),
    ...createFlagActions(awsFor),
    ...createFreezeObservations(awsFor),
    ...createFreezeActions(awsFor),
    ...createStackActivities({}),
  };
}

export type Activities = ReturnType<typeof createActivities>;
