import { createDelivery } from './act/deliver-flag';
import { createRecordActions } from './act/deployment-record';
import { createFlagActions } from './act/flags';
import { createFindingsActions } from './act/findings';
import { createFreezeActions } from './act/freezes';
import { createOwnerActions } from './act/owner';
import type { FindLastRollout } from './act/proofs';
import { createNotifications } from './act/notify';
import { createKeepActivities } from './act/keep-stacks';
import { createProbe } from './act/probe';
import { createProofs } from './act/proofs';
import { createSetup } from './act/setup';
import { createStackActivities } from './act/stack';
import { createNextflowJobs } from './act/test-jobs';
import { createVerifyJobs } from './act/verify-jobs';
import { createBackActivities } from './act/stack-back';
import { createStopActivities } from './act/stack-stop';
import type { AwsFor } from './aws';
import { createHealthObservations } from './observe/api-health';
import { createDashboardObservations } from './observe/dashboard-data';
import { createDiagnosis } from './observe/diagnose';
import { createChangeObservations } from './observe/changes';
import { createDeploymentRecords } from './observe/deployment-record';
import { createDriftObservations } from './observe/drift';
import { createExaminations } from './observe/examine';
import { createFinishedJobs } from './observe/finished-jobs';
import { createFlagHistory } from './observe/flag-history';
import { createFlagObservations } from './observe/flags';
import { createFreezeObservations } from './observe/freezes';
import { createKeptImages } from './observe/kept-images';
import { createNextflowObservations } from './observe/nextflow';
import { createStackObservations } from './observe/stacks';
import { createSyntheses } from './observe/synthesis';
import { createWatch } from './observe/watch';

/**
 * Every activity the worker registers and the workflows call, made from one set of AWS clients. `lastRollout` asks Temporal;
 * without it nothing can be proved by an earlier rollout. `cluster` tells one Temporal from another.
 */
export function createActivities(awsFor: AwsFor, lastRollout?: FindLastRollout, cluster = '') {
  const known = { cluster, ...(lastRollout === undefined ? {} : { lastRollout }) };
  return {
    ...createExaminations(awsFor, known),
    ...createDiagnosis(awsFor),
    ...createFlagObservations(awsFor),
    ...createFlagHistory(awsFor),
    ...createWatch(awsFor),
    ...createFlagActions(awsFor, cluster),
    ...createDelivery(awsFor),
    ...createOwnerActions(awsFor, known),
    ...createFreezeObservations(awsFor),
    ...createFreezeActions(awsFor),
    ...createProofs(awsFor, lastRollout),
    ...createProbe(awsFor),
    ...createFindingsActions(awsFor),
    ...createNotifications(awsFor),
    ...createNextflowObservations(awsFor),
    ...createFinishedJobs(awsFor),
    ...createNextflowJobs(),
    ...createSetup(awsFor),
    ...createStackActivities(awsFor),
    ...createStopActivities(awsFor),
    ...createHealthObservations(awsFor),
    ...createDashboardObservations(awsFor),
    ...createVerifyJobs(awsFor),
    ...createStackObservations(awsFor),
    ...createSyntheses(awsFor),
    ...createKeepActivities(awsFor),
    ...createChangeObservations(awsFor),
    ...createKeptImages(awsFor),
    ...createBackActivities(awsFor),
    ...createDriftObservations(awsFor),
    ...createDeploymentRecords(awsFor),
    ...createRecordActions(awsFor),
  };
}

export type Activities = ReturnType<typeof createActivities>;
