import { samePerson } from '../../person';
import type { EnvironmentPlan } from '../../plan/environment-plan';
import { isFirstRaise, type NextStep } from '../raise';
import { within } from '../wait';
import { allowedSinceMs, type RaiseGate } from './gate';
import { countsFromMs } from '../state/clock';
import type { Approval } from '../state/gates';
import type { RolloutState } from '../state/state';

/** How many people must approve a raise, and who has. */
export interface Consent {
  readonly required: number;
  readonly given: readonly (Approval & { readonly expiresAtMs: number })[];
}

type Asked = Pick<EnvironmentPlan, 'approvals' | 'steps'>;

/**
 * "Production deployments require additional approval": approvals of different people for this raise that have not expired. Names
 * that look the same are one person (`rules/person.ts`).
 */
export function consentTo(plan: Asked, state: RolloutState, next: NextStep, nowMs: number): Consent {
  if (!needsConsent(plan, state)) return { required: 0, given: [] };
  const { required, validForMs } = plan.approvals;
  const valid = state.gates.approvals
    .map((approval) => ({ ...approval, expiresAtMs: countsFromMs(state, approval) + validForMs }))
    .filter(({ percentage, expiresAtMs }) => percentage === next.percentage && nowMs < expiresAtMs);
  const given = valid.filter(({ by }, index) => valid.findIndex((other) => samePerson(other.by, by)) === index);
  return { required, given };
}

const consented = ({ required, given }: Consent): boolean => given.length >= required;

function needsConsent({ approvals }: Asked, state: RolloutState): boolean {
  return approvals.before === 'every-raise' || isFirstRaise(state);
}

/** The required people have approved this raise. Checked last, so that they approve the present situation. */
export const approvalGate: RaiseGate = {
  name: 'approval',
  evaluate: (context) => {
    const { plan, state, next, nowMs } = context;
    const consent = consentTo(plan, state, next, nowMs);
    const { required, given } = consent;
    if (required === 0) return { shown: [] };
    const names = given.map(({ by }) => by).join(', ');
    const count = `${given.length} of ${required} people`;
    const line = `${count} approved ${next.percentage} %${names === '' ? '' : `: ${names}`}`;
    if (consented(consent)) return { shown: [{ gate: 'approval', open: true, why: line }] };
    const why = `${next.percentage} % waits for approval: ${count}${names === '' ? '' : ` (${names})`}`;
    const verbs = ['approve', 'reject', 'pause', 'abort'];
    const sinceMs = allowedSinceMs(context);
    return {
      shown: [{ gate: 'approval', open: false, why: line }],
      closed: within(plan.limits.approval, { do: 'wait', phase: 'approving', why, sinceMs, verbs }, nowMs),
    };
  },
};
