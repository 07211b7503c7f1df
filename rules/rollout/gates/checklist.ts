import { itemsToProve, nextProofMs, openItems } from '../checklist';
import type { Decision } from '../decision';
import { firstWaitMs, type GateContext, type RaiseGate } from './gate';
import { within } from '../wait';

/** Every item is proved or ticked before the first raise. */
export const checklistGate: RaiseGate = {
  name: 'checklist',
  evaluate: (context) => {
    const { plan, state } = context;
    if (plan.checklist.length === 0 || state.step.index >= 0) return { shown: [] };
    const open = openItems(plan, state);
    if (open.length === 0) return { shown: [{ gate: 'checklist', open: true, why: 'every item is proved or ticked' }] };
    const why = `open: ${open.map(({ id }) => id).join(', ')}`;
    return { shown: [{ gate: 'checklist', open: false, why }], closed: proveOrWait(context, open) };
  },
};

function proveOrWait({ plan, state, nowMs }: GateContext, open: ReturnType<typeof openItems>): Decision {
  const items = itemsToProve(plan, state, nowMs).map(({ id }) => id);
  if (items.length > 0) return { do: 'prove', items, why: `proving ${items.join(', ')}` };
  const listed = open.map(({ id, why }) => `${id} (${why ?? 'open'})`).join('; ');
  const why = `the checklist has ${open.length} of ${plan.checklist.length} items open: ${listed}`;
  const untilMs = nextProofMs(plan, state);
  const verbs = ['checklist --tick', 'pause', 'abort'];
  return within(
    plan.limits.checklist,
    { do: 'wait', phase: 'checking', why, sinceMs: firstWaitMs(state), untilMs, verbs },
    nowMs,
  );
}
