import { z } from 'zod';
import { jsonDocument } from '../json-document';
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
  const read = jsonDocument(recordSchema, text);
  // Parsed JSON has no undefined keys.
  return read.ok ? { ok: true, record: read.document as DeploymentRecord } : read;
}
