import fc from 'fast-check';
import { DateTime, IANAZone } from 'luxon';
import { formatTime } from '../../../rules/format';
import { isTimeZone, localTime, offsetMs } from '../../../rules/time/local-time';
import { untilWords } from '../../../rules/time/until-words';

const zones = fc.constantFrom('UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone.includes('/')));
const moments = fc.integer({ min: Date.UTC(1850, 0), max: Date.UTC(2150, 0) });

/** Hours around the moments at which the clocks of some zones change. */
const changes = fc
  .tuple(
    fc.constantFrom(
      Date.UTC(2026, 2, 8, 7),
      Date.UTC(2026, 10, 1, 6),
      Date.UTC(2026, 2, 29, 1),
      Date.UTC(2018, 10, 4, 3),
      Date.UTC(2011, 11, 30, 10),
    ),
    fc.integer({ min: -7_200_000, max: 7_200_000 }),
  )
  .map(([atMs, aroundMs]) => atMs + aroundMs);

describe('the local time of a zone', () => {
  it('is that of Luxon, in every zone, also around changes of the clock', () => {
    fc.assert(
      fc.property(zones, fc.oneof(moments, changes), (zone, atMs) => {
        expect(offsetMs(zone, atMs)).toBeCloseTo(IANAZone.create(zone).offset(atMs) * 60_000, 3);
        const time = DateTime.fromMillis(atMs, { zone, locale: 'en-US' });
        expect(formatTime(atMs, zone)).toContain(time.toFormat('ccc d LLL yyyy HH:mm:ss '));
      }),
      { numRuns: 3_000 },
    );
  });

  it.each([
    ['America/New_York', 'Sun 4 Jan 2026 19:00:00 EST', 'Wed 1 Jul 2026 20:00:00 EDT'],
    ['Asia/Kolkata', 'Mon 5 Jan 2026 05:30:00 GMT+5:30', 'Thu 2 Jul 2026 05:30:00 GMT+5:30'],
    ['UTC', 'Mon 5 Jan 2026 00:00:00 UTC', 'Thu 2 Jul 2026 00:00:00 UTC'],
  ])('in %s is written as %s and %s', (zone, winter, summer) => {
    expect(formatTime(Date.UTC(2026, 0, 5), zone)).toBe(winter);
    expect(formatTime(Date.UTC(2026, 6, 2), zone)).toBe(summer);
  });

  it('begins a day when that of Luxon does', () => {
    fc.assert(
      fc.property(zones, moments, (zone, atMs) => {
        const day = DateTime.fromMillis(atMs, { zone }).startOf('day').toMillis();
        expect(untilWords(day, zone)).toMatch(/^the end of /);
        expect(untilWords(day + 1, zone)).not.toMatch(/^the end of /);
      }),
    );
  });

  it('is in UTC where the zone is not known, and unknown where there is no such moment: a text ends no workflow', () => {
    expect(formatTime(0, 'Mars/Olympus')).toBe('Thu 1 Jan 1970 00:00:00 UTC');
    expect(offsetMs('Mars/Olympus', 0)).toBeNaN();
    expect(localTime(8.7e15, 'UTC')).toBeUndefined();
    expect(formatTime(NaN, 'America/New_York')).toBe('an unknown time');
    expect(untilWords(Infinity, 'America/New_York')).toBe('an unknown time');
  });

  it.each([
    ['America/New_York', true],
    ['UTC', true],
    ['EST', false],
    ['Mars/Olympus', false],
  ])('%s is the name of a zone: %s', (name, expected) => {
    expect(isTimeZone(name)).toBe(expected);
  });
});
