import type { Parsed } from '../parsed';
import { z } from 'zod';

/** "Document findings before retry": the record of a full rollback until the team has written its findings. */
export interface FindingsDocument {
  readonly rolledBack: {
    readonly atMs: number;
    readonly by: string;
    readonly reason: string;
    /** Name of the plan's fallback; absent in documents of earlier versions. */
    readonly to?: string;
  };
  readonly findings?: { readonly atMs: number; readonly by: string; readonly text: string };
}

const by = z.string();
const atMs = z.number();
const schema = z.object({
  rolledBack: z.object({ atMs, by, reason: z.string(), to: z.string().optional() }),
  findings: z.object({ atMs, by, text: z.string() }).optional(),
});

/** A standard SSM parameter holds 4 KB, and the rest of the document needs part of it. */
export const FINDINGS_BYTES = 3_000;

export const findingsParameterOf = ({ service, environment }: { service: string; environment: string }): string =>
  `/${service}/${environment}/rollout-findings`;

/** Never throws. An unreadable document is refused with the reason and never counts as written findings. */
export function parseFindings(text: string): Parsed<'document', FindingsDocument> {
  try {
    const { rolledBack, findings } = schema.parse(JSON.parse(text));
    return { ok: true, document: { rolledBack, findings } };
  } catch {
    return { ok: false, why: 'it is not a document that `rollout rollback --to` a fallback wrote' };
  }
}

/** Why nothing may be raised again yet; undefined when no findings are missing. */
export function owedBy(document: FindingsDocument, environment: string): string | undefined {
  if (document.findings !== undefined) return undefined;
  const { by: who, atMs: when, reason, to = 'the old side' } = document.rolledBack;
  return `${who} rolled back to ${to} at ${new Date(when).toISOString()} (${reason}), and the findings are not written yet: run \`rollout findings ${environment} --file FINDINGS.md\``;
}
