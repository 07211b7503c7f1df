import fc from 'fast-check';
import { DateTime } from 'luxon';
import { freezeOf } from '../../../client/flag/freeze';
import { resolvedFreeze } from '../../../rules/plan/keys/times';
import { parseFreezes } from '../../../rules/time/freeze-document';
import { beginningMs, endMs } from '../../../rules/time/moments';
import { untilWords } from '../../../rules/time/until-words';

/** With days of 23, 24 and 25 hours, midnights that are missing or come twice, and half hours. */
const ZONES = [
  ...['UTC', 'America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Pacific/Apia'],
  ...['America/Sao_Paulo', 'Asia/Beirut', 'Africa/Cairo', 'America/Havana', 'Atlantic/Azores', 'Pacific/Chatham'],
];
const zone = fc.constantFrom(...ZONES);
const date = fc
  .integer({ min: 0, max: 365 * 40 })
  .map((days) => DateTime.utc(2005, 1, 1).plus({ days }).toISODate() ?? '');
const time = fc
  .record({ hour: fc.integer({ min: 0, max: 23 }), minute: fc.constantFrom(0, 1, 15, 30, 59) })
  .map(({ hour, minute }) => `T${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);
const written = fc.record({ day: date, clock: fc.option(time, { nil: '' }) }).map(({ day, clock }) => day + clock);

/** What a freeze is by each of the three ways in which people write one. */
function threeWays(place: string, from: string, to: string) {
  const { fromMs, toMs } = resolvedFreeze({ zone: place, from, to, reason: 'x' });
  const typed = freezeOf({ from, until: to, reason: 'x' }, 'ada', { nowMs: 0, zone: place });
  const parsed = parseFreezes(JSON.stringify({ freezes: [{ zone: place, from, to, reason: 'x' }] }));
  if (!parsed.ok) throw new Error(parsed.why);
  const [document] = parsed.freezes;
  return [
    [fromMs, toMs],
    [typed.fromMs, typed.toMs],
    [document?.fromMs, document?.toMs],
  ];
}

describe('one notation for moments', () => {
  it('means the same in a plan, in --from and --until, and in the document of freezes', () =>
    fc.assert(
      fc.property(zone, written, written, (place, one, two) => {
        const [from = '', to = ''] = [one, two].sort();
        fc.pre((beginningMs(from, place) ?? 0) < (endMs(to, place) ?? 0));
        const [plan, command, document] = threeWays(place, from, to);
        expect([command, document]).toEqual([plan, plan]);
      }),
      { numRuns: 2_000 },
    ));

  it('counts a date as an end with all of its day, and nothing of the next one', () =>
    fc.assert(
      fc.property(zone, date, (place, day) => {
        const ms = endMs(day, place) ?? Number.NaN;
        expect(DateTime.fromMillis(ms, { zone: place }).toISODate()! > day).toBe(true);
        expect(DateTime.fromMillis(ms - 1, { zone: place }).toISODate()! <= day).toBe(true);
        expect(beginningMs(day, place)).toBeLessThanOrEqual(ms);
      }),
      { numRuns: 2_000 },
    ));

  it.each([
    ['2099-12-26', 'the end of Sat 26 Dec 2099 (Sun 27 Dec 00:00 America/New_York)'],
    ['2099-12-26T18:00', 'Sat 26 Dec 2099 18:00:00 EST'],
    ['2099-12-26T18:00:05Z', 'Sat 26 Dec 2099 13:00:05 EST'],
    ['2099-12-26 18:00+01:00', 'Sat 26 Dec 2099 12:00:00 EST'],
    // 01:30 comes twice: as an end the second one.
    ['2026-11-01T01:30', 'Sun 1 Nov 2026 01:30:00 EST'],
  ])('%s as an end is read as %s', (text, words) =>
    expect(untilWords(endMs(text, 'America/New_York') ?? 0, 'America/New_York')).toBe(words),
  );

  it('takes the first of two moments for a beginning, the second for an end, and an offset as it is written', () => {
    const hourMs = 3_600_000;
    const [begins, ends] = [beginningMs, endMs].map((read) => read('2026-11-01T01:30', 'America/New_York') ?? 0);
    expect((ends ?? 0) - (begins ?? 0)).toBe(hourMs);
    expect(beginningMs('2026-11-01T01:30-05:00', 'America/New_York')).toBe(ends);
    expect(endMs('2026-11-01T01:30-04:00', 'America/New_York')).toBe(begins);
  });

  it.each([
    '2099-12',
    '2099',
    '2099-W52',
    '2099-360',
    '18:00',
    '2099-02-30',
    'tomorrow',
    '',
    '2099-12-26T25:00',
    '26.12.2099',
  ])('takes %j for no moment', (text) =>
    expect([beginningMs(text, 'UTC'), endMs(text, 'UTC')]).toEqual([undefined, undefined]),
  );
});
