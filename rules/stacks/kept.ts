/**
 * Snapshots of the stacks before deployments: the index of the snapshots in S3, newest last. A rollback goes back to before
 * the newest deployment; a deployment that changed nothing is removed from the index.
 */
export interface KeptDeployment {
  readonly workflowId: string;
  readonly runId: string;
  readonly atMs: number;
  /** Name of the bucket the templates are in. */
  readonly bucket: string;
  readonly stacks: readonly KeptStack[];
}

/** An entry of the index: the stacks are listed in S3 (`keptListKey`), because a parameter has no room for many. Older indexes list them too. */
export type IndexedDeployment = Omit<KeptDeployment, 'stacks'> & { readonly stacks?: readonly KeptStack[] };

export interface KeptStack {
  readonly name: string;
  /** Beginning of the SHA-256 of the template that a rollback sends; `absent` when there was no stack. */
  readonly template: string;
  /** Hash of template, parameters and tags together, as CloudFormation showed them. */
  readonly state: string;
  /** The state after a rollback, if it sends another text than CloudFormation showed. */
  readonly back?: string;
  /** `?` in the template may stand for other characters: CloudFormation shows `?` for everything beyond ASCII. */
  readonly unsure?: boolean;
}

export const ABSENT = 'absent';

export const keptParameter = (service: string, environment: string): string =>
  `/rollout/${service}/${environment}/kept`;

/** S3 keys of the template as it was sent, and of the rest of the state. */
export function keptKeys(
  { workflowId, runId }: Pick<KeptDeployment, 'workflowId' | 'runId'>,
  { name, template, state }: KeptStack,
): { readonly template: string; readonly state: string } {
  const folder = `rollout-kept/${workflowId}/${runId}/${name}`;
  return { template: `${folder}/${template}.template`, state: `${folder}/${state}.json` };
}

/** S3 key of the list of a deployment's stacks. */
export const keptListKey = ({ workflowId, runId }: Pick<KeptDeployment, 'workflowId' | 'runId'>): string =>
  `rollout-kept/${workflowId}/${runId}/stacks.json`;

/** Forms of the index from longest to shortest: the first has every deployment, each next one drops the oldest. */
export const keptForms = (deployments: readonly IndexedDeployment[]): readonly object[] =>
  Array.from({ length: Math.max(1, deployments.length) }, (_, oldest) => ({
    schema: 1,
    deployments: deployments.slice(oldest),
  }));

/** Adds a deployment; a repeated attempt of the same one counts once. */
export function withKept<T extends IndexedDeployment>(known: readonly T[], one: T): readonly T[] {
  return [...without(known, one.runId), one];
}

export const without = <T extends IndexedDeployment>(known: readonly T[], runId: string): readonly T[] =>
  known.filter((deployment) => deployment.runId !== runId);

/** For people, after a stack's name. */
export const UNSURE_TEMPLATE =
  'CloudFormation shows `?` for characters beyond ASCII, and the original is not among the templates of CDK: a rollback sends `?`';
