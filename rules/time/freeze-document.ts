import { jsonDocument } from '../json-document';
import type { Parsed } from '../parsed';
import { z } from 'zod';
import type { Freeze } from '../plan/environment-plan';
import { beginningMs, endMs } from './moments';
import { isTimeZone } from './local-time';
import { firstCharacters } from '../format';

/** The latest moment of a JavaScript Date. */
const LATEST_MS = 8.64e15;
const moment = z.number().min(0).max(LATEST_MS);

const inMoments = z.object({ fromMs: moment, toMs: moment, reason: z.string(), by: z.string().optional() });

/** As in a plan, for people who write it in the console: a date as `to` includes the whole day. */
const asInAPlan = z
  .object({
    zone: z.string().refine(isTimeZone, { error: 'must be an IANA time zone such as America/New_York, or UTC' }),
    from: z.string(),
    to: z.string(),
    reason: z.string(),
    by: z.string().optional(),
  })
  .transform(({ zone, from, to, reason, by }, { addIssue }) => {
    const [fromMs, toMs] = [beginningMs(from, zone), endMs(to, zone)];
    for (const [key, ms] of [['from', fromMs] as const, ['to', toMs] as const])
      if (ms === undefined) addIssue({ code: 'custom', path: [key], message: 'must be a date, or a date and a time' });
    return { fromMs: fromMs ?? 0, toMs: toMs ?? 0, reason, by };
  });

const isAsInAPlan = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && ('from' in value || 'to' in value || 'zone' in value);

/**
 * Content of the SSM parameter that `rollout freeze` writes: `{ "freezes": [{ fromMs, toMs, reason, by? }] }`. People may
 * write `{ zone, from, to, reason }` in it, as in a plan.
 */
const freezeDocumentSchema = z.object({
  freezes: z.array(
    z
      .unknown()
      .transform((value, { addIssue }) => {
        const read = (isAsInAPlan(value) ? asInAPlan : inMoments).safeParse(value);
        if (read.success) return read.data;
        for (const { path, message } of read.error.issues) addIssue({ code: 'custom', path: [...path], message });
        return z.NEVER;
      })
      .refine(({ fromMs, toMs }) => toMs > fromMs, { error: 'its end must be after its beginning' }),
  ),
});

const REASON_LENGTH = 200;
const NAME_LENGTH = 60;

/** Reads a parameter's value. Never throws. An invalid value is refused with the reason and never counts as no freeze. */
export function parseFreezes(text: string): Parsed<'freezes', readonly Freeze[]> {
  const read = jsonDocument(freezeDocumentSchema, text);
  return read.ok ? { ok: true, freezes: read.document.freezes.map(withoutUndefined) } : read;
}

/** Freezes that are not over, in order of their beginning. */
export function standing(freezes: readonly Freeze[], nowMs: number): readonly Freeze[] {
  return freezes.filter(({ toMs }) => toMs > nowMs).sort((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs);
}

/**
 * Adds a freeze once: the same person, end and reason is the same freeze, begun earlier. Its reason and its name may have been
 * shortened to fit into the document.
 */
export function withFreeze(freezes: readonly Freeze[], freeze: Freeze): readonly Freeze[] {
  const added = cut(freeze);
  const same = ({ toMs, reason, by, fromMs }: Freeze): boolean =>
    toMs === added.toMs && begins(added.reason, reason) && begins(added.by, by) && fromMs <= added.fromMs;
  return freezes.some(same) ? freezes : [...freezes, added];
}

const begins = (whole: string | undefined, beginning: string | undefined): boolean =>
  whole === beginning || (whole !== undefined && beginning !== undefined && whole.startsWith(beginning));

/** All freezes share the limited space of one parameter. */
const cut = ({ reason, by, ...times }: Freeze): Freeze => ({
  ...times,
  reason: firstCharacters(reason, REASON_LENGTH),
  by: by === undefined ? by : firstCharacters(by, NAME_LENGTH),
});

function withoutUndefined({ by, ...freeze }: Omit<Freeze, 'by'> & { readonly by?: string | undefined }): Freeze {
  return by === undefined ? freeze : { ...freeze, by };
}
