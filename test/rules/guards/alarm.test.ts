import type { WatchedAlarm } from '../../../rules/guards/guard';
import type { AlarmReading } from '../../../rules/guards/readings';
import { alarm, judgeAlarm, MINUTE_MS, NOW_MS, ok, SINCE_MS } from './cases';

const rang = (...minutes: number[]): { alarmedAtMs: number[] } => ({
  alarmedAtMs: minutes.map((minute) => SINCE_MS + minute * MINUTE_MS),
});
const inAlarm = { state: 'ALARM', stateReason: '3 >= 1', changedAtMs: NOW_MS - MINUTE_MS } as const;

describe('judge: an alarm is history, not a lamp', () => {
  it.each<[string, AlarmReading | undefined, string, RegExp]>([
    ['OK all along', ok(), 'healthy', /^1 alarm OK since the step began$/],
    [
      'OK, and slower than the soak',
      ok('failed', { ringTime: { afterMs: 10_920_000, how: '3 of 3 periods of 1 h' } }),
      'healthy',
      /^1 alarm OK since the step began; failed may need up to 3 h 2 min to fire, longer than this soak$/,
    ],
    ['ringing', ok('failed', inAlarm), 'breach', /^failed is in ALARM since 2026-11-03T14:59:00.000Z: 3 >= 1$/],
    [
      'ringing since before the step',
      ok('failed', { ...inAlarm, changedAtMs: SINCE_MS - 1 }),
      'breach',
      /since 2026-11-03T13:59/,
    ],
    ['OK again after it rang between two looks', ok('failed', rang(1)), 'breach', /was in ALARM at .* is OK again/],
    ['OK again after it rang before the step', ok('failed', rang(-1)), 'healthy', /1 alarm OK/],
    ['silent after it rang', ok('failed', { state: 'INSUFFICIENT_DATA', ...rang(1) }), 'breach', /_DATA again/],
    ['ringing by a doubtful evaluation', ok('failed', { ...inAlarm, evaluation: 'PARTIAL_DATA' }), 'breach', /ALARM/],
    [
      'without data',
      ok('failed', { state: 'INSUFFICIENT_DATA' }),
      'no-data',
      /has INSUFFICIENT_DATA since .*Z: below 1/,
    ],
    [
      'not evaluated in order',
      ok('failed', { evaluation: 'EVALUATION_ERROR' }),
      'no-data',
      /doubtful .*EVALUATION_ERROR/,
    ],
    [
      'without recent data',
      ok('failed', { staleSinceMs: SINCE_MS }),
      'no-data',
      /recent data .* from 2026-11-03T14:00/,
    ],
    ['without any data ever', ok('failed', { staleSinceMs: 0 }), 'no-data', /recent data in its metric, none at all/],
    [
      'silenced',
      ok('failed', { silenced: 'its actions are disabled' }),
      'no-data',
      /silenced \(its actions are disabled/,
    ],
    ['missing', { name: 'failed', missing: true }, 'no-data', /does not exist in this account and region/],
    ['not read', undefined, 'inconclusive', /could not be read \(1 of 2 tolerated times\): it was not read/],
  ])('judges one that is %s', (_name, reading, outcome, why) => {
    expect(judgeAlarm(alarm(), reading)).toMatchObject({ outcome, why: expect.stringMatching(why) });
  });

  it.each<[string, Partial<WatchedAlarm>, AlarmReading, string, RegExp]>([
    [
      'once of once tolerated',
      { failureLimit: 1 },
      ok('failed', rang(1)),
      'healthy',
      /failed: 1 of 1 tolerated failure$/,
    ],
    ['twice of twice', { failureLimit: 2 }, ok('failed', rang(1, 5)), 'healthy', /2 of 2 tolerated failures/],
    ['three times of twice', { failureLimit: 2 }, ok('failed', rang(1, 5, 9)), 'breach', /fired 3 times, 2 tolerated/],
    [
      'and rings now, told twice',
      { failureLimit: 1 },
      ok('failed', { ...inAlarm, ...rang(59) }),
      'inconclusive',
      /is in ALARM .*; 1 of 1/,
    ],
    ['before, and rings now', { failureLimit: 1 }, ok('failed', { ...inAlarm, ...rang(1) }), 'breach', /fired 2 times/],
    [
      'twice in a row',
      { consecutiveFailureLimit: 1 },
      ok('failed', rang(1, 5)),
      'breach',
      /fired 2 times, 1 tolerated/,
    ],
    [
      'and is blind now',
      { failureLimit: 1 },
      ok('failed', { ...rang(1), staleSinceMs: 0 }),
      'no-data',
      /could not fire/,
    ],
  ])('tolerates as many ringings as the plan says: it rang %s', (_name, policy, reading, ...[outcome, why]) => {
    expect(judgeAlarm(alarm(policy), reading)).toMatchObject({ outcome, why: expect.stringMatching(why) });
  });

  it('does not count what rang before the initial delay is over, and is not healthy until then', () => {
    const delayed = alarm({ initialDelayMs: 10 * MINUTE_MS });
    const early = judgeAlarm(delayed, ok('failed', inAlarm), { nowMs: SINCE_MS + MINUTE_MS });
    expect(early).toMatchObject({
      outcome: 'inconclusive',
      why: 'failed is not judged before 2026-11-03T14:10:00.000Z',
    });
    expect(early.asks).toBeUndefined();
    expect(judgeAlarm(delayed, ok('failed', rang(9)))).toMatchObject({ outcome: 'healthy' });
    expect(judgeAlarm(delayed, ok('failed', rang(10)))).toMatchObject({ outcome: 'breach' });
  });

  it('says why no alarm could be read, and lets the plan say what then', () => {
    const unread = { alarmsUnread: 'Throttling' };
    const thrice = { errorsInARow: { failed: 3 } };
    expect(judgeAlarm(alarm(), undefined, { errorsInARow: { failed: 2 } }, unread)).toMatchObject({
      outcome: 'inconclusive',
    });
    const told = judgeAlarm(alarm(), undefined, thrice, unread);
    expect(told).toMatchObject({ outcome: 'error', why: 'failed could not be read 3 times in a row: Throttling' });
    expect(told.asks).toBeUndefined();
    expect(judgeAlarm(alarm({ onError: 'rollback' }), undefined, thrice, unread)).toMatchObject({ asks: 'rollback' });
  });
});
