import { createFlagActions } from './act/flags';
import { createStackActivities } from './act/stack';
import type { AwsFor } from './aws';
import { createAlarmObservations } from './observe/alarms';
import { createFlagObservations } from './observe/flags';

/** Every activity the worker registers and the workflows call, made from one set of AWS clients. */
export function createActivities(awsFor: AwsFor) {
  return {
    ...createFlagObservations(awsFor),
    ...createAlarmObservations(awsFor),
    ...createFlagActions(awsFor),
    ...createStackActivities({}),
  };
}

export type Activities = ReturnType<typeof createActivities>;
