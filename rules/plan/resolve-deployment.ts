import type { DeploymentPolicy, Predecessor } from './environment-plan';
import { replaced } from './replaced';
import { resolvedApprovals, resolvedChecklist } from './resolve-consent';
import type { Plan } from './schema';
import { withoutUndefined } from './without-undefined';

type Environment = Plan['environments'][number];

/** What a deployment of one environment asks for, `{env}` already replaced in `own`. */
export function resolvedDeployment(plan: Plan, own: Environment): DeploymentPolicy {
  const { approvals, checklist = [], rolloutNeeds } = own.deployment ?? {};
  const { app, directory, stacks } = plan.infrastructure;
  const { before: _before, ...consent } = resolvedApprovals(approvals ?? own.approvals);
  return {
    ...predecessorOf(plan, own),
    ...(rolloutNeeds === undefined ? {} : { rolloutNeeds }),
    followers: plan.environments
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
