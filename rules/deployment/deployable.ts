import type { EnvironmentPlan, Infrastructure } from '../plan/environment-plan';
import type { Refusal } from '../refusal';

/** A plan that names stacks to deploy. */
export type DeployablePlan = EnvironmentPlan & { readonly infrastructure: Infrastructure };

export const isDeployable = (plan: EnvironmentPlan): plan is DeployablePlan => plan.infrastructure !== undefined;

/** Why no stack is deployed, looked at or taken back. */
export const NO_INFRASTRUCTURE = 'the plan names no infrastructure, so the rollout deploys no stacks';

/** What a deployment, or what it would change, is answered without stacks. */
export const nothingToDeploy = ({ environment }: Pick<EnvironmentPlan, 'environment'>): Refusal => ({
  rule: 'plan',
  why: NO_INFRASTRUCTURE,
  remedy: `deploy the service as you do now, then \`start-rollout ${environment}\`; or add infrastructure to the plan`,
});

/** A remedy that names `rollout deploy`, as a plan without stacks may give it. */
export const remedyFor = (plan: Pick<EnvironmentPlan, 'infrastructure'>, remedy: string): string =>
  plan.infrastructure !== undefined
    ? remedy
    : remedy.replaceAll(' with `rollout deploy`', '').replaceAll('run `rollout deploy` again', 'deploy again');
