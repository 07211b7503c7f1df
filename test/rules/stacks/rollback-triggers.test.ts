import { rollbackTriggers, type TriggerAlarm } from '../../../rules/stacks/rollback-triggers';

const MINUTE_MS = 60_000;
const alarm = (name: string, changes: Partial<TriggerAlarm> = {}): TriggerAlarm => ({
  name,
  arn: `arn:${name}`,
  kind: 'metric',
  ringing: false,
  ...changes,
});
const missing: TriggerAlarm = { name: 'missing', kind: 'metric', ringing: false };

describe('the alarms CloudFormation takes a deployment back for', () => {
  it('have address and kind, with the time in whole minutes, rounded up', () => {
    const alarms = [alarm('failed'), alarm('all', { kind: 'composite' })];
    expect(rollbackTriggers(alarms, 90_000)).toEqual({
      triggers: [
        { arn: 'arn:failed', type: 'AWS::CloudWatch::Alarm' },
        { arn: 'arn:all', type: 'AWS::CloudWatch::CompositeAlarm' },
      ],
      minutes: 2,
      leftOut: [],
    });
  });

  it.each([
    [
      'one that is not there, which would fail the operation',
      [missing, alarm('a')],
      /missing: the alarm does not exist yet/,
    ],
    ['a log alarm', [alarm('logs', { kind: 'log' }), alarm('a')], /watch logs: it takes no log alarms/],
    ['one that rings already', [alarm('rings', { ringing: true }), alarm('a')], /rings: it already fires/],
    ['a sixth one', ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => alarm(name)), /watch f: it accepts at most 5 alarms/],
  ])('leave out %s, and say so', (_what, alarms, why) => {
    const { triggers, leftOut } = rollbackTriggers(alarms, MINUTE_MS);
    expect(triggers.map(({ arn }) => arn)).not.toContain('arn:rings');
    expect(triggers.length).toBe(Math.min(5, alarms.length - 1));
    expect(leftOut).toEqual([expect.stringMatching(why)]);
  });

  it('are waited for only when there are any, and never longer than CloudFormation can', () => {
    expect(rollbackTriggers([missing], 10 * MINUTE_MS)).toMatchObject({ triggers: [], minutes: 0 });
    expect(rollbackTriggers([alarm('a')], 0)).toMatchObject({ minutes: 0 });
    expect(rollbackTriggers([alarm('a')], 1_000 * MINUTE_MS)).toMatchObject({ minutes: 180 });
  });
});
