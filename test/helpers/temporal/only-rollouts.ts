/** A worker that knows no other workflow leaves every other one waiting. */
export { rollout } from '../../../workflows/rollout/rollout';
