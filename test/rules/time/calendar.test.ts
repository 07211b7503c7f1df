import fc from 'fast-check';
import { DateTime } from 'luxon';
import type { Step, Window } from '../../../rules/plan/environment-plan';
import { calendar } from '../../../rules/time/schedule';
import { isOpen } from '../../../rules/time/window';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const ZONE = 'America/New_York';
const prod: Window = { zone: ZONE, days: [2, 3, 4], from: '10:00', to: '14:00' };
const steps: readonly Step[] = [
  { percentage: 10, soakMs: DAY_MS },
  { percentage: 25, soakMs: 2 * DAY_MS },
  { percentage: 50, soakMs: 2 * DAY_MS },
  { percentage: 75, soakMs: 2 * DAY_MS },
  { percentage: 100, soakMs: DAY_MS },
];
const runbook = { steps, windows: [prod], freezes: [] };

const at = (local: string): number => DateTime.fromISO(local, { zone: ZONE }).toMillis();
const shown = (ms: number): string => DateTime.fromMillis(ms, { zone: ZONE }).toFormat('ccc d LLL HH:mm');

describe('calendar', () => {
  it('is days 1, 2, 4, 6 and 8 when it may be raised at any time', () => {
    const startMs = at('2026-01-06T10:00');
    const { steps: raises, finishMs } = calendar({ steps, windows: [], freezes: [] }, startMs);
    expect(raises.map(({ notBeforeMs }) => (notBeforeMs - startMs) / DAY_MS + 1)).toEqual([1, 2, 4, 6, 8]);
    expect(raises.map(({ percentage }) => percentage)).toEqual([10, 25, 50, 75, 100]);
    expect((finishMs - startMs) / DAY_MS).toBe(8);
  });

  const rows = [
    [
      '2026-01-06T10:00',
      ['Tue 6 Jan 10:00', 'Wed 7 Jan 10:00', 'Tue 13 Jan 10:00', 'Thu 15 Jan 10:00', 'Tue 20 Jan 10:00'],
    ],
    [
      '2026-01-07T13:30',
      ['Wed 7 Jan 13:30', 'Thu 8 Jan 13:30', 'Tue 13 Jan 10:00', 'Thu 15 Jan 10:00', 'Tue 20 Jan 10:00'],
    ],
    [
      '2026-01-08T10:00',
      ['Thu 8 Jan 10:00', 'Tue 13 Jan 10:00', 'Thu 15 Jan 10:00', 'Tue 20 Jan 10:00', 'Thu 22 Jan 10:00'],
    ],
    [
      '2026-01-09T10:00',
      ['Tue 13 Jan 10:00', 'Wed 14 Jan 10:00', 'Tue 20 Jan 10:00', 'Thu 22 Jan 10:00', 'Tue 27 Jan 10:00'],
    ],
    // Over the change to summer time 24 hours from Thursday 10:00 would be another hour; a window keeps local time.
    [
      '2026-03-05T10:00',
      ['Thu 5 Mar 10:00', 'Tue 10 Mar 10:00', 'Thu 12 Mar 10:00', 'Tue 17 Mar 10:00', 'Thu 19 Mar 10:00'],
    ],
    [
      '2026-10-29T13:59',
      ['Thu 29 Oct 13:59', 'Tue 3 Nov 10:00', 'Thu 5 Nov 10:00', 'Tue 10 Nov 10:00', 'Thu 12 Nov 10:00'],
    ],
    [
      '2026-12-30T10:00',
      ['Wed 30 Dec 10:00', 'Thu 31 Dec 10:00', 'Tue 5 Jan 10:00', 'Thu 7 Jan 10:00', 'Tue 12 Jan 10:00'],
    ],
  ] as const;
  it.each(rows)('from %s waits for the next opening after each soak', (start, expected) => {
    expect(calendar(runbook, at(start)).steps.map(({ notBeforeMs }) => shown(notBeforeMs))).toEqual(expected);
  });

  it('watches the last percentage for its soak, whatever the window', () => {
    expect(shown(calendar(runbook, at('2026-01-06T10:00')).finishMs)).toBe('Wed 21 Jan 10:00');
  });
});

describe('calendar, from any start of a year', () => {
  const year = Date.UTC(2026, 0, 1);
  function holds(startMs: number): void {
    const { steps: raises, finishMs } = calendar(runbook, startMs);
    expect(raises.map(({ percentage }) => percentage)).toEqual([10, 25, 50, 75, 100]);
    raises.forEach(({ notBeforeMs }, i) => {
      const dueMs = i === 0 ? startMs : (raises[i - 1]?.notBeforeMs ?? 0) + (steps[i - 1]?.soakMs ?? 0);
      expect(notBeforeMs).toBeGreaterThanOrEqual(dueMs);
      expect(isOpen([prod], notBeforeMs)).toBe(true);
      const local = DateTime.fromMillis(notBeforeMs, { zone: ZONE });
      expect([2, 3, 4]).toContain(local.weekday);
      expect(local.hour).toBeGreaterThanOrEqual(10);
      expect(local.hour).toBeLessThan(14);
    });
    expect(finishMs).toBe((raises.at(-1)?.notBeforeMs ?? 0) + DAY_MS);
  }

  it('raises only inside the window and after each soak', () => {
    fc.assert(fc.property(fc.integer({ min: year, max: year + 365 * DAY_MS }), holds));
  });

  it.each([
    ['summer', '2026-03-08T00:00'],
    ['winter', '2026-11-01T00:00'],
  ])('does so from every sixth hour of the ten days before the change to %s time', (_season, change) => {
    for (let startMs = at(change) - 10 * DAY_MS; startMs <= at(change) + DAY_MS; startMs += 6 * HOUR_MS) holds(startMs);
  });
});
