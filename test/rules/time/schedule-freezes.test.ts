import fc from 'fast-check';
import { DateTime } from 'luxon';
import type { Freeze, Window } from '../../../rules/plan/environment-plan';
import { frozenBy } from '../../../rules/time/freeze';
import { calendar } from '../../../rules/time/schedule';
import { isOpen } from '../../../rules/time/window';

const DAY_MS = 86_400_000;
const ZONE = 'America/New_York';
const prod: Window = { zone: ZONE, days: [2, 3, 4], from: '10:00', to: '14:00', except: ['2026-11-26', '2026-12-24'] };
const steps = [10, 25, 50, 75, 100].map((percentage, i) => ({ percentage, soakMs: (i === 0 ? 1 : 2) * DAY_MS }));
const freeze = (from: string, to: string): Freeze => ({
  fromMs: DateTime.fromISO(from, { zone: ZONE }).toMillis(),
  toMs: DateTime.fromISO(to, { zone: ZONE }).toMillis(),
  reason: 'holidays',
});

describe('calendar, with freezes', () => {
  it('jumps over a freeze and an excluded date, and counts the soak from the raise', () => {
    const plan = { steps, windows: [prod], freezes: [freeze('2026-12-01', '2026-12-03T12:00')] };
    const startMs = DateTime.fromISO('2026-11-24T09:00', { zone: ZONE }).toMillis();
    const { steps: raises, finishMs } = calendar(plan, startMs);
    const shown = (ms: number): string => DateTime.fromMillis(ms, { zone: ZONE }).toFormat('ccc d LLL HH:mm');
    expect(raises.map(({ notBeforeMs }) => shown(notBeforeMs))).toEqual([
      'Tue 24 Nov 10:00',
      'Wed 25 Nov 10:00',
      'Thu 3 Dec 12:00',
      'Tue 8 Dec 10:00',
      'Thu 10 Dec 10:00',
    ]);
    expect(shown(finishMs)).toBe('Sat 12 Dec 10:00');
  });

  const year = Date.UTC(2026, 0);
  const freezes = fc.array(
    fc.tuple(fc.nat(365 * DAY_MS), fc.integer({ min: 1, max: 30 * DAY_MS })).map(([offset, length]): Freeze => ({
      ...{ fromMs: year + offset, toMs: year + offset + length, reason: 'any' },
    })),
    { maxLength: 6 },
  );
  const windows = fc.subarray<Window>([
    prod,
    { ...prod, from: '22:00', to: '01:00' },
    { ...prod, zone: 'Asia/Tokyo', days: [6] },
  ]);

  it('raises only in an opening, outside every freeze and after each soak, from any start of a year', () => {
    fc.assert(
      fc.property(windows, freezes, fc.nat(365 * DAY_MS), (some, frozen, offset) => {
        const startMs = year + offset;
        const { steps: raises, finishMs } = calendar({ steps, windows: some, freezes: frozen }, startMs);
        expect(raises.map(({ percentage }) => percentage)).toEqual([10, 25, 50, 75, 100]);
        let dueMs = startMs;
        raises.forEach(({ notBeforeMs }, i) => {
          expect(notBeforeMs).toBeGreaterThanOrEqual(dueMs);
          expect(isOpen(some, notBeforeMs)).toBe(true);
          expect(frozenBy(frozen, notBeforeMs)).toBeUndefined();
          dueMs = notBeforeMs + (steps[i]?.soakMs ?? 0);
        });
        expect(finishMs).toBe(dueMs);
      }),
    );
  });
});
