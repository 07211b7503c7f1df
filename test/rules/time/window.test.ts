import { DateTime } from 'luxon';
import type { Window } from '../../../rules/plan/environment-plan';
import { describeWindow, isOpen, nextOpening } from '../../../rules/time/window';

const NEW_YORK = 'America/New_York';
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];
const prod: Window = { zone: NEW_YORK, days: [2, 3, 4], from: '10:00', to: '14:00' };
const daily = (from: string, to: string, zone = NEW_YORK): Window => ({ zone, days: EVERY_DAY, from, to });

/** An instant by its ISO text, in UTC or with the offset in it. */
const at = (iso: string): number => {
  const time = DateTime.fromISO(iso, { zone: 'utc' });
  if (!time.isValid) throw new Error(`${iso}: ${time.invalidExplanation}`);
  return time.toMillis();
};
const iso = (ms: number, zone: string): string | null =>
  DateTime.fromMillis(ms, { zone }).toISO({ suppressMilliseconds: true });

describe('isOpen', () => {
  const rows: readonly (readonly [string, Window, string, boolean])[] = [
    ['at the minute it opens', prod, '2026-01-06T10:00:00-05:00', true],
    ['a millisecond before', prod, '2026-01-06T09:59:59.999-05:00', false],
    ['a millisecond before it closes', prod, '2026-01-06T13:59:59.999-05:00', true],
    ['at the minute it closes', prod, '2026-01-06T14:00:00-05:00', false],
    ['at the right hour of a wrong day', prod, '2026-01-05T11:00:00-05:00', false],
    ['on Friday', prod, '2026-01-09T11:00:00-05:00', false],
    ['by the clock of New York in summer', prod, '2026-07-07T14:30:00Z', true],
    ['by the clock of New York in winter', prod, '2026-01-06T14:30:00Z', false],
    ['until 24:00', daily('22:00', '24:00'), '2026-01-06T23:59:59-05:00', true],
    ['not after 24:00', daily('22:00', '24:00'), '2026-01-07T00:00:00-05:00', false],
    ['all day from 00:00 to 24:00', daily('00:00', '24:00'), '2026-01-06T00:00:00-05:00', true],
    ['on a leap day', { ...prod, days: [2] }, '2028-02-29T12:00:00-05:00', true],
    ['on the day the year ends', { ...prod, days: [4] }, '2026-12-31T12:00:00-05:00', true],
    [
      'before midnight of an overnight window',
      { ...daily('22:00', '02:00'), days: [5] },
      '2026-01-09T23:00:00-05:00',
      true,
    ],
    [
      'after midnight, though that day does not open',
      { ...daily('22:00', '02:00'), days: [5] },
      '2026-01-10T01:59:00-05:00',
      true,
    ],
    [
      'not on the morning of the day it opens on',
      { ...daily('22:00', '02:00'), days: [5] },
      '2026-01-09T01:00:00-05:00',
      false,
    ],
    ['overnight from Sunday to Monday', { ...daily('22:00', '02:00'), days: [7] }, '2026-01-12T01:00:00-05:00', true],
    [
      'overnight over the end of the year',
      { ...daily('22:00', '02:00'), days: [4] },
      '2027-01-01T01:00:00-05:00',
      true,
    ],
    [
      'on the other side of the date line',
      { ...daily('09:00', '17:00', 'Pacific/Auckland'), days: [1] },
      '2026-01-04T21:00:00Z',
      true,
    ],
    ['in a zone of 45 minutes', daily('09:00', '10:00', 'Asia/Kathmandu'), '2026-01-06T03:15:00Z', true],
    [
      'not a minute before in a zone of 45 minutes',
      daily('09:00', '10:00', 'Asia/Kathmandu'),
      '2026-01-06T03:14:00Z',
      false,
    ],
  ];
  it.each(rows)('decides %s', (_what, window, now, open) => {
    expect(isOpen([window], at(now))).toBe(open);
  });

  it('is open at any time without windows, and when one of several is', () => {
    expect(isOpen([], at('2026-01-04T03:00:00Z'))).toBe(true);
    expect(isOpen([prod, daily('03:00', '04:00', 'UTC')], at('2026-01-04T03:30:00Z'))).toBe(true);
    expect(isOpen([prod, daily('03:00', '04:00', 'UTC')], at('2026-01-04T04:30:00Z'))).toBe(false);
  });
});

