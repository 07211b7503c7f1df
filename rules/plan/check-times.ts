import { DateTime } from 'luxon';
import { duplicates, listAt, valueAt, type Finding } from './problems/plan-problem';
import { environmentPaths } from './problems/places';
import type { Path } from './problems/problems';
import { resolvedFreeze, weekdayNumber } from './resolve-times';
import { isTimeZone, nearestTimeZone } from '../time/time-zone';

const DAY_MS = 86_400_000;
const LONGEST_FREEZE_DAYS = 366;

/** Windows and freezes. */
export function timeFindings(raw: unknown): readonly Finding[] {
  const environments = environmentPaths(raw);
  const freezes: readonly Path[] = [['freezes'], ...environments.map((path) => [...path, 'freezes'])];
  return [
    ...environments.flatMap((path) => itemsAt(raw, [...path, 'windows']).flatMap((at) => windowFindings(raw, at))),
    ...freezes.flatMap((path) => itemsAt(raw, path).flatMap((at) => freezeFindings(raw, at))),
  ];
}

const itemsAt = (raw: unknown, list: Path): readonly Path[] => listAt(raw, list).map((_, i) => [...list, i]);

function windowFindings(raw: unknown, path: Path): readonly Finding[] {
  const from = valueAt(raw, [...path, 'from']);
  const findings: Finding[] = [
    ...zoneFindings(raw, path),
    ...duplicates(raw, [...path, 'days']),
    ...duplicates(raw, [...path, 'except']),
    ...exceptFindings(raw, path),
  ];
  if (typeof from === 'string' && from === valueAt(raw, [...path, 'to'])) {
    const remedy = "write '24:00' as `to` and '00:00' as `from` for the whole day, or another time";
    findings.push({ path: [...path, 'to'], problem: 'closes the window when it opens', remedy });
  }
  return findings;
}

function zoneFindings(raw: unknown, path: Path): readonly Finding[] {
  const zone = valueAt(raw, [...path, 'zone']);
  if (typeof zone !== 'string' || zone === '' || isTimeZone(zone)) return [];
  const meant = nearestTimeZone(zone);
  const remedy = `write ${meant ?? 'an IANA name as America/New_York, or UTC'}`;
  return [{ path: [...path, 'zone'], problem: 'is no time zone of the IANA database', remedy }];
}

/** A date that the window skips anyway is nearly always a slip of the year or the day. */
function exceptFindings(raw: unknown, path: Path): readonly Finding[] {
  const days = listAt(raw, [...path, 'days']);
  const numbers = days.map((day) => weekdayNumber(String(day)));
  if (days.length === 0 || numbers.includes(0)) return [];
  return listAt(raw, [...path, 'except']).flatMap((date, i) => {
    const day = DateTime.fromISO(String(date), { zone: 'utc', locale: 'en-US' });
    if (!day.isValid || numbers.includes(day.weekday)) return [];
    const problem = `is a ${day.weekdayLong}, on which the window does not open`;
    return [{ path: [...path, 'except', i], problem, remedy: `write a date on ${days.join(', ')}, or take it out` }];
  });
}

function freezeFindings(raw: unknown, path: Path): readonly Finding[] {
  const zones = zoneFindings(raw, path);
  const text = (name: string): string => String(valueAt(raw, [...path, name]) ?? '');
  const [zone, from, to] = [text('zone'), text('from'), text('to')];
  const known = zone !== '' && zones.length === 0 ? zone : 'UTC';
  if (![from, to].every((each) => DateTime.fromISO(each, { zone: 'utc' }).isValid)) return zones;
  const { fromMs, toMs } = resolvedFreeze({ zone: known, from, to, reason: '' });
  const at: Path = [...path, 'to'];
  if (toMs <= fromMs) {
    const problem = `ends the freeze before it begins, ${from}`;
    return [...zones, { path: at, problem, remedy: 'write a later `to`, or an earlier `from`' }];
  }
  const days = Math.round((toMs - fromMs) / DAY_MS);
  if (days <= LONGEST_FREEZE_DAYS) return zones;
  const problem = `would freeze for ${days} days, and a freeze may last a year`;
  return [...zones, { path: at, problem, remedy: 'check the year, or take the environment out of the plan' }];
}
