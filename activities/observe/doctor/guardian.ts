import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { Finding } from '../../../rules/doctor/doctor-report';
import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import { unwatchedAfterMs } from '../../../rules/plan/rollout-parts';
import { LOOKS, looksDimensions, unwatchedAlarmOf } from '../../../rules/rollout/outside/unwatched';
import { formatDuration } from '../../../rules/format';
import { messageOf, nameOf, toFailure } from '../../failures';
import { alarmNamed } from '../guards/alarm-lookup';
import { finding } from './finding';
import type { Observation } from '../guards/observation';
import { within } from '../../within';

/** Beside `Looks`: an examination is not a check of the watch, and must not feed the dead man's alarm. */
const EXAMINATIONS = 'Examinations';
const FED_WITHIN_MS = 5_000;

/** Whether missing checks would be noticed: the dead man's alarm, and the permission to feed it. */
export function examineGuardian(plan: EnvironmentPlan, look: Observation): Promise<readonly Finding[]>[] {
  const alarm = unwatchedAlarmOf(plan);
  const subject = `dead man's alarm ${alarm}`;
  const feeding = `permission to feed ${alarm}`;
  return [
    finding(subject, () => examineAlarm(plan, { alarm, subject }, look)),
    finding(feeding, () => mayFeed(plan, feeding, look)),
  ];
}

async function examineAlarm(
  { environment, watch }: EnvironmentPlan,
  { alarm, subject }: { readonly alarm: string; readonly subject: string },
  { clients }: Observation,
): Promise<Finding> {
  const found = await alarmNamed(clients.cloudwatch, alarm);
  const remedy = `create it, with the guardian that it wakes: \`rollout setup ${environment}\``;
  if (found === undefined)
    return { subject, level: 'warning', what: 'does not exist: missing checks would not be noticed', remedy };
  if (found.alarm.ActionsEnabled !== true)
    return {
      subject,
      level: 'warning',
      what: 'its actions are off: when it fires, the guardian is not notified',
      remedy,
    };
  const after = formatDuration(unwatchedAfterMs(watch));
  return { subject, level: 'ok', what: `wakes the guardian when no rollout has checked for ${after}` };
}

async function mayFeed(plan: EnvironmentPlan, subject: string, { clients }: Observation): Promise<Finding> {
  const abortSignal = within(FED_WITHIN_MS);
  const Dimensions = Object.entries(looksDimensions(plan)).map(([Name, Value]) => ({ Name, Value }));
  const MetricData = [{ MetricName: EXAMINATIONS, Dimensions, Value: 1 }];
  try {
    await clients.cloudwatch.send(new PutMetricDataCommand({ Namespace: LOOKS.namespace, MetricData }), {
      abortSignal,
    });
    return { subject, level: 'ok', what: `allowed (tried with the metric ${EXAMINATIONS})` };
  } catch (error) {
    if (toFailure(error, subject).type !== 'AccessDenied') throw error;
    const what = `${nameOf(error)}: ${messageOf(error)}: the dead man's alarm would fire during a rollout, and the guardian would write 0 %`;
    const remedy = "allow cloudwatch:PutMetricData for namespace Rollout in the policy of the worker's role";
    return { subject, level: 'problem', what, remedy };
  }
}
