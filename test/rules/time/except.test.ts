import fc from 'fast-check';
import { DateTime } from 'luxon';
import type { Window } from '../../../rules/plan/environment-plan';
import { describeWindow, isOpen, nextOpening } from '../../../rules/time/window';

const NEW_YORK = 'America/New_York';
const DAY_MS = 86_400_000;
const prod: Window = { zone: NEW_YORK, days: [2, 3, 4], from: '10:00', to: '14:00' };
const night: Window = { zone: NEW_YORK, days: [4, 5], from: '22:00', to: '02:00' };

const at = (local: string): number => DateTime.fromISO(local, { zone: NEW_YORK }).toMillis();
const shown = (ms: number): string => DateTime.fromMillis(ms, { zone: NEW_YORK }).toFormat('ccc yyyy-MM-dd HH:mm');
const except = (window: Window, ...dates: readonly string[]): Window => ({ ...window, except: dates });

describe('a window with excluded dates', () => {
  const rows: readonly (readonly [string, Window, string, boolean])[] = [
    ['is closed on such a date', except(prod, '2026-11-26'), '2026-11-26T11:00', false],
    ['is open on the day before', except(prod, '2026-11-26'), '2026-11-25T11:00', true],
    ['is closed on such a leap day', except({ ...prod, days: [2] }, '2028-02-29'), '2028-02-29T11:00', false],
    ['is closed on the last day of such a year', except(prod, '2026-12-31'), '2026-12-31T11:00', false],
    ['does not open in the evening of such a date', except(night, '2026-12-24'), '2026-12-24T23:00', false],
    ['nor after the midnight of such an evening', except(night, '2026-12-24'), '2026-12-25T01:00', false],
    ['opens in the evening after', except(night, '2026-12-24'), '2026-12-25T23:00', true],
    ['stays open into such a date from the evening before', except(night, '2026-12-25'), '2026-12-25T01:00', true],
    ['does not open on the evening of a date it was open into', except(night, '2026-12-25'), '2026-12-25T23:00', false],
  ];
  it.each(rows)('%s', (_what, window, now, open) => {
    expect(isOpen([window], at(now))).toBe(open);
  });

  it.each([
    ['the next of its days', [except(prod, '2026-11-25', '2026-11-26')], 'Tue 2026-12-01 10:00'],
    [
      'another window on the same day',
      [except(prod, '2026-11-25'), { ...prod, from: '16:00', to: '17:00' }],
      'Wed 2026-11-25 16:00',
    ],
  ])('opens next on %s', (_what, windows, expected) => {
    expect(shown(nextOpening(windows, at('2026-11-25T09:00')))).toBe(expected);
  });

  it('is found again after a year of excluded dates', () => {
    const tuesdays = Array.from({ length: 52 }, (_, week) =>
      DateTime.fromISO('2026-01-06', { zone: 'utc' }).plus({ weeks: week }).toISODate(),
    ).filter((date) => date !== null);
    expect(shown(nextOpening([except({ ...prod, days: [2] }, ...tuesdays)], at('2026-01-05')))).toBe(
      'Tue 2027-01-05 10:00',
    );
  });

  it('never opens on a date that is excluded, and opens as before on any other', () => {
    const date = fc.integer({ min: 0, max: 60 }).map((day) => new Date(Date.UTC(2026, 10, 1) + day * DAY_MS));
    const dates = fc.array(date.map((each) => each.toISOString().slice(0, 10)));
    fc.assert(
      fc.property(dates, fc.nat(60 * DAY_MS), (excluded, offset) => {
        const nowMs = Date.UTC(2026, 10, 1) + offset;
        const today = DateTime.fromMillis(nowMs, { zone: NEW_YORK }).toISODate() ?? '';
        expect(isOpen([except(prod, ...excluded)], nowMs)).toBe(isOpen([prod], nowMs) && !excluded.includes(today));
      }),
    );
  });

  it('is written with its dates, the first three of many', () => {
    expect(describeWindow(except(prod, '2026-11-26'))).toBe('Tue–Thu 10:00–14:00 America/New_York except 2026-11-26');
    const many = except(prod, '2026-11-26', '2026-12-24', '2026-12-29', '2026-12-30', '2026-12-31');
    expect(describeWindow(many)).toMatch(/except 2026-11-26, 2026-12-24, 2026-12-29 and 2 more dates$/);
  });
});

describe('what is remembered of openings', () => {
  it('gives the same answers after thousands of others', () => {
    const starts = Array.from({ length: 40 }, (_, i) => at('2026-01-01') + i * 9 * DAY_MS);
    const answers = (): readonly number[] => starts.map((ms) => nextOpening([prod, night], ms));
    const before = answers();
    for (let minute = 0; minute < 60; minute += 1) {
      const odd = { ...prod, from: `09:${String(minute).padStart(2, '0')}` };
      for (let day = 0; day < 100; day += 1) nextOpening([odd], at('2026-01-01') + day * 7 * DAY_MS);
    }
    expect(answers()).toEqual(before);
  });
});
