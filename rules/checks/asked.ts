import type { EnvironmentPlan } from '../plan/environment-plan';
import { type Check, questionWords } from './check';
import { HOOK_MOMENTS } from './hooks';

/** A check of a plan, and what asks it. */
export interface AskedCheck {
  readonly name: string;
  readonly kind: Check['kind'];
  /** What it asks, for people. */
  readonly asks: string;
  readonly withinMs: number;
  /** `checklist health-is-good`, `probe`, `hook pre-rollout`, `verification`, `fallback v1`; empty when only `rollout check` asks it. */
  readonly askedBy: readonly string[];
}

type Asking = Pick<
  EnvironmentPlan,
  'checks' | 'checklist' | 'deployment' | 'probe' | 'hooks' | 'verification' | 'fallback'
>;

/** The checks of a plan in its order. */
export const checksAsked = (plan: Asking): readonly AskedCheck[] =>
  (plan.checks ?? []).map((check) => askedCheck(plan, check));

export const askedCheck = (plan: Asking, check: Check): AskedCheck => ({
  name: check.name,
  kind: check.kind,
  asks: questionWords(check),
  withinMs: check.withinMs,
  askedBy: askersOf(plan, check.name),
});

function askersOf(plan: Asking, name: string): readonly string[] {
  const { checklist, deployment, probe, hooks, verification, fallback } = plan;
  const items = [...checklist, ...(deployment?.checklist ?? [])].flatMap(({ id, proof }) =>
    proof?.by === 'check' && proof.check === name ? [`checklist ${id}`] : [],
  );
  return [
    ...new Set(items),
    ...(probe?.checks.includes(name) === true ? ['probe'] : []),
    ...HOOK_MOMENTS.filter((moment) => hooks?.[moment]?.includes(name)).map((moment) => `hook ${moment}`),
    ...(verification.checks?.includes(name) === true ? ['verification'] : []),
    ...(fallback?.checks.includes(name) === true ? [`fallback ${fallback.name}`] : []),
  ];
}

/** The variables of the worker whose values a check needs. */
export function variablesOf(check: Check): readonly string[] {
  const settings = check.kind === 'http' ? check.headers : check.kind === 'command' ? check.variables : {};
  const named = Object.values(settings).flatMap((setting) => (typeof setting === 'string' ? [] : [setting.variable]));
  return [...new Set(named)];
}
