import type { Decision } from '../../../../rules/rollout/decision';
import { firstClosed, GATES, gatesOf } from '../../../../rules/rollout/gates/gates';
import type { GateContext, RaiseGate } from '../../../../rules/rollout/gates/gate';
import { nextStep } from '../../../../rules/rollout/raise';
import { begin, type RolloutState } from '../../../../rules/rollout/state/state';
import { policy } from '../../../helpers/samples/deployments';
import { aPlan, HOUR_MS, soon, theDelivery } from '../../../helpers/samples/plans';
import { changed } from '../../../helpers/samples/changed-state';

const NOON = Date.UTC(2026, 10, 24, 12);
/** Asks for everything, and its window is shut. */
const plan = aPlan({
  deployment: policy({ rolloutNeeds: 'verified' }),
  delivery: theDelivery,
  freezeParameter: '/pavi/prod/freezes',
  checklist: [{ id: 'told', text: 'The team is informed' }],
  approvals: { required: 1, starterMayApprove: false, before: 'every-raise', validForMs: HOUR_MS },
  windows: [{ zone: 'UTC', days: [1], from: '00:00', to: '01:00' }],
  verification: { ...soon.verification, probeJobs: 2 },
  hooks: { 'confirm-rollout': ['a'], 'pre-rollout': ['b'], rollout: ['c'] },
});
/** Nothing is there that the plan asks for. `at`: what is at the percentage of the first step already. */
const closed = (at = false): RolloutState =>
  changed(begin('ada', undefined, NOON), {
    flag: { known: true, percentage: at ? 10 : 0 },
    step: { extendedUntil: { atMs: NOON + HOUR_MS, clockMs: NOON + HOUR_MS }, index: at ? 0 : -1 },
  });
const context = (state: RolloutState): GateContext => ({ plan, state, next: nextStep(plan, state)!, nowMs: NOON });
const asks = (decision: Decision | undefined): string => {
  if (decision === undefined) return 'open';
  if (decision.do === 'wait') return `${decision.phase}: ${decision.why}`;
  return decision.do === 'ask-hooks' ? decision.why : decision.do;
};
/** What each gate in turn would ask for if it were the first one. */
const inTurn = (gates: readonly RaiseGate[], state: RolloutState): readonly string[] =>
  gates.map((_, i) => asks(firstClosed(context(state), gates.slice(i))));

it('asks in one order, which decides and is shown', () => {
  expect(GATES.map(({ name }) => name)).toEqual([
    ...['delivery', 'owner', 'deployment', 'freezes-read', 'confirm-rollout', 'checklist', 'probe', 'rollout-hooks'],
    ...['soak', 'window', 'freezes', 'guards', 'approval', 'hooks', 'deployment-still'],
  ]);
  expect(inTurn(GATES, closed())).toEqual([
    'take-owner',
    'take-owner',
    'look-at-deployment',
    'read-freezes',
    'asking confirm-rollout (a)',
    expect.stringMatching(/^checking: the checklist/),
    'probe',
    // Before the first raise there is no step whose hooks could be asked.
    expect.stringMatching(/^soaking/),
    expect.stringMatching(/^soaking/),
    expect.stringMatching(/^holding: 10 % waits for the next opening/),
    'read-freezes',
    'look',
    expect.stringMatching(/^approving/),
    'asking pre-rollout (b)',
    'look-at-deployment',
  ]);
  expect(inTurn(GATES, closed(true))[0]).toMatch(/^raising: flag document 10 %, delivered to no instance yet/);
  const shown = gatesOf(plan, closed(), NOON).map(({ gate }) => gate);
  expect(shown).toEqual(['deployment', 'hooks', 'checklist', 'probe', 'soak', 'window', 'guards', 'approval', 'hooks']);
});

it.each(GATES.slice(1).map((gate, i) => [GATES[i]!.name, gate.name, i] as const))(
  'sees %s and %s swapped',
  (_one, _other, i) => {
    const swapped = [...GATES.slice(0, i), GATES[i + 1]!, GATES[i]!, ...GATES.slice(i + 2)];
    const [right, wrong] = [GATES, swapped].map((gates) => [closed(), closed(true)].map((at) => inTurn(gates, at)));
    expect(wrong).not.toEqual(right);
  },
);

it('waits only for gates that people see', () => {
  for (const gate of GATES) {
    const { shown, closed: decision } = gate.evaluate(context(closed()));
    if (shown.some(({ open }) => !open)) expect(decision).toBeDefined();
    // What waits for people or for time is shown; what is not shown is done at once.
    if (shown.length === 0 && decision !== undefined) expect(decision.do).not.toBe('wait');
  }
});
