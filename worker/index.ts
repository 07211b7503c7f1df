/** A worker inside a program of your own. The package `@temporalio/worker` must be installed beside this one. */
export { runWorker, type WorkerOptions } from './run';
export { type Connections, connectToTemporal } from './connections';
export { createWorker, type WorkerParts } from './create';
export { bundleWorkflows, DATA_CONVERTER, keptBundle, type KeptBundle, WORKFLOWS } from './bundle';
