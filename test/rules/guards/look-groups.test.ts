import fc from 'fast-check';
import { ALARMS_PER_REQUEST, nextLookInMs } from '../../../rules/guards/look-groups';

const T0 = 1_800_000_000_000;
const MINUTE = 60_000;

describe('the next check', () => {
  it('comes after the interval when there are few alarms', () => {
    expect(nextLookInMs({ nowMs: T0 + 7, intervalMs: MINUTE }, { alarm: 'a', alarms: 10 })).toBe(MINUTE);
  });

  it('is never later than the interval, and never at once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10 * MINUTE }),
        fc.integer({ min: 1_000, max: 3_600_000 }),
        fc.string({ minLength: 1 }),
        fc.integer({ min: 1, max: 100_000 }),
        (after, intervalMs, alarm, alarms) => {
          const nextMs = nextLookInMs({ nowMs: T0 + after, intervalMs }, { alarm, alarms });
          expect(nextMs).toBeGreaterThan(0);
          expect(nextMs).toBeLessThanOrEqual(intervalMs);
        },
      ),
    );
  });

  it.each([100, 250, 1_000, 10_000])(
    'brings %i alarms together into few requests, spread over the interval',
    (count) => {
      const alarms = Array.from({ length: count }, (_, index) => `shop-${index}-errors`);
      const moments = new Map<number, number>();
      for (const alarm of alarms) {
        // Whenever it looks now: the next time it looks with its group.
        const nowMs = T0 + Math.floor((MINUTE * alarms.indexOf(alarm)) / count);
        const atMs = Math.round(
          (nowMs + nextLookInMs({ nowMs, intervalMs: MINUTE }, { alarm, alarms: count })) % MINUTE,
        );
        moments.set(atMs, (moments.get(atMs) ?? 0) + 1);
      }
      const requests = [...moments.values()].reduce((sum, size) => sum + Math.ceil(size / ALARMS_PER_REQUEST), 0);
      expect(requests).toBeLessThanOrEqual(1.5 * Math.ceil(count / 100) + 0.5);
      expect(moments.size).toBeGreaterThanOrEqual(Math.floor(count / ALARMS_PER_REQUEST));
    },
  );
});
