/** The workflows the worker registers, and nothing else. */
export { deployment } from './deployment';
export { freeze } from './freeze';
export { rollout } from './rollout';
