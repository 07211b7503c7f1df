import { samePerson } from '../../person';
import type { EnvironmentPlan } from '../../plan/environment-plan';
import type { NextStep } from '../raise';
import type { Approval, RolloutState } from '../state/state';

/** How many people still have to agree to a raise, and who has. */
export interface Consent {
  readonly required: number;
  readonly given: readonly (Approval & { readonly expiresAtMs: number })[];
}

type Asked = Pick<EnvironmentPlan, 'approvals' | 'steps'>;

/**
 * "Production deployments require additional approval": different people, for this raise, and not too long ago. Names that look
 * the same are one person (`rules/person.ts`).
 */
export function consentTo(plan: Asked, state: RolloutState, next: NextStep, nowMs: number): Consent {
  if (!needsConsent(plan, state)) return { required: 0, given: [] };
  const { required, validForMs } = plan.approvals;
  const valid = state.approvals
    .map((approval) => ({ ...approval, expiresAtMs: approval.atMs + validForMs }))
    .filter(({ percentage, expiresAtMs }) => percentage === next.percentage && nowMs < expiresAtMs);
  const given = valid.filter(({ by }, index) => valid.findIndex((other) => samePerson(other.by, by)) === index);
  return { required, given };
}

export const consented = ({ required, given }: Consent): boolean => given.length >= required;

function needsConsent({ approvals }: Asked, state: RolloutState): boolean {
  return approvals.before === 'every-raise' || state.stepIndex < 0;
}
