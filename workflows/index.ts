/** The workflows that the worker registers. */
export { adoptable } from './short/adoptable';
export { audit, auditRead } from './audit/audit';
export { changes } from './deployment/changes';
export { check } from './short/check';
export { deployment } from './deployment/deployment';
export { diagnosis } from './short/diagnosis';
export { doctor } from './short/doctor';
export { fallback, findings } from './short/fallback';
export { flagHistory } from './short/flag-history';
export { freeze } from './short/freeze';
export { infraRollback } from './infra-rollback/infra-rollback';
export { notice } from './notify/notice';
export { release } from './release/release';
export { rollout } from './rollout/rollout';
export { setup } from './short/setup';
export { ownerRelease } from './rollout/owner';
export { verification } from './verification/verification';
