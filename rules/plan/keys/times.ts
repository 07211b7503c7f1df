import { DateTime } from 'luxon';
import { z } from 'zod';
import { duration, key, list, matching, text } from '../problems/schema-key';
import { duplicates, listAt, valueAt, type Finding } from '../problems/plan-problem';
import { environmentPaths } from '../problems/places';
import type { Path } from '../problems/problems';
import { isTimeZone } from '../../time/local-time';
import { nearestTimeZone } from '../../time/time-zone';
import { durationMs } from '../duration';
import type { Freeze, Limit, Limits, Window } from '../environment-plan';
import { beginningMs, endMs } from '../../time/moments';

const zone = () =>
  key(text(), {
    is: 'Time zone of `from` and `to` by its IANA name, such as America/New_York. It follows daylight saving time.',
    remedy: 'write an IANA name such as America/New_York, or UTC',
  });

/** Text that is no date at all is already reported. */
const inCalendar = (written: string): boolean =>
  !/^\d{4}-\d{2}-\d{2}/.test(written) || DateTime.fromISO(written, { zone: 'utc' }).isValid;
const date = () =>
  matching(/^\d{4}-\d{2}-\d{2}$/, 'must be a date such as 2026-11-26').refine(inCalendar, {
    error: 'is not a day of the calendar',
  });
const dateOrTime = () =>
  matching(/^\d{4}-\d{2}-\d{2}(?:T(?:[01]\d|2[0-3]):[0-5]\d)?$/, 'must be a date, or a date and a time').refine(
    inCalendar,
    { error: 'is not a day of the calendar' },
  );

const windowSchema = z.strictObject({
  zone: zone(),
  days: key(list(z.enum(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']), 'must name at least one day'), {
    is: 'Days on which the window opens, such as [Tue, Wed, Thu].',
    remedy: 'write days such as [Tue, Wed, Thu], each one of Mon, Tue, Wed, Thu, Fri, Sat, Sun',
  }),
  from: key(matching(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be a time from 00:00 to 23:59'), {
    is: 'When the window opens, HH:MM in 24 hours.',
    remedy: "write a time in quotes, such as '10:00'",
  }),
  to: key(matching(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/, 'must be a time from 00:00 to 24:00'), {
    is: 'When the window closes, HH:MM in 24 hours; before `from` it is on the next day.',
    remedy: "write a time in quotes, such as '14:00'",
  }),
  except: key(z.array(date()), {
    is: 'Dates on which the window does not open, for example holidays.',
    remedy: 'write dates such as [2026-11-26, 2026-12-24]',
  }).optional(),
});

export const windowsSchema = key(
  z.union([z.literal('anytime'), list(windowSchema, 'must have at least one window')], {
    error: 'must be anytime or a list of windows',
  }),
  {
    is: 'When the percentage may be raised: anytime, or a list of windows. Rollbacks never wait for a window.',
    remedy: "write anytime, or a list such as `- { zone: America/New_York, days: [Tue], from: '10:00', to: '14:00' }`",
  },
);

/** `freezes`, of all environments or of one. */
export const freezesSchema = key(
  z.array(
    z.strictObject({
      zone: zone(),
      from: key(dateOrTime(), {
        is: 'First day without raises, or the local time from which raises stop: 2026-12-19 or 2026-12-19T18:00.',
        remedy: 'write a date such as 2026-12-19, or a date and time such as 2026-12-19T18:00',
      }),
      to: key(dateOrTime(), {
        is: 'Last whole day without raises, or the local time from which raises are allowed again.',
        remedy: 'write a date such as 2027-01-03, or a date and time such as 2027-01-04T08:00',
      }),
      reason: key(text(), {
        is: 'Why; shown while a rollout waits for the end of the freeze.',
        remedy: 'write a reason such as Year-end holidays',
      }),
    }),
  ),
  {
    is: 'Times in which nothing is raised, even if a window is open. Rollbacks never wait for their end.',
    remedy: 'write a list such as `- { zone: America/New_York, from: 2026-12-19, to: 2027-01-03, reason: Holidays }`',
  },
);

const limit = (is: string) =>
  key(
    z.strictObject({
      atMost: duration('1s', '365d', {
        is: 'How long the wait may last. Default: 7d.',
        remedy: 'write a duration such as 7d',
      }).optional(),
      then: key(z.enum(['abort', 'continue']), {
        is: 'What happens then: abort puts the percentage to 0 and ends the rollout, continue keeps waiting and shows that it is overdue. Default: continue.',
        remedy: 'write abort or continue',
      }).optional(),
    }),
    { is, remedy: 'write `{ atMost: 7d, then: continue }`' },
  ).optional();

/** `limits`, of all environments or of one. */
export const limitsSchema = key(
  z.strictObject({
    paused: limit('For a paused rollout.'),
    held: limit('For a rollout that an alarm or a guard holds.'),
    evidence: limit('For a raise that is due and waits for healthy guards with enough samples.'),
    approval: limit('For a raise that waits for approval or for a hook.'),
    checklist: limit('For a rollout that waits for its checklist.'),
  }),
  {
    is: 'How long each kind of wait may last, and what happens then.',
    remedy: 'write limits such as `held: { atMost: 2d, then: abort }`',
  },
);

const DAY_MS = 86_400_000;
const LONGEST_FREEZE_DAYS = 366;

/** Problems of windows and freezes. */
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
    const remedy = "write '00:00' as `from` and '24:00' as `to` for the whole day, or another time";
    findings.push({ path: [...path, 'to'], problem: 'closes the window at the moment it opens', remedy });
  }
  return findings;
}

