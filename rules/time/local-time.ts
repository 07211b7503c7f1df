/**
 * What a clock of a zone shows, by the time zone data that Node contains. Workflows use it in place of Luxon, which asks the
 * same data and adds 260 KB to what each worker loads.
 */
export interface LocalTime {
  readonly year: number;
  /** 1 to 31. */
  readonly day: number;
  /** As `Mon` and `Jan`. */
  readonly weekday: string;
  readonly month: string;
  /** As `09:05:00`. */
  readonly clock: string;
  readonly offsetMs: number;
}

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Undefined for a moment that no date has. A zone that is not known counts as UTC: a text must not end a workflow. */
export function localTime(atMs: number, zone: string): LocalTime | undefined {
  const known = offsetMs(zone, atMs);
  const offset = Number.isNaN(known) ? 0 : known;
  const shown = new Date(atMs + offset);
  if (Number.isNaN(shown.getTime())) return undefined;
  return {
    year: shown.getUTCFullYear(),
    day: shown.getUTCDate(),
    weekday: WEEKDAYS[shown.getUTCDay()]!,
    month: MONTHS[shown.getUTCMonth()]!,
    clock: shown.toISOString().slice(-13, -5),
    offsetMs: offset,
  };
}

/** How far the zone's clock is ahead of UTC; NaN for a zone or a moment that is not known. */
export function offsetMs(zone: string, atMs: number): number {
  const format = formatOf(zone);
  if (format === undefined || Number.isNaN(new Date(atMs).getTime())) return NaN;
  const part: Record<string, string> = {};
  for (const { type, value } of format.formatToParts(atMs)) part[type] = value;
  const year = part['era'] === 'BC' ? 1 - Number(part['year']) : Number(part['year']);
  const shown = new Date(0);
  shown.setUTCFullYear(year, Number(part['month']) - 1, Number(part['day']));
  shown.setUTCHours(Number(part['hour']) % 24, Number(part['minute']), Number(part['second']));
  return shown.getTime() - Math.floor(atMs / 1_000) * 1_000;
}

/** The first moment whose offset is another one than that of `fromMs`; `toMs` has another one. */
export function changeBetween(offsetOf: (atMs: number) => number, fromMs: number, toMs: number): number {
  const before = offsetOf(fromMs);
  let [same, changed] = [fromMs, toMs];
  while (changed - same > 1) {
    const middle = Math.floor((same + changed) / 2);
    if (offsetOf(middle) === before) same = middle;
    else changed = middle;
  }
  return changed;
}

/** As `EST`; `UTC` for a zone that is not known. */
export function shortZoneName(zone: string, atMs: number): string {
  if (formatOf(zone) === undefined) return 'UTC';
  const named = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'short' });
  return named.formatToParts(atMs).find(({ type }) => type === 'timeZoneName')?.value ?? zone;
}

/**
 * Whether the name is in the IANA database and names a place, such as `America/New_York`; also `UTC`. Abbreviations are
 * refused even if the database has them: its EST has no daylight saving time.
 */
export const isTimeZone = (name: string): boolean =>
  name === 'UTC' || (name.includes('/') && formatOf(name) !== undefined);

/** Making one is slow. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  try {
    const two = '2-digit';
    const date = { era: 'short', year: 'numeric', month: two, day: two } as const;
    const clock = { hour: two, minute: two, second: two, hourCycle: 'h23' } as const;
    const format = new Intl.DateTimeFormat('en-US', { ...date, ...clock, timeZone: zone });
    formats.set(zone, format);
    return format;
  } catch {
    return undefined;
  }
}
