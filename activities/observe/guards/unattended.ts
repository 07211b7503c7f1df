import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import { rollbackAlarmsOf } from '../../../rules/plan/rollout-parts';
import { type GuardianDecision, guardianDecision, type FiredAlarm } from '../../../flags/guardian';
import { ownerParameterOf } from '../../../rules/rollout/owner';
import { unwatchedAlarmOf } from '../../../rules/rollout/outside/unwatched';
import type { AwsFor } from '../../aws';
import { readValue } from '../flag/flags';

/**
 * Whether 0 must be written for an alarm that fires while no rollout runs: by the guardian's own rule, but without its
 * grace, because no rollout could answer. Throws when the flag cannot be read: then the alarm must be kept.
 */
export async function unattended(awsFor: AwsFor, plan: EnvironmentPlan, fired: FiredAlarm): Promise<GuardianDecision> {
  const { aws, flag, steps, watch } = plan;
  const unwatched = unwatchedAlarmOf(plan);
  const alarms = rollbackAlarmsOf(watch);
  if (fired.alarm !== unwatched && !alarms.includes(fired.alarm))
    return { do: 'nothing', why: `${fired.alarm} does not ask for a rollback` };
  const [value, owner] = await Promise.all([
    readValue(awsFor, aws, flag.parameter),
    fired.alarm === unwatched ? readValue(awsFor, aws, ownerParameterOf(flag)) : undefined,
  ]);
  const standing =
    value === undefined ? undefined : { text: value.text, modifiedAtMs: value.atMs ?? 0, version: value.version };
  const guarded = { alarms, unwatched, graceMs: 0, fullForMs: steps.at(-1)?.soakMs ?? 0, format: flag.format };
  // Its clock may be behind that of CloudWatch.
  return guardianDecision(guarded, fired, { standing, owned: owner !== undefined }, Math.max(Date.now(), fired.atMs));
}