describe('isOpen, on the day the clock is changed', () => {
  // New York goes from 02:00 EST to 03:00 EDT on 8 March 2026, and from 02:00 EDT back to 01:00 EST on 1 November 2026.
  const rows: readonly (readonly [string, Window, string, boolean])[] = [
    [
      'opens after a missing hour when its start is missing',
      daily('02:30', '05:00'),
      '2026-03-08T03:00:00-04:00',
      true,
    ],
    ['is closed before the missing hour', daily('02:30', '05:00'), '2026-03-08T01:59:59-05:00', false],
    ['closes at the missing hour when its end is missing', daily('01:00', '02:30'), '2026-03-08T03:00:00-04:00', false],
    ['is open up to the missing hour', daily('01:00', '02:30'), '2026-03-08T01:59:59-05:00', true],
    ['does not open when all of it is missing', daily('02:10', '02:50'), '2026-03-08T03:00:00-04:00', false],
    ['opens at the first of two equal times', daily('01:30', '03:00'), '2026-11-01T01:30:00-04:00', true],
    ['stays open when the clock goes back', daily('01:30', '03:00'), '2026-11-01T01:10:00-05:00', true],
    ['is open in the second hour too', daily('01:30', '03:00'), '2026-11-01T02:59:00-05:00', true],
    ['closes at the first of two equal times', daily('00:30', '01:30'), '2026-11-01T01:30:00-04:00', false],
    ['does not open again in the second hour', daily('00:30', '01:30'), '2026-11-01T01:10:00-05:00', false],
    [
      'ends a night at the first of two equal times',
      { ...daily('22:00', '01:30'), days: [6] },
      '2026-11-01T01:29:00-04:00',
      true,
    ],
    ['and not at the second', { ...daily('22:00', '01:30'), days: [6] }, '2026-11-01T01:29:00-05:00', false],
    ['keeps 10 AM at 10 AM after the change', prod, '2026-03-10T14:00:00Z', true],
    [
      'knows a change of half an hour',
      daily('02:15', '03:00', 'Australia/Lord_Howe'),
      '2026-10-04T02:30:00+11:00',
      true,
    ],
    ['knows a change at midnight', daily('00:00', '02:00', 'Africa/Cairo'), '2026-04-24T01:00:00+03:00', true],
  ];
  it.each(rows)('%s', (_what, window, now, open) => {
    expect(isOpen([window], at(now))).toBe(open);
  });
});

describe('nextOpening', () => {
  const sundayGap: Window = { ...daily('02:10', '02:50'), days: [7] };
  const rows: readonly (readonly [string, readonly Window[], string, string])[] = [
    ['now when it is open', [prod], '2026-01-06T11:11:11-05:00', '2026-01-06T11:11:11-05:00'],
    ['later the same day', [prod], '2026-01-06T08:00:00-05:00', '2026-01-06T10:00:00-05:00'],
    ['the next day when it has just closed', [prod], '2026-01-06T14:00:00-05:00', '2026-01-07T10:00:00-05:00'],
    ['Tuesday on Thursday afternoon', [prod], '2026-01-08T15:00:00-05:00', '2026-01-13T10:00:00-05:00'],
    ['Tuesday over the change to summer time', [prod], '2026-03-06T12:00:00-05:00', '2026-03-10T10:00:00-04:00'],
    ['Tuesday over the change to winter time', [prod], '2026-10-30T12:00:00-04:00', '2026-11-03T10:00:00-05:00'],
    ['over the end of the year', [prod], '2026-12-31T15:00:00-05:00', '2027-01-05T10:00:00-05:00'],
    ['a leap day', [prod], '2028-02-26T12:00:00-05:00', '2028-02-29T10:00:00-05:00'],
    ['tonight', [daily('22:00', '02:00')], '2026-01-06T12:00:00-05:00', '2026-01-06T22:00:00-05:00'],
    ['the end of a missing hour', [daily('02:30', '05:00')], '2026-03-08T01:00:00-05:00', '2026-03-08T03:00:00-04:00'],
    ['a week later when all of it is missing', [sundayGap], '2026-03-08T01:00:00-05:00', '2026-03-15T02:10:00-04:00'],
    ['two weeks later when the next is missing', [sundayGap], '2026-03-01T02:50:00-05:00', '2026-03-15T02:10:00-04:00'],
    [
      'the next day, not the second hour',
      [daily('00:30', '01:30')],
      '2026-11-01T01:30:00-04:00',
      '2026-11-02T00:30:00-05:00',
    ],
    [
      'the earliest of several windows',
      [prod, { ...prod, days: [1] }],
      '2026-01-08T15:00:00-05:00',
      '2026-01-12T10:00:00-05:00',
    ],
  ];
  it.each(rows)('is %s', (_what, windows, now, expected) => {
    expect(iso(nextOpening(windows, at(now)), NEW_YORK)).toBe(expected);
  });

  it('is now without windows', () => {
    expect(nextOpening([], 1234)).toBe(1234);
  });

  it('is never for a window without days, which a checked plan cannot have', () => {
    expect(nextOpening([{ ...prod, days: [] }], at('2026-01-06T11:00:00Z'))).toBe(Infinity);
  });

  it('jumps over the day that Samoa left out', () => {
    // After 29 December 2011 came the 31st.
    const friday: Window = { zone: 'Pacific/Apia', days: [5], from: '10:00', to: '12:00' };
    expect(iso(nextOpening([friday], at('2011-12-29T12:00:00-10:00')), 'Pacific/Apia')).toBe(
      '2012-01-06T10:00:00+14:00',
    );
  });
});

describe('describeWindow', () => {
  it.each([
    [prod, 'Tue–Thu 10:00–14:00 America/New_York'],
    [{ ...prod, days: [1, 2, 3, 4, 5] }, 'Mon–Fri 10:00–14:00 America/New_York'],
    [{ ...prod, days: [7, 1] }, 'Mon, Sun 10:00–14:00 America/New_York'],
    [{ ...prod, days: [1, 2] }, 'Mon, Tue 10:00–14:00 America/New_York'],
    [{ ...prod, days: [6], from: '22:00', to: '02:00', zone: 'UTC' }, 'Sat 22:00–02:00 (next day) UTC'],
  ])('writes a window for people', (window, text) => {
    expect(describeWindow(window)).toBe(text);
  });
});
