import { z } from 'zod';
import { key, text } from '../problems/schema-key';
import { listAt, valueAt, type Finding } from '../problems/plan-problem';
import { nearestName } from '../problems/nearest-name';
import { environmentPaths } from '../problems/places';
import type { Path } from '../problems/problems';
import type { DeploymentPolicy, Predecessor } from '../environment-plan';
import { replaced } from '../names';
import type { AwsTarget } from '../aws-target';
import {
  approvalKeys,
  type approvalsSchema,
  type checklistSchema,
  resolvedApprovals,
  resolvedChecklist,
} from './approvals';
import type { infrastructureSchema } from './infrastructure';
import { withoutUndefined } from '../without-undefined';

export const deploymentSchema = key(
  z.strictObject({
    after: key(text(), {
      is: 'Environment that the same source must be deployed to first.',
      remedy: 'write the name of another environment of this plan',
    }).optional(),
    needs: key(z.enum(['deployed', 'verified']), {
      is: 'With after: the state that environment must have reached. deployed: it is deployed. verified: its verification passed too.',
      remedy: 'write deployed or verified',
    }).optional(),
    rolloutNeeds: key(z.enum(['deployed', 'verified']), {
      is: 'The state of the deployment here that the first raise of a rollout requires; CloudFormation must still have it as recorded. deployed: it is deployed. verified: its verification passed too. Default: nothing required.',
      remedy: 'write deployed or verified, or remove the key',
    }).optional(),
    approvals: key(z.strictObject(approvalKeys), {
      is: 'Who must approve a deployment. Default: the approvals of the environment.',
      remedy: 'write `{ required: 2, starterMayApprove: false }`, or remove the key',
    }).optional(),
    checklist: key(z.array(text()), {
      is: 'Ids of the checklist items that must be confirmed before a deployment too.',
      remedy: 'write a list of ids, such as [team-notified, rollback-plan-reviewed]',
    }).optional(),
  }),
  {
    is: 'What a deployment of the stacks requires besides the windows, and what a rollout requires of it.',
    remedy: 'write `{ after: staging, needs: verified, rolloutNeeds: verified }`, or remove the key',
  },
);

/** Problems of the order of environments and of the checklist items of a deployment. */
export function deploymentFindings(raw: unknown): readonly Finding[] {
  return environmentPaths(raw).flatMap((environment) => {
    const path: Path = [...environment, 'deployment'];
    return [
      ...orderFindings(raw, environment, path),
      ...rolloutFindings(raw, environment, [...path, 'rolloutNeeds']),
      ...itemFindings(raw, environment, [...path, 'checklist']),
    ];
  });
}

/** `verified` can never be reached when the plan names nothing to verify. */
function rolloutFindings(raw: unknown, environment: Path, path: Path): readonly Finding[] {
  if (valueAt(raw, path) !== 'verified' || valueAt(raw, [...environment, 'verification']) !== undefined) return [];
  const remedy = 'write verification under the environment, or write deployed';
  return [{ path, problem: 'can never be reached, because the plan names nothing to verify here', remedy }];
}

function orderFindings(raw: unknown, environment: Path, path: Path): readonly Finding[] {
  const after = valueAt(raw, [...path, 'after']);
  const needs = valueAt(raw, [...path, 'needs']);
  if (after === undefined && needs !== undefined) {
    const remedy = 'set after to that environment, or remove the key';
    return [{ path: [...path, 'needs'], problem: 'has no meaning without after', remedy }];
  }
  if (typeof after !== 'string' || after === '') return [];
  const missing: Finding = {
    ...{ path: [...path, 'needs'], problem: 'missing' },
    remedy: 'write needs: verified, or needs: deployed',
  };
  return [...(needs === undefined ? [missing] : []), ...afterFindings(raw, environment, [...path, 'after'], after)];
}

