import type { Check } from '../checks/check';
import type { EnvironmentPlan } from '../plan/environment-plan';
import { canonicalJson } from '../plan/plan-hash';
import type { Permissions } from './permissions';

/** What a rollout moves, and who may move it. */
export type Moved = Pick<
  EnvironmentPlan,
  'service' | 'environment' | 'aws' | 'flag' | 'delivery' | 'approvals' | 'audit' | 'permissions'
>;

/** An older build of the workflow tells less. */
type Claimed = Pick<Moved, 'service' | 'environment'> & Partial<Moved>;

/** The value of ROLLOUT_PERMISSIONS. @throws when it is another word. */
export function trustsOnlyOwnPlans(env: { readonly ROLLOUT_PERMISSIONS?: string }): boolean {
  const word = env.ROLLOUT_PERMISSIONS?.trim() || 'any';
  if (word !== 'own' && word !== 'any') throw new Error(`ROLLOUT_PERMISSIONS is "${word}": write own or any`);
  return word === 'own';
}

/**
 * Why a worker that trusts only its own plans does not start this rollout; undefined when it does. The plan of a rollout is the argument
 * of the person who starts it, and could name nobody who may start, or another environment's flag. Steps, guards and windows may differ.
 */
export function notOwnPlan(own: readonly Moved[], asked: Claimed): string | undefined {
  const { service, environment } = asked;
  const mine = own.find((plan) => plan.service === service && plan.environment === environment);
  const only = 'this worker starts only what its own plans permit (ROLLOUT_PERMISSIONS=own)';
  if (mine === undefined) return `${only}, and it has none of ${service} ${environment}`;
  const others = [...otherPlaces(mine, asked), ...wider(mine.permissions, asked.permissions)];
  if (others.length === 0) return undefined;
  return `${only}, and its plan of ${service} ${environment} differs: ${others.join('; ')}`;
}

const otherPlaces = (mine: Moved, asked: Claimed): readonly string[] =>
  (['aws', 'flag', 'delivery', 'approvals', 'audit'] as const)
    .filter((key) => canonicalJson(mine[key]) !== canonicalJson(asked[key]))
    .map((key) => `\`${key}\` is not the same`);

/** What the plan of the rollout permits and the worker's does not. */
function wider(mine: Permissions | undefined, asked: Permissions | undefined): readonly string[] {
  if (mine === undefined) return [];
  if (asked === undefined) return ['`permissions` is missing'];
  if (mine.proof === 'required' && asked.proof !== 'required') return ['`permissions.proof` is not required'];
  return (['raise', 'approve', 'people'] as const).flatMap((list) => {
    const may = mine[list];
    // Without a list everybody may whose name is only claimed, and nobody who must prove it.
    const isOpen = may === undefined && mine.proof === 'claimed';
    if (isOpen) return [];
    if (asked[list] === undefined && asked.proof === 'claimed') return [`\`permissions.${list}\` is missing`];
    const more = (asked[list] ?? []).filter((one) => may?.includes(one) !== true);
    return more.length === 0 ? [] : [`\`permissions.${list}\` also has ${more.join(', ')}`];
  });
}

/** What a check of these kinds runs, it runs with the rights of the worker. */
const ACTS: ReadonlySet<Check['kind']> = new Set(['command', 'lambda', 'execution']);

/** Why such a worker does not ask a check: it would run what the person who starts it wrote. Undefined when it asks. */
export function notOwnCheck(own: readonly Pick<EnvironmentPlan, 'checks'>[], check: Check): string | undefined {
  if (!ACTS.has(check.kind)) return undefined;
  const text = canonicalJson(check);
  if (own.some(({ checks = [] }) => checks.some((one) => canonicalJson(one) === text))) return undefined;
  return 'this worker runs only checks of its own plans (ROLLOUT_PERMISSIONS=own), and this one is not among them';
}
