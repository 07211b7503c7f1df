/** The workflows the worker registers, and nothing else. */
export { changes } from './changes';
export { deployment } from './deployment';
export { diagnosis } from './diagnosis';
export { doctor } from './doctor';
export { findings, nextflowRollback } from './nextflow-rollback';
export { flagHistory } from './flag-history';
export { freeze } from './freeze';
export { infraRollback } from './infra-rollback';
export { notice } from './notice';
export { release } from './release';
export { rollout } from './rollout';
export { setup } from './setup';
export { ownerRelease } from './rollout-owner';
export { verification } from './verification';
