import { DateTime } from 'luxon';

/**
 * The notation for moments in plans, on the command line and in the freeze document: a date, or a date and a time. Without an
 * offset it is local time of a zone.
 */
const WRITTEN = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

const isDate = (written: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(written);

/**
 * The beginning of a written moment, in ms since 1970: the first moment of a date; of a time that the clock shows twice, the
 * first. Undefined when it is neither a date nor a time.
 */
export function beginningMs(written: string, zone: string): number | undefined {
  const moments = momentsOf(written, zone);
  return moments.length === 0 ? undefined : Math.min(...moments);
}

/**
 * The end of a written moment, in ms since 1970: a date ends when the next day begins; of a time that the clock shows twice,
 * the second. Undefined when it is neither a date nor a time.
 */
export function endMs(written: string, zone: string): number | undefined {
  if (isDate(written)) {
    const next = DateTime.fromISO(written, { zone: 'utc' }).plus({ days: 1 }).toISODate();
    return next === null ? undefined : beginningMs(next, zone);
  }
  const moments = momentsOf(written, zone);
  return moments.length === 0 ? undefined : Math.max(...moments);
}

/** When a clock of the zone shows a local time: once, twice, or, for a missing time, the one it jumps to. */
function momentsOf(written: string, zone: string): readonly number[] {
  const [isWritten, offset] = WRITTEN.exec(written) ?? [];
  const moment = DateTime.fromISO(written.toUpperCase().replace(' ', 'T'), { zone });
  if (isWritten === undefined || !moment.isValid) return [];
  return offset === undefined ? moment.getPossibleOffsets().map((time) => time.toMillis()) : [moment.toMillis()];
}
