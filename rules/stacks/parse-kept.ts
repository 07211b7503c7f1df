import { z } from 'zod';
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
export const parseKept = (text: string): readonly IndexedDeployment[] | undefined =>
  parsedBy(Document, text)?.deployments;

/** Undefined when the text is not a list of stacks. */
export const parseKeptList = (text: string): readonly KeptStack[] | undefined => parsedBy(Stacks, text);

function parsedBy<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
