import { z } from 'zod';
import type { Parsed } from '../parsed';
import type { FindingsDocument } from './findings-document';

const by = z.string();
const atMs = z.number();
const schema = z.object({
  rolledBack: z.object({ atMs, by, reason: z.string(), to: z.string().optional() }),
  findings: z.object({ atMs, by, text: z.string() }).optional(),
});

/** Never throws. An unreadable document is refused with the reason and never counts as written findings. */
export function parseFindings(text: string): Parsed<'document', FindingsDocument> {
  try {
    const { rolledBack, findings } = schema.parse(JSON.parse(text));
    return { ok: true, document: { rolledBack, findings } };
  } catch {
    return { ok: false, why: 'it is not a document that `rollout rollback --to` a fallback wrote' };
  }
}
