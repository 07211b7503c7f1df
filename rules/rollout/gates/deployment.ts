import {
  type DeploymentLook,
  judgeDeployedState,
  type DeployedState,
  deployedStateWords,
} from '../../stacks/deployed-state';
import type { EnvironmentPlan } from '../../plan/environment-plan';
import type { Refusal } from '../../refusal';
import { formatTime } from '../../format';
import { hold } from '../pause-hold';
import { note } from '../state/log';
import { end, exposed, type RolloutState } from '../state/state';
import { deploymentDueMs } from '../due';
import type { RaiseGate } from './gate';
import { type GivenUp, type Waiting, within } from '../wait';

type Asking = Pick<EnvironmentPlan, 'deployment' | 'environment'>;

/** Until the first raise: this rollout does not judge a deployment after it. */
const isAsked = ({ deployment }: Asking, { step }: RolloutState): boolean =>
  deployment?.rolloutNeeds !== undefined && step.index < 0;

/** In the moment of the first raise, days after the start maybe; undefined when it stands. */
function deploymentNow(
  plan: EnvironmentPlan,
  state: RolloutState,
  nowMs: number,
): { readonly do: 'look-at-deployment'; readonly why: string } | Waiting | GivenUp | undefined {
  if (!isAsked(plan, state)) return undefined;
  const untilMs = deploymentDueMs(state);
  if (nowMs >= untilMs)
    return { do: 'look-at-deployment', why: `whether what is ${plan.deployment?.rolloutNeeds} stands must be known` };
  const { problem, problemSinceMs = state.step.enteredAtMs, tries = 1 } = state.gates.deployment ?? {};
  if (problem === undefined) return undefined;
  const again = `looked ${tries === 1 ? 'once' : `${tries} times`}, again ${formatTime(untilMs, plan.windows[0]?.zone ?? 'UTC', nowMs)}`;
  const why = `not raised, because what is deployed cannot be looked at (${again}): ${problem}`;
  const sinceMs = Math.max(problemSinceMs, state.wentOnAtMs ?? 0);
  const wait: Waiting = { do: 'wait', phase: 'holding', why, sinceMs, untilMs, verbs: ['pause', 'abort'] };
  return within(plan.limits.evidence, wait, nowMs);
}

/** No answer says nothing about what is deployed. */
export function recordNoDeploymentLook(state: RolloutState, problem: string, nowMs: number): RolloutState {
  const { problemSinceMs = nowMs, tries = 0, ...rest } = state.gates.deployment ?? {};
  return {
    ...state,
    gates: { ...state.gates, deployment: { ...rest, atMs: nowMs, problem, problemSinceMs, tries: tries + 1 } },
  };
}

/** What does not stand refuses the rollout, which has raised nothing yet. */
export function recordDeploymentLook(
  plan: Asking,
  state: RolloutState,
  look: DeploymentLook,
  nowMs: number,
): RolloutState {
  const { environment, deployment } = plan;
  const judged = judgeDeployedState(environment, deployment?.rolloutNeeds ?? 'deployed', look);
  if (judged.standing === undefined) return refused(state, judged.refusal, nowMs);
  const { standing } = judged;
  const before = state.gates.deployment?.standing;
  if (before !== undefined && before.template !== standing.template)
    return refused(state, anotherThan(before, standing), nowMs);
  const next = { ...state, gates: { ...state.gates, deployment: { standing, atMs: nowMs } } };
  return before === undefined ? note(next, { atMs: nowMs, what: `template ${deployedStateWords(standing)}` }) : next;
}

/** Who approved the raise approved it for what stood then. */
const anotherThan = (before: DeployedState, now: DeployedState): Refusal => ({
  rule: 'deployment',
  why: `template ${now.template} was deployed by ${now.by} meanwhile; this rollout began with template ${before.template}`,
  remedy: 'start another rollout, for what is deployed now',
});

function refused(state: RolloutState, refusal: Refusal, nowMs: number): RolloutState {
  const { why: said, remedy } = refusal;
  const why = `${said}; ${remedy}`;
  const { problemSinceMs = nowMs, ...rest } = state.gates.deployment ?? {};
  const looked = {
    ...state,
    gates: { ...state.gates, deployment: { ...rest, atMs: nowMs, problem: said, problemSinceMs } },
  };
  if (state.stop !== undefined || state.outcome !== undefined) return looked;
  // A raise that was given up may stand.
  if (exposed(state)) return hold(looked, { why, sinceMs: nowMs, because: 'unconfirmed' });
  return end(looked, { outcome: 'refused', why, refusal, atMs: nowMs });
}

/** Asked at the start, so that a rollout of what is not deployed is refused at once. */
export const deploymentGate: RaiseGate = {
  name: 'deployment',
  evaluate: ({ plan, state, nowMs }) => {
    if (!isAsked(plan, state)) return { shown: [] };
    const { standing, problem } = state.gates.deployment ?? {};
    if (standing !== undefined && problem === undefined)
      return { shown: [{ gate: 'deployment', open: true, why: `template ${deployedStateWords(standing)}` }] };
    const closed = deploymentNow(plan, state, nowMs);
    return { shown: [{ gate: 'deployment', open: false, why: problem ?? 'not looked yet' }], closed };
  },
};

/** Asked again in the moment of the first raise, which may be days after the start. */
export const deploymentStillGate: RaiseGate = {
  name: 'deployment-still',
  evaluate: ({ plan, state, nowMs }) => ({ shown: [], closed: deploymentNow(plan, state, nowMs) }),
};