function afterFindings(raw: unknown, environment: Path, path: Path, after: string): readonly Finding[] {
  const own = String(valueAt(raw, [...environment, 'name']));
  const others = listAt(raw, ['environments'])
    .map((each) => String(valueAt(each, ['name'])))
    .filter((name) => name !== own);
  if (!others.includes(after)) {
    const meant = nearestName(after, others) ?? (others.length === 0 ? undefined : `one of ${others.join(', ')}`);
    const problem = after === own ? 'is the environment itself' : 'is not an environment of this plan';
    return [{ path, problem, remedy: meant === undefined ? 'remove it' : `write ${meant}` }];
  }
  if (!leadsTo(raw, after, own)) return [];
  const problem = `is itself deployed after ${own}, so neither could ever be deployed`;
  return [{ path, problem, remedy: 'write another environment, or remove one of them' }];
}

/** Whether `from` comes, directly or through others, after `target`. */
function leadsTo(raw: unknown, from: string, target: string): boolean {
  const seen = new Set<string>();
  for (let name: unknown = from; typeof name === 'string' && !seen.has(name);) {
    if (name === target) return true;
    seen.add(name);
    const found = listAt(raw, ['environments']).find((each) => valueAt(each, ['name']) === name);
    name = valueAt(found, ['deployment', 'after']);
  }
  return false;
}

function itemFindings(raw: unknown, environment: Path, path: Path): readonly Finding[] {
  const ids = listAt(raw, [...environment, 'checklist']).map((item) => String(valueAt(item, ['id'])));
  const asked = listAt(raw, path);
  return asked.flatMap((id, i): readonly Finding[] => {
    if (typeof id !== 'string' || id === '') return [];
    const at: Path = [...path, i];
    if (asked.indexOf(id) < i) return [{ path: at, problem: 'is already in the list', remedy: 'remove it' }];
    if (ids.includes(id)) return [];
    const meant = nearestName(id, ids) ?? (ids.length === 0 ? undefined : `one of ${ids.join(', ')}`);
    const remedy = meant === undefined ? 'add the item to the checklist first' : `write ${meant}`;
    return [{ path: at, problem: "is not an item of this environment's checklist", remedy }];
  });
}

interface Environment {
  readonly name: string;
  readonly aws: AwsTarget;
  readonly approvals: z.infer<typeof approvalsSchema>;
  readonly checklist?: z.infer<typeof checklistSchema>;
  readonly deployment?: z.infer<typeof deploymentSchema>;
}

interface Plan {
  readonly infrastructure?: z.infer<typeof infrastructureSchema>;
  readonly environments: readonly Environment[];
}

/** What a deployment of one environment requires, `{env}` already replaced in `own`; undefined without stacks. */
export function resolvedDeployment(plan: Plan, own: Environment): DeploymentPolicy | undefined {
  if (plan.infrastructure === undefined) return undefined;
  const { approvals, checklist = [], rolloutNeeds } = own.deployment ?? {};
  const { app, directory, stacks } = plan.infrastructure;
  const { before: _before, ...consent } = resolvedApprovals(approvals ?? own.approvals);
  return {
    ...predecessorOf(plan, own),
    rolloutNeeds,
    nextEnvironments: plan.environments
      .filter(({ deployment }) => deployment?.after === own.name)
      .map((each) => replaced(each, each.name))
      .map(({ name, aws }) => ({
        environment: name,
        aws: withoutUndefined(aws),
        infrastructure: replaced({ app, directory, stacks }, name),
      })),
    approvals: consent,
    checklist: resolvedChecklist(own.checklist?.filter(({ id }) => checklist.includes(id))),
  };
}

function predecessorOf(plan: Plan, { deployment }: Environment): { readonly after?: Predecessor } {
  const { after, needs } = deployment ?? {};
  const found = plan.environments.find(({ name }) => name === after);
  if (found === undefined || needs === undefined) return {};
  const { name: environment, aws } = replaced(found, found.name);
  return { after: { environment, aws: withoutUndefined(aws), needs } };
}
