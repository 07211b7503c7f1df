/** An alarm as a rollback trigger of CloudFormation. */
export interface TriggerAlarm {
  readonly name: string;
  /** Absent when there is no such alarm. */
  readonly arn?: string;
  readonly kind?: 'metric' | 'composite' | 'log';
  /** Whether it is in ALARM now. */
  readonly ringing: boolean;
}

export interface Trigger {
  readonly arn: string;
  readonly type: 'AWS::CloudWatch::Alarm' | 'AWS::CloudWatch::CompositeAlarm';
}

export interface RollbackTriggers {
  readonly triggers: readonly Trigger[];
  /** How long CloudFormation watches them after every resource exists. */
  readonly minutes: number;
  /** One sentence for each alarm that is left out, with the reason. */
  readonly leftOut: readonly string[];
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_RollbackConfiguration.html */
const MOST_TRIGGERS = 5;
const LONGEST_MONITORING_MINUTES = 180;
const MINUTE_MS = 60_000;

/**
 * The alarms for which CloudFormation rolls a deployment back. A missing alarm would fail the whole operation; an alarm that
 * already fires says nothing about the deployment and would block a repair. Without a trigger there is no monitoring time.
 */
export function rollbackTriggers(alarms: readonly TriggerAlarm[], monitorMs: number): RollbackTriggers {
  const triggers: Trigger[] = [];
  const leftOut: string[] = [];
  for (const { name, arn, kind, ringing } of alarms) {
    const without = `CloudFormation does not watch ${name}:`;
    if (arn === undefined) leftOut.push(`${without} the alarm does not exist yet`);
    else if (kind === 'log') leftOut.push(`${without} it takes no log alarms`);
    else if (ringing) leftOut.push(`${without} it already fires`);
    else if (triggers.length >= MOST_TRIGGERS) leftOut.push(`${without} it accepts at most ${MOST_TRIGGERS} alarms`);
    else
      triggers.push({ arn, type: kind === 'composite' ? 'AWS::CloudWatch::CompositeAlarm' : 'AWS::CloudWatch::Alarm' });
  }
  const minutes = Math.min(LONGEST_MONITORING_MINUTES, Math.ceil(monitorMs / MINUTE_MS));
  return { triggers, minutes: triggers.length === 0 ? 0 : minutes, leftOut };
}
