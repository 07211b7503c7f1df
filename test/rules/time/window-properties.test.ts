import fc from 'fast-check';
import { DateTime } from 'luxon';
import type { Window } from '../../../rules/plan/environment-plan';
import { isOpen, nextOpening } from '../../../rules/time/window';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const ZONES = [
  'America/New_York',
  'Europe/Berlin',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Chatham',
  'America/St_Johns',
  'Africa/Cairo',
  'UTC',
];

const clock = fc
  .tuple(fc.nat(23), fc.nat(59))
  .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
const window: fc.Arbitrary<Window> = fc
  .record({
    zone: fc.constantFrom(...ZONES),
    days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 7 }),
    from: clock,
    to: clock,
  })
  .filter(({ from, to }) => from !== to);
const windows = fc.array(window, { minLength: 1, maxLength: 3 });

const changes = [
  ...['2026-03-08T07:00Z', '2026-11-01T06:00Z', '2026-03-29T01:00Z', '2026-10-25T01:00Z', '2026-04-04T15:00Z'],
  ...['2026-10-03T15:30Z', '2026-04-23T22:00Z', '2026-12-31T23:59Z', '2028-02-29T12:00Z'],
].map((iso) => Date.parse(iso));
/** Any time of three years, and half of the time within a day of a moment at which clocks or calendars are special. */
const now = fc.oneof(
  fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2029, 0) }),
  fc.tuple(fc.constantFrom(...changes), fc.integer({ min: -DAY_MS, max: DAY_MS })).map(([at, offset]) => at + offset),
);

describe('nextOpening, any windows at any time', () => {
  it('is open, not in the past, within 15 days, and now exactly when it is open now', () => {
    fc.assert(
      fc.property(windows, now, (some, nowMs) => {
        const nextMs = nextOpening(some, nowMs);
        expect(nextMs).toBeGreaterThanOrEqual(nowMs);
        expect(nextMs - nowMs).toBeLessThanOrEqual(15 * DAY_MS);
        expect(isOpen(some, nextMs)).toBe(true);
        expect(nextMs === nowMs).toBe(isOpen(some, nowMs));
      }),
    );
  });

  it('has nothing open in between, and is closed the millisecond and the minute before', () => {
    fc.assert(
      fc.property(windows, now, (some, nowMs) => {
        const nextMs = nextOpening(some, nowMs);
        if (nextMs === nowMs) return;
        const samples = Array.from({ length: 10 }, (_, i) => nowMs + Math.floor(((nextMs - nowMs) * i) / 10));
        const closed = [...samples, nextMs - 1, Math.max(nowMs, nextMs - MINUTE_MS)];
        expect(closed.filter((each) => isOpen(some, each))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('begins on a day of the window, at the time it opens unless the clock jumps there', () => {
    fc.assert(
      fc.property(window, now, (one, nowMs) => {
        const nextMs = nextOpening([one], nowMs);
        if (nextMs === nowMs) return;
        const opened = DateTime.fromMillis(nextMs, { zone: one.zone });
        const before = DateTime.fromMillis(nextMs - 1, { zone: one.zone });
        if (opened.offset === before.offset) expect(opened.toFormat('HH:mm:ss.SSS')).toBe(`${one.from}:00.000`);
        expect(one.days).toContain(opened.weekday);
      }),
    );
  });
});

describe('isOpen, any window', () => {
  it('agrees with the local clock on days on which no clock is changed', () => {
    fc.assert(
      fc.property(window, now, (one, nowMs) => {
        const local = DateTime.fromMillis(nowMs, { zone: one.zone });
        if (local.minus({ days: 2 }).offset !== local.plus({ days: 2 }).offset) return;
        const time = local.toFormat('HH:mm');
        const yesterday = local.minus({ days: 1 }).weekday;
        const today = one.days.includes(local.weekday);
        const open =
          one.from < one.to
            ? today && one.from <= time && time < one.to
            : (today && time >= one.from) || (one.days.includes(yesterday) && time < one.to);
        expect(isOpen([one], nowMs)).toBe(open);
      }),
      { numRuns: 300 },
    );
  });
});
