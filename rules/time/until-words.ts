import { formatTime } from '../format';
import { type LocalTime, localTime } from './local-time';

/**
 * `the end of Sat 26 Dec 2099 (Sun 27 Dec 00:00 America/New_York)` for the moment at which a day begins, otherwise the moment
 * itself, with the year if it is not obvious at `nowMs`.
 */
export function untilWords(ms: number, zone: string, nowMs?: number): string {
  const [last, end] = [localTime(ms - 1, zone), localTime(ms, zone)];
  if (last === undefined || end === undefined || last.day === end.day) return formatTime(ms, zone, nowMs);
  return `the end of ${dayOf(last)} ${last.year} (${dayOf(end)} ${end.clock.slice(0, 5)} ${zone})`;
}

const dayOf = ({ weekday, day, month }: LocalTime): string => `${weekday} ${day} ${month}`;
