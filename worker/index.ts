/** A worker inside a program of your own. The package `@temporalio/worker` must be installed beside this one. */
export { runWorker, type WorkerOptions } from './run';
export { type Connections, connectToTemporal } from './connections';
export { createWorker, type WorkerParts, type ZeroActivities } from './create';
export type { WorkerPair } from './pair';
export { bundleWorkflows, DATA_CONVERTER, keptBundle, type KeptBundle, WORKFLOWS } from './bundle';
/** A kind of jobs of your own, for `jobs.kind` of a plan: give it to `runWorker({ plans, jobKinds })`. */
export type { DirectJob, Expected, JobKind, JobKinds, JobWords, JudgedResults, Results } from '../rules/jobs/job-kind';
