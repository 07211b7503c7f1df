import { pipelineNames } from '../../../infra/pavi/names';
import type { RolloutParts } from '../../../rules/plan/rollout-parts';
import { unwatchedAlarmOf } from '../../../rules/rollout/outside/unwatched';

const names = pipelineNames('guarded');
const guarded = { service: 'pavi', environment: 'guarded' };

/** What a rollout of `guarded` has in AWS, with times in which a test can wait. */
export const guardedParts: RolloutParts = {
  ...guarded,
  flag: { parameter: names.flagParameter, salt: names.flagSalt },
  push: names.alarmPush,
  guardian: 'pavi-rollout-guardian-guarded',
  alarms: [names.alarms.failed, names.alarms.slow],
  rollbackAlarms: [names.alarms.failed],
  unwatched: { alarm: unwatchedAlarmOf(guarded), afterMs: 10_000 },
  graceMs: 4_000,
  fullForMs: 3_600_000,
  topics: [],
};
