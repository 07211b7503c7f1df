/** An alarm changed state, as CloudWatch published it to an SNS topic. */
export interface AlarmChange {
  readonly alarm: string;
  /** Distinguishes alarms of the same name in several accounts and regions; older messages have none. */
  readonly arn?: string | undefined;
  readonly state: AlarmState;
  /** When the alarm entered the state, in ms since 1970. */
  readonly atMs: number;
  readonly why: string;
}

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

export const isAlarmState = (value: unknown): value is AlarmState =>
  value === 'OK' || value === 'ALARM' || value === 'INSUFFICIENT_DATA';

export const NO_REASON = 'no reason given';

/**
 * Reads the body of an SQS message: CloudWatch's message in an SNS envelope, or bare if the subscription uses raw message
 * delivery. Undefined for anything else. Only name, state and time are required: a missing reason must not lose an alarm.
 *
 * It uses no library, because the guardian's Lambda bundles it too.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html and
 * https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html
 */
export function parseAlarmMessage(body: string): AlarmChange | undefined {
  const outer = fieldsOf(body);
  const { Message } = outer;
  const fields = typeof Message === 'string' ? fieldsOf(Message) : outer;
  const { AlarmName: alarm, AlarmArn: arn, NewStateValue: state, NewStateReason: why, StateChangeTime: time } = fields;
  // CloudWatch writes +0000, which ECMAScript does not promise to read.
  const atMs = typeof time === 'string' ? Date.parse(time.replace(/([+-]\d\d)(\d\d)$/, '$1:$2')) : Number.NaN;
  if (typeof alarm !== 'string' || !isAlarmState(state) || Number.isNaN(atMs)) return undefined;
  return {
    alarm,
    arn: typeof arn === 'string' ? arn : undefined,
    state,
    atMs,
    why: typeof why === 'string' ? why : NO_REASON,
  };
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
