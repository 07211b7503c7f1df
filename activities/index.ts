import { createAuditWriter } from './act/audit/write-audit';
import { createDelivery } from './act/delivery/deliver-flag';
import { createRecordActions } from './act/stacks/deployment-record';
import { createFlagActions, type FlagWritten } from './act/flag/flags';
import { createFindingsActions } from './act/flag/findings';
import { createFreezeActions } from './act/flag/freezes';
import { createOwnerActions, type TemporalKnown } from './act/flag/owner';
import { createNotifications } from './act/notify/notify';
import { createKeepActivities } from './act/keep-stacks';
import { createProbe } from './act/jobs/probe';
import { createSetup } from './act/stacks/setup';
import { createStackActivities } from './act/stacks/stack';
import { createVerifyJobs } from './act/jobs/verify-jobs';
import { createBackActivities } from './act/stack-back';
import { createStopActivities } from './act/stacks/stack-stop';
import type { JobKinds } from '../rules/jobs/job-kind';
import type { AwsFor } from './aws';
import { failure } from './failures';
import { createAuditReader } from './observe/audit/read-audit';
import { createHealthObservations } from './observe/api-health';
import { createChecks } from './observe/checks/run-check';
import { createDashboardObservations } from './observe/verification/dashboard-data';
import { createDiagnosis } from './observe/diagnosis/diagnose';
import { createChangeObservations } from './observe/changes';
import { createDeploymentRecords } from './observe/stacks/deployment-record';
import { createDriftObservations } from './observe/stacks/drift';
import { createExaminations } from './observe/doctor/examine';
import { createFinishedJobs } from './observe/verification/finished-jobs';
import { createFlagHistory } from './observe/flag/flag-history';
import { createFlagObservations } from './observe/flag/flags';
import { createFreezeObservations } from './observe/flag/freezes';
import { createKeptImages } from './observe/stacks/kept-images';
import { createOwnerObservations } from './observe/flag/owner';
import { createStackObservations } from './observe/stacks';
import { createSyntheses } from './observe/stacks/synthesis';
import { createCallerVerification } from './observe/identity/verify-caller';
import { createWatch } from './observe/watch';

/**
 * Every activity that the worker registers and the workflows call, built on one set of AWS clients. Without `lastRollout`,
 * which asks Temporal, no check knows of an earlier rollout; without `missingAttributes` lists show no phase and
 * percentage. `jobKinds` are the kinds of jobs that plans may name. `onWritten` is called after each write of a flag; nothing
 * waits for it.
 */
export function createActivities(
  awsFor: AwsFor,
  known: TemporalKnown = { cluster: '' },
  jobKinds: JobKinds = [],
  onWritten?: (written: FlagWritten) => void,
) {
  return {
    ...createExaminations(awsFor, known, jobKinds),
    ...createDiagnosis(awsFor),
    ...createFlagObservations(awsFor),
    ...createFlagHistory(awsFor),
    ...createOwnerObservations(awsFor, known),
    ...createWatch(awsFor, jobKinds),
    ...createCallerVerification(),
    ...createFlagActions(awsFor, known.cluster, onWritten),
    ...createDelivery(awsFor),
    ...createOwnerActions(awsFor, known),
    ...createFreezeObservations(awsFor),
    ...createFreezeActions(awsFor),
    ...createChecks(awsFor, { lastRollout: known.lastRollout, jobKinds, onlyPlans: known.onlyPlans }),
    ...createProbe(awsFor, jobKinds),
    ...createFindingsActions(awsFor),
    ...createNotifications(awsFor),
    ...createAuditWriter(awsFor),
    ...createAuditReader(awsFor),
    ...createFinishedJobs(awsFor),
    ...createSetup(awsFor),
    ...createStackActivities(awsFor),
    ...createStopActivities(awsFor),
    ...createHealthObservations(awsFor),
    ...createDashboardObservations(awsFor),
    ...createVerifyJobs(awsFor, jobKinds),
    ...createStackObservations(awsFor),
    ...createSyntheses(awsFor),
    ...createKeepActivities(awsFor),
    ...createChangeObservations(awsFor),
    ...createKeptImages(awsFor),
    ...createBackActivities(awsFor),
    ...createDriftObservations(awsFor),
    ...createDeploymentRecords(awsFor),
    ...createRecordActions(awsFor),
    missingAttributes: known.missingAttributes ?? notAsked,
  };
}

const notAsked = (): Promise<never> => Promise.reject(failure('Unavailable', 'this worker cannot query its Temporal'));

export type Activities = ReturnType<typeof createActivities>;
export { type AwsFor, createAwsFor } from './aws';
