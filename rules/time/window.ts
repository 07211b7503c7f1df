import type { Window } from '../plan/environment-plan';
import { changeBetween, offsetMs as offsetOf } from './local-time';
import { offsetAt } from './zone-offsets';

/**
 * "Prod: Tuesday-Thursday, 10 AM - 2 PM ET": when a percentage may be raised. Times are local times of the window's
 * zone, and a window belongs to the weekday on which it opens, even if it runs over midnight. When the clock changes, a
 * window opens when the clock first shows or passes `from`, and closes when it next shows or passes `to`: a missing hour
 * cannot be open, and of a repeated hour only the first counts as `to`.
 */

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** A window of one weekday whose opening falls into a missing hour opens only a week later. */
const DAYS_AHEAD = 16;
/** A local date differs from the UTC date by at most a day, and its opening may last until the next one. */
const DAYS_BEHIND = 2;

/** Whether a raise is allowed now. Without windows it is always allowed. */
export function isOpen(windows: readonly Window[], nowMs: number): boolean {
  return windows.length === 0 || windows.some((window) => nextOpeningOf(window, nowMs) === nowMs);
}

/** The first moment from `nowMs` on at which a raise is allowed; Infinity if there is none. */
export function nextOpening(windows: readonly Window[], nowMs: number): number {
  if (windows.length === 0) return nowMs;
  return Math.min(...windows.map((window) => nextOpeningOf(window, nowMs)));
}

/** When a raise is allowed between two moments, oldest first. Openings that touch are one. Without windows it always is. */
export function openingsBetween(windows: readonly Window[], fromMs: number, toMs: number): readonly Opening[] {
  if (windows.length === 0) return [{ fromMs, toMs }];
  const found: Opening[] = [];
  for (const window of windows)
    for (let day = Math.floor(fromMs / DAY_MS) - DAYS_BEHIND; day <= Math.floor(toMs / DAY_MS) + 1; day += 1) {
      if (!opensOn(window, day * DAY_MS)) continue;
      const open = opening(window, day * DAY_MS);
      const cut = { fromMs: Math.max(open.fromMs, fromMs), toMs: Math.min(open.toMs, toMs) };
      if (cut.fromMs < cut.toMs) found.push(cut);
    }
  const joined: Opening[] = [];
  for (const open of found.sort((a, b) => a.fromMs - b.fromMs)) {
    const last = joined.at(-1);
    if (last === undefined || open.fromMs > last.toMs) joined.push(open);
    else joined[joined.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, open.toMs) };
  }
  return joined;
}

/** As `Tue–Thu 10:00–14:00 America/New_York`. */
export function describeWindow({ zone, days, from, to, except = [] }: Window): string {
  const overnight = to <= from ? ' (next day)' : '';
  return `${describeDays(days)} ${from}–${to}${overnight} ${zone}${describeExcept(except)}`;
}

function describeExcept(except: readonly string[]): string {
  if (except.length === 0) return '';
  const shown = except.slice(0, DATES_SHOWN).join(', ');
  return ` except ${shown}${except.length > DATES_SHOWN ? ` and ${except.length - DATES_SHOWN} more dates` : ''}`;
}

function nextOpeningOf(window: Window, nowMs: number): number {
  const todayMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const daysAhead = DAYS_AHEAD + 7 * (window.except?.length ?? 0);
  for (let day = -DAYS_BEHIND; day <= daysAhead; day += 1) {
    const dateMs = todayMs + day * DAY_MS;
    if (!opensOn(window, dateMs)) continue;
    const { fromMs, toMs } = opening(window, dateMs);
    if (fromMs < toMs && nowMs < toMs) return Math.max(nowMs, fromMs);
  }
  return Infinity;
}

/** Walks the local calendar in UTC, where every day has 24 hours: `dateMs` is the local date as if in UTC. */
function opensOn({ days, except = [] }: Window, dateMs: number): boolean {
  return days.includes(weekdayOf(dateMs)) && !(except.length > 0 && except.includes(dateText(dateMs)));
}

/** 1 January 1970 was a Thursday. */
const weekdayOf = (dateMs: number): number => ((((dateMs / DAY_MS + 3) % 7) + 7) % 7) + 1;

const dateText = (dateMs: number): string => new Date(dateMs).toISOString().slice(0, 10);

export interface Opening {
  readonly fromMs: number;
  /** Closed from this moment on. */
  readonly toMs: number;
}

/** Cache: asking the machine for a zone's offset is slow, and the same few dates repeat. */
const known = new Map<string, Opening>();
const KNOWN_AT_MOST = 4096;

/** The opening of a window on a local date; empty when all of it falls into a missing hour. */
function opening(window: Window, dateMs: number): Opening {
  const { zone, from, to, offsets } = window;
  if (offsets !== undefined) return openingBy((atMs) => offsetAt(offsets, atMs), window, dateMs);
  const id = `${zone} ${from} ${to} ${dateMs}`;
  const found = known.get(id);
  if (found !== undefined) return found;
  const computed = openingBy((atMs) => offsetOf(zone, atMs), window, dateMs);
  if (known.size >= KNOWN_AT_MOST) known.clear();
  known.set(id, computed);
  return computed;
}

function openingBy(offsetMs: (atMs: number) => number, { from, to }: Window, dateMs: number): Opening {
  const lastDateMs = to <= from ? dateMs + DAY_MS : dateMs;
  return {
    fromMs: firstShown(offsetMs, dateMs + clockMs(from)),
    toMs: firstShown(offsetMs, lastDateMs + clockMs(to)),
  };
}

function clockMs(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number);
  return (hours * 60 + minutes) * MINUTE_MS;
}

/** The first moment at which a local clock shows a time or has just jumped over it; `localMs` is that time as if in UTC. */
function firstShown(offsetMs: (atMs: number) => number, localMs: number): number {
  const before = offsetMs(localMs - DAY_MS);
  const after = offsetMs(localMs + DAY_MS);
  const shown = [localMs - before, localMs - after].filter((atMs) => atMs + offsetMs(atMs) === localMs);
  if (shown.length > 0) return Math.min(...shown);
  return changeBetween(offsetMs, localMs - after, localMs - before);
}

/** A holiday calendar has about a dozen dates. */
const DATES_SHOWN = 3;
const DAY_NAMES = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** Three or more consecutive days are written as a range. */
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
