import { DateTime, IANAZone } from 'luxon';
import type { Window } from './environment-plan';

/**
 * "Prod: Tuesday-Thursday, 10 AM - 2 PM ET": when a percentage may be raised. Times are local times of the window's
 * zone, and a window belongs to the weekday on which it opens, also when it runs over midnight. Where a clock is
 * changed, a window opens when its clock first shows `from` or passes it, and closes when its clock next shows `to` or
 * passes it: an hour that is missing cannot be open, and of an hour that comes twice only the first counts as `to`.
 */

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** A window of one weekday that falls into a missing hour opens only a week later. */
const DAYS_AHEAD = 15;

/** Whether a raise is allowed now. No window means at any time. */
export function isOpen(windows: readonly Window[], nowMs: number): boolean {
  const holdsNow = ({ fromMs, toMs }: Opening): boolean => fromMs <= nowMs && nowMs < toMs;
  return windows.length === 0 || windows.some((window) => openings(window, nowMs, 0).some(holdsNow));
}

/** The first moment from now on at which a raise is allowed: `nowMs` itself when it is. Infinity if there is none. */
export function nextOpening(windows: readonly Window[], nowMs: number): number {
  if (isOpen(windows, nowMs)) return nowMs;
  const starts = windows.flatMap((window) => openings(window, nowMs, DAYS_AHEAD).map(({ fromMs }) => fromMs));
  return Math.min(...starts.filter((fromMs) => fromMs >= nowMs));
}

/** As `Tue–Thu 10:00–14:00 America/New_York`. */
export function describeWindow({ zone, days, from, to }: Window): string {
  const overnight = to <= from ? ' (next day)' : '';
  return `${describeDays(days)} ${from}–${to}${overnight} ${zone}`;
}

interface Opening {
  readonly fromMs: number;
  /** Not open any more at this moment. */
  readonly toMs: number;
}

/** The openings of a window from yesterday's, which may run over midnight, to the one `daysAhead` days from today. */
function openings(window: Window, nowMs: number, daysAhead: number): readonly Opening[] {
  const zone = IANAZone.create(window.zone);
  const today = DateTime.fromMillis(nowMs, { zone });
  // The local calendar is walked in UTC, where every day has 24 hours.
  const todayMs = Date.UTC(today.year, today.month - 1, today.day);
  const found: Opening[] = [];
  for (let day = -1; day <= daysAhead; day += 1) {
    const dateMs = todayMs + day * DAY_MS;
    if (!window.days.includes(DateTime.fromMillis(dateMs, { zone: 'utc' }).weekday)) continue;
    const lastDateMs = window.to <= window.from ? dateMs + DAY_MS : dateMs;
    const fromMs = firstShown(zone, dateMs + clockMs(window.from));
    const toMs = firstShown(zone, lastDateMs + clockMs(window.to));
    if (fromMs < toMs) found.push({ fromMs, toMs });
  }
  return found;
}

function clockMs(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number);
  return (hours * 60 + minutes) * MINUTE_MS;
}

/** The first moment at which a local clock shows a time or has just jumped over it; `localMs` is that time as if UTC. */
function firstShown(zone: IANAZone, localMs: number): number {
  const offsetMs = (atMs: number): number => zone.offset(atMs) * MINUTE_MS;
  const before = offsetMs(localMs - DAY_MS);
  const after = offsetMs(localMs + DAY_MS);
  const shown = [localMs - before, localMs - after].filter((atMs) => atMs + offsetMs(atMs) === localMs);
  if (shown.length > 0) return Math.min(...shown);
  let stillBefore = localMs - after;
  let jumped = localMs - before;
  while (jumped - stillBefore > 1) {
    const middle = Math.floor((stillBefore + jumped) / 2);
    if (offsetMs(middle) === before) stillBefore = middle;
    else jumped = middle;
  }
  return jumped;
}

const DAY_NAMES = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** Three and more days in a row are written as a range. */
function describeDays(days: readonly number[]): string {
  const runs: number[][] = [];
  for (const day of [...days].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run !== undefined && run.at(-1) === day - 1) run.push(day);
    else runs.push([day]);
  }
  const name = (day: number | undefined): string => DAY_NAMES[(day ?? 0) - 1] ?? '?';
  return runs
    .map((run) => (run.length > 2 ? `${name(run[0])}–${name(run.at(-1))}` : run.map(name).join(', ')))
    .join(', ');
}
