import { DateTime } from 'luxon';
import { z } from 'zod';
import { duration, key, list, matching, text } from './problems/schema-key';

const zone = () =>
  key(text(), {
    is: 'Time zone of `from` and `to` by its IANA name, as America/New_York. It follows daylight saving time.',
    remedy: 'write an IANA name as America/New_York, or UTC',
  });

/** What is no date at all was found before. */
const inCalendar = (written: string): boolean =>
  !/^\d{4}-\d{2}-\d{2}/.test(written) || DateTime.fromISO(written, { zone: 'utc' }).isValid;
const date = () =>
  matching(/^\d{4}-\d{2}-\d{2}$/, 'must be a date as 2026-11-26').refine(inCalendar, {
    error: 'is no day of the calendar',
  });
const dateOrTime = () =>
  matching(/^\d{4}-\d{2}-\d{2}(?:T(?:[01]\d|2[0-3]):[0-5]\d)?$/, 'must be a date, or a date and a time').refine(
    inCalendar,
    { error: 'is no day of the calendar' },
  );

const windowSchema = z.strictObject({
  zone: zone(),
  days: key(list(z.enum(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']), 'must name at least one day'), {
    is: 'Days on which the window opens, as [Tue, Wed, Thu].',
    remedy: 'write days as [Tue, Wed, Thu], each one of Mon, Tue, Wed, Thu, Fri, Sat, Sun',
  }),
  from: key(matching(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be a time from 00:00 to 23:59'), {
    is: 'When the window opens, HH:MM in 24 hours.',
    remedy: "write a time in quotes, as '10:00'",
  }),
  to: key(matching(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/, 'must be a time from 00:00 to 24:00'), {
    is: 'When the window closes, HH:MM in 24 hours; before `from` it is on the next day.',
    remedy: "write a time in quotes, as '14:00'",
  }),
  except: key(z.array(date()), {
    is: 'Dates on which the window does not open, as holidays.',
    remedy: 'write dates as [2026-11-26, 2026-12-24]',
  }).optional(),
});

export const windowsSchema = key(
  z.union([z.literal('anytime'), list(windowSchema, 'must have at least one window')], {
    error: 'must be anytime or a list of windows',
  }),
  {
    is: 'When the percentage may be raised: anytime, or a list of windows. Rollbacks do not wait for a window.',
    remedy: "write anytime, or a list as `- { zone: America/New_York, days: [Tue], from: '10:00', to: '14:00' }`",
  },
);

/** `freezes`, of all environments or of one. */
export const freezesSchema = key(
  z.array(
    z.strictObject({
      zone: zone(),
      from: key(dateOrTime(), {
        is: 'First day without raises, or the local time at which they end: 2026-12-19 or 2026-12-19T18:00.',
        remedy: 'write a date as 2026-12-19, or with a time as 2026-12-19T18:00',
      }),
      to: key(dateOrTime(), {
        is: 'Last day without raises, all of it, or the local time from which they are allowed again.',
        remedy: 'write a date as 2027-01-03, or with a time as 2027-01-04T08:00',
      }),
      reason: key(text(), {
        is: 'Why, for those who wonder what a rollout waits for.',
        remedy: 'write it as Year-end holidays',
      }),
    }),
  ),
  {
    is: 'Times in which nothing is raised, whatever the windows say. Rollbacks do not wait for their end.',
    remedy: 'write a list as `- { zone: America/New_York, from: 2026-12-19, to: 2027-01-03, reason: Holidays }`',
  },
);

const limit = (is: string) =>
  key(
    z.strictObject({
      atMost: duration('1s', '365d', {
        is: 'How long the wait may last. Without it 7d.',
        remedy: 'write a duration as 7d',
      }).optional(),
      then: key(z.enum(['abort', 'say-so']), {
        is: 'What then: abort puts the percentage to 0 and ends the rollout, say-so goes on waiting and shows that it is overdue. Without it say-so.',
        remedy: 'write abort or say-so',
      }).optional(),
    }),
    { is, remedy: 'write `{ atMost: 7d, then: say-so }`' },
  ).optional();

/** `limits`, of all environments or of one. */
export const limitsSchema = key(
  z.strictObject({
    paused: limit('For a rollout that somebody paused.'),
    held: limit('For a rollout that an alarm or a guard holds.'),
    evidence: limit('For a raise that is due and waits for healthy guards with enough samples.'),
    approval: limit('For a raise that waits for people to approve.'),
    checklist: limit('For a rollout that waits for its checklist.'),
  }),
  {
    is: 'How long each kind of wait may last, and what then.',
    remedy: 'write limits as `held: { atMost: 2d, then: abort }`',
  },
);
