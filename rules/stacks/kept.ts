import { z } from 'zod';

/**
 * What was in the stacks before a deployment: the index of what is kept in S3, newest last. Going back means going back to
 * before the newest; a deployment that changed nothing is taken out again.
 */
export interface KeptDeployment {
  readonly workflowId: string;
  readonly runId: string;
  readonly atMs: number;
  /** Name of the bucket the templates are in. */
  readonly bucket: string;
  readonly stacks: readonly KeptStack[];
}

/** As the index has it: the stacks are listed in S3 (`keptListKey`), a parameter has no room for many. Older indexes have them too. */
export type IndexedDeployment = Omit<KeptDeployment, 'stacks'> & { readonly stacks?: readonly KeptStack[] };

export interface KeptStack {
  readonly name: string;
  /** Beginning of the SHA-256 of the template as a way back sends it; `absent` when there was no stack. */
  readonly template: string;
  /** The same of template, parameters and tags together, as CloudFormation showed them. */
  readonly state: string;
  /** The state after a way back, where that sends another text than CloudFormation showed. */
  readonly back?: string;
  /** `?` in the template may have been other characters: CloudFormation shows all beyond ASCII like this. */
  readonly unsure?: boolean;
}

export const ABSENT = 'absent';

export const keptParameter = (service: string, environment: string): string =>
  `/rollout/${service}/${environment}/kept`;

/** Keys of the template as it was sent, and of all else that belongs to the state. */
export function keptKeys(
  { workflowId, runId }: Pick<KeptDeployment, 'workflowId' | 'runId'>,
  { name, template, state }: KeptStack,
): { readonly template: string; readonly state: string } {
  const folder = `rollout-kept/${workflowId}/${runId}/${name}`;
  return { template: `${folder}/${template}.template`, state: `${folder}/${state}.json` };
}

/** Key of the list of a deployment's stacks, as `stacks` of the index. */
export const keptListKey = ({ workflowId, runId }: Pick<KeptDeployment, 'workflowId' | 'runId'>): string =>
  `rollout-kept/${workflowId}/${runId}/stacks.json`;

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

/** Undefined when the text is not such an index. */
export const parseKept = (text: string): readonly IndexedDeployment[] | undefined =>
  parsedBy(Document, text)?.deployments;

/** Undefined when the text is not such a list. */
export const parseKeptList = (text: string): readonly KeptStack[] | undefined => parsedBy(Stacks, text);

function parsedBy<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Documents of the index, the first with every deployment, each further one without the oldest; the newest is in all of them. */
export const keptForms = (deployments: readonly IndexedDeployment[]): readonly object[] =>
  Array.from({ length: Math.max(1, deployments.length) }, (_, oldest) => ({
    schema: 1,
    deployments: deployments.slice(oldest),
  }));

/** The same deployment twice, as an attempt that is repeated asks for, counts once. */
export function withKept<T extends IndexedDeployment>(known: readonly T[], one: T): readonly T[] {
  return [...without(known, one.runId), one];
}

export const without = <T extends IndexedDeployment>(known: readonly T[], runId: string): readonly T[] =>
  known.filter((deployment) => deployment.runId !== runId);

/** In words for people, after a stack's name. */
export const UNSURE_TEMPLATE =
  'CloudFormation shows `?` for characters beyond ASCII, and what was sent is not among the templates of CDK: a way back sends `?`';
