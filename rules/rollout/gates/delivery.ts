import { deliveringRaise, isDelivered, documentWords } from '../delivering';
import type { RaiseGate } from './gate';

/** Every instance has the present percentage before a higher one is considered. */
export const deliveryGate: RaiseGate = {
  name: 'delivery',
  evaluate: ({ plan, state }) => {
    const closed = deliveringRaise(plan, state);
    if (plan.delivery === undefined || state.flag.percentage === 0) return { shown: [], closed };
    const why = documentWords(state.flag.percentage, state.delivery, plan);
    return { shown: [{ gate: 'delivery', open: isDelivered(state), why }], closed };
  },
};
