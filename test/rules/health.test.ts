import fc from 'fast-check';
import type { WatchedAlarm } from '../../rules/guard';
import type { AlarmReading } from '../../rules/readings';
import { judge, providerError, verdictKey } from '../../rules/health';

const NOW_MS = Date.UTC(2026, 10, 3, 15);
const failed: WatchedAlarm = { name: 'failed', onBreach: 'rollback' };
const slow: WatchedAlarm = { name: 'slow', onBreach: 'hold' };
const throttled: WatchedAlarm = { name: 'throttled', onBreach: 'notify' };

/** An alarm in perfect order; each test breaks one thing. */
const ok = (name: string, changes: Partial<AlarmReading> = {}): AlarmReading =>
  ({
    name,
    state: 'OK',
    stateReason: 'below 1',
    changedAtMs: NOW_MS - 60_000,
    alarmedAtMs: [],
    ...changes,
  }) as AlarmReading;
const ringing = (name: string) => ok(name, { state: 'ALARM', stateReason: '3 >= 1' });

const judgeAlarms = (alarms: readonly WatchedAlarm[], readings: readonly AlarmReading[], nowMs: number) =>
  judge(
    { alarms, guards: [] },
    { alarms: readings, guards: [] },
    { nowMs, stepSinceMs: NOW_MS - 3_600_000, percentage: 10, errorsInARow: {} },
  );

describe('judge: monitoring during rollout', () => {
  it.each<[string, AlarmReading[], string, RegExp]>([
    ['OK all along', [ok('failed')], 'healthy', /1 alarm OK/],
    ['ringing', [ringing('failed')], 'breach', /failed is in ALARM since 2026-11-03T14:59:00.000Z: 3 >= 1/],
    [
      'OK again after it rang',
      [ok('failed', { alarmedAtMs: [NOW_MS - 1] })],
      'breach',
      /was in ALARM at .* is OK again/,
    ],
    [
      'without data after it rang',
      [ok('failed', { state: 'INSUFFICIENT_DATA', alarmedAtMs: [NOW_MS] })],
      'breach',
      /INSUFFICIENT_DATA again/,
    ],
    ['without data', [ok('failed', { state: 'INSUFFICIENT_DATA' })], 'no-data', /INSUFFICIENT_DATA since/],
    ['not evaluated in order', [ok('failed', { evaluation: 'EVALUATION_ERROR' })], 'no-data', /EVALUATION_ERROR/],
    ['missing', [{ name: 'failed', missing: true }], 'no-data', /does not exist/],
    ['not read at all', [], 'inconclusive', /it was not read/],
  ])('judges an alarm that is %s', (_name, readings, outcome, why) => {
    const verdict = judgeAlarms([failed], readings, NOW_MS);
    expect(verdict).toMatchObject({ outcome, why: expect.stringMatching(why), atMs: NOW_MS });
  });

  it('lets a breach that rolls back come before one that holds, and both before blindness', () => {
    const alarms = [{ name: 'gone', onBreach: 'rollback' } as const, slow, failed];
    const gone: AlarmReading = { name: 'gone', missing: true };
    expect(judgeAlarms(alarms, [gone, ringing('slow'), ringing('failed')], NOW_MS)).toMatchObject({
      alarm: 'failed',
      asks: 'rollback',
    });
    expect(judgeAlarms(alarms, [gone, ringing('slow'), ok('failed')], NOW_MS)).toMatchObject({
      alarm: 'slow',
      asks: 'hold',
    });
    expect(judgeAlarms(alarms, [gone, ok('slow'), ok('failed')], NOW_MS)).toMatchObject({
      alarm: 'gone',
      outcome: 'no-data',
    });
  });

  it('only notices an alarm that is to notify', () => {
    const verdict = judgeAlarms([failed, throttled], [ok('failed'), ringing('throttled')], NOW_MS);
    expect(verdict).toMatchObject({
      outcome: 'healthy',
      noticed: ['throttled'],
      why: expect.stringContaining('throttled is in ALARM'),
    });
  });

  it('is never healthy while one alarm that counts is not OK, whatever the others are', () => {
    const state = fc.constantFrom<Partial<AlarmReading>>(
      {},
      { state: 'ALARM' },
      { state: 'INSUFFICIENT_DATA' },
      { alarmedAtMs: [NOW_MS] },
      { evaluation: 'PARTIAL_DATA' },
    );
    const alarms = fc.array(fc.record({ onBreach: fc.constantFrom('rollback' as const, 'hold' as const), state }), {
      minLength: 1,
    });
    fc.assert(
      fc.property(alarms, (drawn) => {
        const watched = drawn.map(({ onBreach }, index) => ({ name: `alarm-${index}`, onBreach }));
        const verdict = judgeAlarms(
          watched,
          drawn.map(({ state: changes }, index) => ok(`alarm-${index}`, changes)),
          NOW_MS,
        );
        expect(verdict.outcome === 'healthy').toBe(
          drawn.every(({ state: changes }) => Object.keys(changes).length === 0),
        );
      }),
    );
  });
});

describe('verdictKey', () => {
  it('changes with the outcome, the alarm and what rings, and with nothing else', () => {
    const healthy = judgeAlarms([failed], [ok('failed')], NOW_MS);
    const key = verdictKey(healthy);
    expect(verdictKey({ ...healthy, outcome: 'error' })).not.toBe(key);
    expect(verdictKey({ ...healthy, alarm: 'failed' })).not.toBe(key);
    expect(verdictKey({ ...healthy, ringing: ['throttled'] })).not.toBe(key);
    expect(verdictKey(judgeAlarms([failed], [ok('failed')], NOW_MS + 1))).toBe(key);
    expect(providerError('down', NOW_MS).outcome).toBe('error');
  });
});
