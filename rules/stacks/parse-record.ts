import { z } from 'zod';
import type { Parsed } from '../parsed';
import type { DeploymentRecord } from './deployment-record';

const run = { atMs: z.number().min(0), by: z.string(), workflowId: z.string(), runId: z.string() };
const template = z.string().min(1);
const recordSchema = z.object({
  schema: z.literal(1),
  deployed: z
    .object({
      ...run,
      template,
      nextTemplates: z.record(z.string(), template),
      revision: z.string().optional(),
      states: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
  verified: z.object({ ...run, template, passed: z.boolean(), why: z.string() }).optional(),
});

/** Never throws. An unreadable record is refused with the reason and counts neither as a deployment nor as none. */
export function parseRecord(text: string): Parsed<'record', DeploymentRecord> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, why: 'not JSON' };
  }
  const parsed = recordSchema.safeParse(value);
  // Parsed JSON has no undefined keys.
  if (parsed.success) return { ok: true, record: parsed.data as DeploymentRecord };
  const issue = parsed.error.issues[0];
  return { ok: false, why: `${issue?.path.join('.') || 'the document'}: ${issue?.message ?? 'not as expected'}` };
}
