import type { Parsed } from '../parsed';
import { z } from 'zod';

/** "Document findings before retry": what is kept of a full rollback until somebody has written what was found. */
export interface FindingsDocument {
  readonly rolledBack: { readonly atMs: number; readonly by: string; readonly reason: string };
  readonly findings?: { readonly atMs: number; readonly by: string; readonly text: string };
}

const by = z.string();
const atMs = z.number();
const schema = z.object({
  rolledBack: z.object({ atMs, by, reason: z.string() }),
  findings: z.object({ atMs, by, text: z.string() }).optional(),
});

/** A standard SSM parameter holds 4 KB, and the rest of the document needs some of it. */
export const FINDINGS_BYTES = 3_000;

export const findingsParameterOf = ({ service, environment }: { service: string; environment: string }): string =>
  `/${service}/${environment}/rollout-findings`;

/** Never throws: what cannot be read is refused with the reason, and never taken for written findings. */
export function parseFindings(text: string): Parsed<'document', FindingsDocument> {
  try {
    const { rolledBack, findings } = schema.parse(JSON.parse(text));
    return { ok: true, document: { rolledBack, findings } };
  } catch {
    return { ok: false, why: 'it is not what `rollout rollback --to nextflow` writes' };
  }
}

/** Why nothing may be raised again yet; undefined when nothing is owed. */
export function owedBy(document: FindingsDocument, environment: string): string | undefined {
  if (document.findings !== undefined) return undefined;
  const { by: who, atMs: when, reason } = document.rolledBack;
  return `${who} rolled back to Nextflow at ${new Date(when).toISOString()} (${reason}), and nobody has written what was found: \`rollout findings ${environment} --file FINDINGS.md\``;
}
