import type { AlarmChange } from '../../guards/alarm-message';
import type { EndedExecution } from './ended-execution';
import type { AwsTarget, EnvironmentPlan } from '../../plan/environment-plan';
import { isAnother } from './alarm-change';
import { unwatchedAlarmOf } from './unwatched';

/** A queue that brings alarm changes and ended executions, and the environments whose plans name it. */
export interface AlarmQueue {
  readonly name: string;
  readonly plans: readonly [EnvironmentPlan, ...EnvironmentPlan[]];
}

/** Each queue once, however many environments of an account and region share it. */
export function alarmQueuesOf(plans: readonly EnvironmentPlan[]): readonly AlarmQueue[] {
  const queues = new Map<string, AlarmQueue>();
  for (const plan of plans) {
    const { aws, watch } = plan;
    if (watch.pushQueue === undefined) continue;
    const id = JSON.stringify([aws.account, aws.region, aws.profile, watch.pushQueue]);
    const known = queues.get(id);
    queues.set(id, { name: watch.pushQueue, plans: known === undefined ? [plan] : [...known.plans, plan] });
  }
  return [...queues.values()];
}

/**
 * The environments that get an alarm change. A queue of one environment brings it all of them, because its rollout may have begun with
 * a plan of other alarms. In a queue of many, each gets those that its plan watches, and its dead man's alarm.
 */
export function receiversOf(
  { plans }: AlarmQueue,
  change: Pick<AlarmChange, 'alarm' | 'arn'>,
): readonly EnvironmentPlan[] {
  if (plans.length === 1) return plans;
  return plans.filter(
    (plan) =>
      change.alarm === unwatchedAlarmOf(plan) ||
      plan.watch.alarms.some((alarm) => alarm.name === change.alarm && !isAnother(alarm, change)),
  );
}

/** The environments that an ended execution concerns: a guard of their plans counts the executions of its state machine. */
export function countersOf({ plans }: AlarmQueue, ended: EndedExecution): readonly EnvironmentPlan[] {
  const isThere = ({ region, account }: AwsTarget): boolean => region === ended.region && account === ended.account;
  return plans.filter(({ aws, watch }) =>
    watch.guards.some(
      (guard) => guard.kind === 'executions' && guard.stateMachine === ended.stateMachine && isThere(guard.aws ?? aws),
    ),
  );
}