function zoneFindings(raw: unknown, path: Path): readonly Finding[] {
  const zone = valueAt(raw, [...path, 'zone']);
  if (typeof zone !== 'string' || zone === '' || isTimeZone(zone)) return [];
  const meant = nearestTimeZone(zone);
  const remedy = `write ${meant ?? 'an IANA name such as America/New_York, or UTC'}`;
  return [{ path: [...path, 'zone'], problem: 'is not a time zone of the IANA database', remedy }];
}

/** A date on which the window would not open anyway is nearly always a mistake in the year or the day. */
function exceptFindings(raw: unknown, path: Path): readonly Finding[] {
  const days = listAt(raw, [...path, 'days']);
  const numbers = days.map((day) => weekdayNumber(String(day)));
  if (days.length === 0 || numbers.includes(0)) return [];
  return listAt(raw, [...path, 'except']).flatMap((date, i) => {
    const day = DateTime.fromISO(String(date), { zone: 'utc', locale: 'en-US' });
    if (!day.isValid || numbers.includes(day.weekday)) return [];
    const problem = `is a ${day.weekdayLong}, on which the window does not open`;
    return [{ path: [...path, 'except', i], problem, remedy: `write a date on ${days.join(', ')}, or remove it` }];
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
  const problem = `would freeze for ${days} days, but a freeze may last at most a year`;
  return [...zones, { path: at, problem, remedy: 'check the year, or remove the environment of the plan' }];
}

type WrittenWindow = z.infer<typeof windowSchema>;
type WrittenFreeze = z.infer<typeof freezesSchema>[number];
type WrittenLimits = z.infer<typeof limitsSchema>;

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

/** ISO weekday of a name such as `Tue`: 1 = Monday. */
const weekdayNumber = (name: string): number => WEEKDAYS.findIndex((each) => each === name) + 1;

export function resolvedWindow({ zone, days, from, to, except }: WrittenWindow): Window {
  const numbers = days.map(weekdayNumber).sort((a, b) => a - b);
  return { zone, days: numbers, from, to, except: except === undefined ? undefined : [...except].sort() };
}

export function resolvedFreezes(written: readonly WrittenFreeze[]): readonly Freeze[] {
  return written.map(resolvedFreeze).sort((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs);
}

/**
 * When in doubt the freeze is longer: a date counts as a whole day, also as the last one; of a time that the clock shows
 * twice, the first begins the freeze and the second ends it.
 */
export function resolvedFreeze({ zone, from, to, reason }: WrittenFreeze): Freeze {
  // The plan was checked: both can be read.
  return { fromMs: beginningMs(from, zone) ?? 0, toMs: endMs(to, zone) ?? 0, reason };
}

const KINDS = ['paused', 'held', 'evidence', 'approval', 'checklist'] as const;

/** The environment's own limits instead of the plan's; the default is seven days, then report the wait as overdue. */
export function resolvedLimits(ofPlan: WrittenLimits = {}, own: WrittenLimits = {}): Limits {
  const limit = (kind: (typeof KINDS)[number]): Limit => {
    const { atMost, then = 'continue' } = own[kind] ?? ofPlan[kind] ?? {};
    return { atMostMs: atMost === undefined ? 7 * DAY_MS : (durationMs(atMost) ?? 0), then };
  };
  const [paused, held, evidence, approval, checklist] = KINDS.map(limit) as [Limit, Limit, Limit, Limit, Limit];
  return { paused, held, evidence, approval, checklist };
}
