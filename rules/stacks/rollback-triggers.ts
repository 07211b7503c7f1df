/** An alarm as CloudFormation would be told of it. */
export interface TriggerAlarm {
  readonly name: string;
  /** Absent when there is no such alarm. */
  readonly arn?: string;
  readonly composite: boolean;
  /** Whether it is in ALARM now. */
  readonly ringing: boolean;
}

export interface Trigger {
  readonly arn: string;
  readonly type: 'AWS::CloudWatch::Alarm' | 'AWS::CloudWatch::CompositeAlarm';
}

export interface RollbackTriggers {
  readonly triggers: readonly Trigger[];
  /** How long CloudFormation watches them once every resource is made. */
  readonly minutes: number;
  /** Alarms that CloudFormation is not told of, and why, as sentences. */
  readonly leftOut: readonly string[];
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_RollbackConfiguration.html */
const MOST_TRIGGERS = 5;
const LONGEST_MONITORING_MINUTES = 180;
const MINUTE_MS = 60_000;

/**
 * Which alarms CloudFormation takes a deployment back for. One that is not there would fail the whole operation, one that
 * rings already says nothing of what is deployed and would keep the repair out. Without a trigger nothing is waited for.
 */
export function rollbackTriggers(alarms: readonly TriggerAlarm[], monitorMs: number): RollbackTriggers {
  const triggers: Trigger[] = [];
  const leftOut: string[] = [];
  for (const { name, arn, composite, ringing } of alarms) {
    const without = `CloudFormation does not watch ${name}:`;
    if (arn === undefined) leftOut.push(`${without} there is no such alarm yet`);
    else if (ringing) leftOut.push(`${without} it rings already`);
    else if (triggers.length >= MOST_TRIGGERS) leftOut.push(`${without} it takes ${MOST_TRIGGERS} alarms at the most`);
    else triggers.push({ arn, type: composite ? 'AWS::CloudWatch::CompositeAlarm' : 'AWS::CloudWatch::Alarm' });
  }
  const minutes = Math.min(LONGEST_MONITORING_MINUTES, Math.ceil(monitorMs / MINUTE_MS));
  return { triggers, minutes: triggers.length === 0 ? 0 : minutes, leftOut };
}
