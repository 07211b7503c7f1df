import fc from 'fast-check';
import { DateTime } from 'luxon';
import type { Freeze, Window } from '../../../rules/plan/environment-plan';
import { frozenBy, nextRaise, raiseAllowedAt } from '../../../rules/time/freeze';
import { isOpen } from '../../../rules/time/window';

const NEW_YORK = 'America/New_York';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const prod: Window = { zone: NEW_YORK, days: [2, 3, 4], from: '10:00', to: '14:00' };

const at = (local: string): number => DateTime.fromISO(local, { zone: NEW_YORK }).toMillis();
const shown = (ms: number): string => DateTime.fromMillis(ms, { zone: NEW_YORK }).toFormat('ccc yyyy-MM-dd HH:mm');
const freeze = (from: string, to: string, more: Partial<Freeze> = {}): Freeze => ({
  ...{ fromMs: at(from), toMs: at(to), reason: 'holidays' },
  ...more,
});
const holidays = freeze('2026-12-19', '2027-01-04');

describe('frozenBy', () => {
  it('holds from its beginning until a millisecond before its end', () => {
    const when = [holidays.fromMs - 1, holidays.fromMs, holidays.toMs - 1, holidays.toMs];
    expect(when.map((ms) => frozenBy([holidays], ms) !== undefined)).toEqual([false, true, true, false]);
  });

  it('names the one that lasts longest of several', () => {
    const longer = freeze('2026-12-20', '2027-02-01', { reason: 'move of the data centre' });
    expect(frozenBy([longer, holidays], at('2026-12-24'))).toBe(longer);
    expect(frozenBy([holidays, longer], at('2026-12-24'))).toBe(longer);
    expect(frozenBy([holidays, longer], at('2026-12-19T12:00'))).toBe(holidays);
  });
});

describe('raiseAllowedAt', () => {
  const rows: readonly (readonly [string, readonly Window[], readonly Freeze[], string, string])[] = [
    ['now when nothing forbids it', [prod], [holidays], '2026-12-15T11:00', 'Tue 2026-12-15 11:00'],
    ['the opening after the freeze', [prod], [holidays], '2026-12-22T11:00', 'Tue 2027-01-05 10:00'],
    ['the end of the freeze without windows', [], [holidays], '2026-12-22T11:00', 'Mon 2027-01-04 00:00'],
    [
      'the end of a freeze inside an opening',
      [prod],
      [freeze('2026-12-15', '2026-12-15T12:30')],
      '2026-12-15T11:00',
      'Tue 2026-12-15 12:30',
    ],
    [
      'not the moment at which window and freeze end',
      [prod],
      [freeze('2026-12-15', '2026-12-15T14:00')],
      '2026-12-15T11:00',
      'Wed 2026-12-16 10:00',
    ],
    [
      'the next opening when a freeze covers the end of this one',
      [prod],
      [freeze('2026-12-15T12:00', '2026-12-15T15:00')],
      '2026-12-15T13:00',
      'Wed 2026-12-16 10:00',
    ],
    [
      'after freezes that follow each other',
      [prod],
      [freeze('2026-12-16', '2026-12-17'), freeze('2026-12-17', '2026-12-18')],
      '2026-12-15T15:00',
      'Tue 2026-12-22 10:00',
    ],
    [
      'after the freeze that the opening after a freeze falls into',
      [prod],
      [freeze('2026-12-22', '2026-12-23'), freeze('2026-12-15', '2026-12-17T14:00')],
      '2026-12-15T11:00',
      'Wed 2026-12-23 10:00',
    ],
    [
      'over the change to summer time',
      [prod],
      [freeze('2026-03-05', '2026-03-10')],
      '2026-03-05T11:00',
      'Tue 2026-03-10 10:00',
    ],
    [
      'over the change to winter time',
      [prod],
      [freeze('2026-10-29', '2026-11-03T11:00')],
      '2026-10-29T11:00',
      'Tue 2026-11-03 11:00',
    ],
  ];
  it.each(rows)('is %s', (_what, ...[windows, freezes, now, expected]) => {
    expect(shown(raiseAllowedAt(windows, freezes, at(now)))).toBe(expected);
  });

  it('is never when a window never opens', () => {
    expect(raiseAllowedAt([{ ...prod, days: [] }], [holidays], at('2026-12-22'))).toBe(Infinity);
  });

  const year = Date.UTC(2026, 0);
  const someFreezes = fc.array(
    fc.tuple(fc.nat(200 * DAY_MS), fc.integer({ min: 1, max: 20 * DAY_MS })).map(([offset, length]) => ({
      ...{ fromMs: year + offset, toMs: year + offset + length, reason: 'any' },
    })),
    { maxLength: 8 },
  );
  const someWindows = fc.constantFrom<readonly Window[]>([], [prod], [{ ...prod, from: '22:00', to: '02:00' }]);

  it('is the first moment that is open and not frozen, whatever the windows and freezes', () => {
    fc.assert(
      fc.property(someWindows, someFreezes, fc.nat(200 * DAY_MS), (windows, freezes, offset) => {
        const nowMs = year + offset;
        const allowed = (ms: number): boolean => isOpen(windows, ms) && frozenBy(freezes, ms) === undefined;
        const foundMs = raiseAllowedAt(windows, freezes, nowMs);
        expect(foundMs).toBeGreaterThanOrEqual(nowMs);
        expect(allowed(foundMs)).toBe(true);
        const between = Array.from({ length: 20 }, (_, i) => nowMs + ((foundMs - nowMs) * i) / 20);
        const before = [...between, foundMs - 1].filter((ms) => ms >= nowMs && ms < foundMs);
        expect(before.filter(allowed)).toEqual([]);
      }),
    );
  });
});

