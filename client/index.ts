/** Starts, follows and steers a rollout from code, with the same rules and messages as the programs `rollout` and `start-rollout`. */
export {
  type Because,
  findRollout,
  type FollowOptions,
  type Rollout,
  type RolloutOptions,
  startRollout,
  type StartOptions,
} from './rollouts';
export { CliError as RolloutError } from './terminal/cli-error';
export type { RolloutStatus } from '../rules/rollout/status/status';
export type { Answer, RolloutResult } from '../workflows/messages';
