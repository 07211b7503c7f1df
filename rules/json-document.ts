import type { z } from 'zod';
import type { Parsed } from './parsed';

/** A text that is JSON of a shape, or the first thing that is wrong with it. Never throws. */
export function jsonDocument<T>(schema: z.ZodType<T>, text: string): Parsed<'document', T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, why: 'not JSON' };
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, document: parsed.data };
  const issue = parsed.error.issues[0];
  return { ok: false, why: `${issue?.path.join('.') || 'the document'}: ${issue?.message ?? 'not as expected'}` };
}
