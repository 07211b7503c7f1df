/** An alarm changed state, as CloudWatch published it to an SNS topic or to EventBridge. */
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
 * Reads the body of an SQS message: CloudWatch's message, or its event of EventBridge, in an SNS envelope or bare. Undefined for
 * anything else. Only name, state and time are required: a missing reason must not lose an alarm.
 *
 * It uses no library, because the guardian's Lambda bundles it too.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html,
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html and
 * https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html
 */
export function parseAlarmMessage(body: string): AlarmChange | undefined {
  const fields = sentFields(body);
  const { alarm, arn, state, why, time } =
    fields['detail-type'] === 'CloudWatch Alarm State Change' ? ofEvent(fields) : ofAction(fields);
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

const ofAction = (fields: Fields) => ({
  alarm: fields['AlarmName'],
  arn: fields['AlarmArn'],
  state: fields['NewStateValue'],
  why: fields['NewStateReason'],
  time: fields['StateChangeTime'],
});

function ofEvent({ resources, detail }: Fields) {
  const { alarmName, state } = objectOf(detail);
  const { value, reason, timestamp } = objectOf(state);
  const arn: unknown = Array.isArray(resources) ? resources[0] : undefined;
  return { alarm: alarmName, arn, state: value, why: reason, time: timestamp };
}

export type Fields = Readonly<Record<string, unknown>>;

/** What was sent, without the SNS envelope around it. */
export function sentFields(body: string): Fields {
  const outer = fieldsOf(body);
  const { Message } = outer;
  return typeof Message === 'string' ? fieldsOf(Message) : outer;
}

export const objectOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {};

function fieldsOf(text: string): Fields {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return {};
  }
}