describe('nextRaise', () => {
  it('says nothing when nothing forbids it', () => {
    const nowMs = at('2026-12-15T11:00');
    expect(nextRaise([prod], [holidays], nowMs)).toEqual({ atMs: nowMs });
  });

  const rows: readonly (readonly [string, readonly Freeze[], string, string, string, string])[] = [
    [
      'the window',
      [],
      '2026-12-12T11:00',
      'window',
      'outside the maintenance window (Tue–Thu 10:00–14:00 America/New_York)',
      'wait until Tue 15 Dec 10:00:00 EST',
    ],
    [
      'the freeze',
      [holidays],
      '2026-12-22T11:00',
      'freeze',
      'frozen until Mon 4 Jan 2027 00:00:00 EST: holidays',
      'wait until Tue 5 Jan 2027 10:00:00 EST',
    ],
    [
      'a freeze by hand, which can be taken away',
      [{ ...holidays, by: 'alice' }],
      '2026-12-22T11:00',
      'freeze',
      'frozen until Mon 4 Jan 2027 00:00:00 EST by alice: holidays',
      'wait until Tue 5 Jan 2027 10:00:00 EST, or remove the freeze with unfreeze',
    ],
    [
      'both',
      [holidays],
      '2026-12-20T11:00',
      'freeze',
      'frozen until Mon 4 Jan 2027 00:00:00 EST: holidays, and outside the maintenance window (Tue–Thu 10:00–14:00 America/New_York)',
      'wait until Tue 5 Jan 2027 10:00:00 EST',
    ],
    [
      'the window, and a freeze of its next opening',
      [holidays],
      '2026-12-18T11:00',
      'window',
      'outside the maintenance window (Tue–Thu 10:00–14:00 America/New_York), and then frozen until Mon 4 Jan 2027 00:00:00 EST: holidays',
      'wait until Tue 5 Jan 2027 10:00:00 EST',
    ],
  ];
  it.each(rows)('names %s', (_what, ...[freezes, now, rule, why, remedy]) => {
    expect(nextRaise([prod], freezes, at(now)).blocked).toEqual({ rule, why, remedy });
  });

  it('shows times in the zone that is asked for, and no control characters of a reason', () => {
    const odd = freeze('2026-12-19', '2027-01-04', { reason: 'holi\u001b[31mdays' });
    const { blocked } = nextRaise([prod], [odd], at('2026-12-22T11:00'), 'Europe/Berlin');
    expect(blocked?.why).toBe('frozen until Mon 4 Jan 2027 06:00:00 GMT+1: holi [31mdays');
  });
});
