/** The workflows the worker registers, and nothing else. */
export { deployment } from './deployment';
export { rollout } from './rollout';
