import fc from 'fast-check';
import { parseAlarmMessage } from '../../../rules/guards/alarm-message';
import { ALARM_EVENT, STATES_EVENT } from '../../helpers/samples/events';

const AT_MS = Date.UTC(2026, 10, 24, 12);
const message = {
  AlarmName: 'pavi-sfn-executions-failed-prod',
  AlarmArn: 'arn:aws:cloudwatch:us-east-1:111111111111:alarm:pavi-sfn-executions-failed-prod',
  NewStateValue: 'ALARM',
  NewStateReason: 'Threshold Crossed: 1 datapoint was greater than the threshold (0.0).',
  StateChangeTime: '2026-11-24T12:00:00.000+0000',
};
const read = {
  alarm: message.AlarmName,
  arn: message.AlarmArn,
  state: 'ALARM',
  atMs: AT_MS,
  why: message.NewStateReason,
};
const raw = (fields: object): string => JSON.stringify({ ...message, ...fields });
const inEnvelope = (text: string): string =>
  JSON.stringify({ Type: 'Notification', Subject: 'ALARM', Message: text, MessageAttributes: {} });

/** Without raw message delivery and with it. */
const DELIVERIES: readonly [string, (text: string) => string][] = [
  ['in an envelope', inEnvelope],
  ['raw', (text) => text],
];

describe.each(DELIVERIES)('an alarm message %s', (_name, deliver) => {
  it.each<[string, object, object]>([
    ['as CloudWatch writes it', {}, read],
    ['that goes back to OK', { NewStateValue: 'OK' }, { ...read, state: 'OK' }],
    ['without data', { NewStateValue: 'INSUFFICIENT_DATA' }, { ...read, state: 'INSUFFICIENT_DATA' }],
    ['with the time of a zone', { StateChangeTime: '2026-11-24T07:00:00.000-0500' }, read],
    ['with the time of ECMAScript', { StateChangeTime: '2026-11-24T12:00:00Z' }, read],
    ['without ARN', { AlarmArn: undefined }, { ...read, arn: undefined }],
    ['with an ARN that is none', { AlarmArn: 7 }, { ...read, arn: undefined }],
    ['without reason', { NewStateReason: undefined }, { ...read, why: 'no reason given' }],
    ['with a reason that is none', { NewStateReason: null }, { ...read, why: 'no reason given' }],
  ])('is read %s', (_case, fields, wanted) => expect(parseAlarmMessage(deliver(raw(fields)))).toEqual(wanted));

  it.each<[string, string]>([
    ['a state that does not exist', raw({ NewStateValue: 'RED' })],
    ['no state', raw({ NewStateValue: undefined })],
    ['a time that is none', raw({ StateChangeTime: 'now' })],
    ['a time as a number', raw({ StateChangeTime: AT_MS })],
    ['no time', raw({ StateChangeTime: undefined })],
    ['a name that is none', raw({ AlarmName: 7 })],
    ['a list', `[${raw({})}]`],
    ['null', 'null'],
    ['text', 'hello'],
    ['nothing', ''],
    ['half a message', raw({}).slice(0, -9)],
    [
      'an event of EventBridge without a state',
      JSON.stringify({ 'detail-type': 'CloudWatch Alarm State Change', detail: { alarmName: 'a' } }),
    ],
    ['an event of an execution', JSON.stringify(STATES_EVENT)],
    ['a test event of S3', JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent' })],
    ['a budget', 'AWS Budget Notification November 24, 2026'],
    ['an envelope in an envelope in an envelope', inEnvelope(inEnvelope(raw({})))],
  ])('is not %s', (_case, body) => expect(parseAlarmMessage(deliver(body))).toBeUndefined());
});

it('reads any text without throwing, and what it reads is whole', () =>
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), fc.json().map(inEnvelope)), (body) => {
      const change = parseAlarmMessage(body);
      expect(change === undefined || Number.isFinite(change.atMs)).toBe(true);
    }),
  ));

it.each(DELIVERIES)('an event of EventBridge %s is read as the message of the same change', (_name, deliver) => {
  expect(parseAlarmMessage(deliver(JSON.stringify(ALARM_EVENT)))).toEqual({
    alarm: 'ServerCpuTooHigh',
    arn: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:ServerCpuTooHigh',
    state: 'ALARM',
    atMs: Date.UTC(2019, 9, 2, 17, 4, 40, 989),
    why: expect.stringContaining('Threshold Crossed: 1 out of the last 1 datapoints'),
  });
});
