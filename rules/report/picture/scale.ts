import { localTime, offsetMs } from '../../time/local-time';

/** A linear scale, with both ends included. */
export interface Scale {
  (value: number): number;
}

export function scale([from, to]: readonly [number, number], [start, end]: readonly [number, number]): Scale {
  const width = to - from;
  return (value) => {
    const at = start + ((value - from) / (width === 0 ? 1 : width)) * (end - start);
    return Math.round(Math.min(Math.max(at, Math.min(start, end)), Math.max(start, end)) * 10) / 10;
  };
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const STEPS_MS: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND_MS),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS),
  ...[1, 2, 7, 14, 28].map((days) => days * DAY_MS),
];

export interface Tick {
  readonly atMs: number;
  readonly label: string;
}

/** Round times of the zone's clock: at most `most`, days at their midnight. */
export function timeTicks([fromMs, toMs]: readonly [number, number], zone: string, most: number): readonly Tick[] {
  const stepMs = STEPS_MS.find((step) => (toMs - fromMs) / step <= most) ?? (toMs - fromMs) / most;
  const shiftMs = (atMs: number): number => {
    const known = offsetMs(zone, atMs);
    return Number.isNaN(known) ? 0 : known;
  };
  const ticks: Tick[] = [];
  const firstMs = Math.ceil((fromMs + shiftMs(fromMs)) / stepMs) * stepMs;
  for (let localMs = firstMs; ticks.length <= most; localMs += stepMs) {
    // The clock may change between two ticks.
    const atMs = localMs - shiftMs(localMs - shiftMs(fromMs));
    if (atMs > toMs) break;
    if (atMs >= fromMs) ticks.push({ atMs, label: tickLabel(atMs, zone, stepMs) });
  }
  return ticks;
}

function tickLabel(atMs: number, zone: string, stepMs: number): string {
  const time = localTime(atMs, zone);
  if (time === undefined) return '';
  const day = `${time.weekday} ${time.day}`;
  if (stepMs >= DAY_MS) return day;
  if (stepMs < MINUTE_MS) return time.clock;
  return time.clock === '00:00:00' ? day : time.clock.slice(0, 5);
}
