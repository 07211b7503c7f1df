import { z } from 'zod';
import { jsonDocument } from '../json-document';
import type { IndexedDeployment, KeptStack } from './kept';

const Stacks = z.array(
  z.object({
    name: z.string(),
    template: z.string(),
    state: z.string(),
    back: z.string().optional(),
    unsure: z.boolean().optional(),
  }),
);
const Document = z.object({
  schema: z.literal(1),
  deployments: z.array(
    z.object({
      workflowId: z.string(),
      runId: z.string(),
      atMs: z.number(),
      bucket: z.string(),
      stacks: Stacks.optional(),
    }),
  ),
});

/** Undefined when the text is not an index. */
export function parseKept(text: string): readonly IndexedDeployment[] | undefined {
  const read = jsonDocument(Document, text);
  return read.ok ? read.document.deployments : undefined;
}

/** Undefined when the text is not a list of stacks. */
export function parseKeptList(text: string): readonly KeptStack[] | undefined {
  const read = jsonDocument(Stacks, text);
  return read.ok ? read.document : undefined;
}
