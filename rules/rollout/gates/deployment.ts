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
import { countsFromMs, momentOf } from '../state/clock';
import { note } from '../state/log';
import { end, mayHaveTraffic, type RolloutState } from '../state/state';
import { deploymentDueMs } from '../due';
import { isFirstRaise } from '../raise';
import type { RaiseGate } from './gate';
import { type TimedOut, type WaitDecision, waitingSince, within } from '../wait';

type Asking = Pick<EnvironmentPlan, 'deployment' | 'environment'>;

/** Only until the first raise: this rollout does not judge later deployments. */
const isAsked = ({ deployment }: Asking, state: RolloutState): boolean =>
  deployment?.rolloutNeeds !== undefined && isFirstRaise(state);

/** Checked at the first raise, which may be days after the start; undefined when the deployment counts. */
function deploymentNow(
  plan: EnvironmentPlan,
  state: RolloutState,
  nowMs: number,
): { readonly do: 'look-at-deployment'; readonly why: string } | WaitDecision | TimedOut | undefined {
  if (!isAsked(plan, state)) return undefined;
  const untilMs = deploymentDueMs(state);
  if (nowMs >= untilMs)
    return { do: 'look-at-deployment', why: `the deployment must be known to be ${plan.deployment?.rolloutNeeds}` };
  const { problem, problemSince, tries = 1 } = state.gates.deployment ?? {};
  if (problem === undefined) return undefined;
  const again = `read ${tries === 1 ? 'once' : `${tries} times`}, again ${formatTime(untilMs, plan.windows[0]?.zone ?? 'UTC', nowMs)}`;
  const why = `not raised, because the deployment cannot be read (${again}): ${problem}`;
  const sinceMs = waitingSince(state, countsFromMs(state, problemSince) ?? state.step.entered.atMs);
  const wait: WaitDecision = { do: 'wait', phase: 'holding', why, sinceMs, untilMs, verbs: ['pause', 'abort'] };
  return within(plan.limits.evidence, wait, nowMs);
}

/** A failed read says nothing about the deployment. */
export function recordNoDeploymentLook(state: RolloutState, problem: string, nowMs: number): RolloutState {
  const { problemSince = momentOf(state, nowMs), tries = 0, ...rest } = state.gates.deployment ?? {};
  return {
    ...state,
    gates: { ...state.gates, deployment: { ...rest, atMs: nowMs, problem, problemSince, tries: tries + 1 } },
  };
}

/** A deployment that does not count refuses the rollout, which has raised nothing yet. */
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

/** Approvals of the raise were for the earlier deployment. */
const anotherThan = (before: DeployedState, now: DeployedState): Refusal => ({
  rule: 'deployment',
  why: `${now.by} deployed template ${now.template} meanwhile; this rollout began with template ${before.template}`,
  remedy: 'start another rollout for the present deployment',
});

function refused(state: RolloutState, refusal: Refusal, nowMs: number): RolloutState {
  const { why: said, remedy } = refusal;
  const why = `${said}; ${remedy}`;
  const { problemSince = momentOf(state, nowMs), ...rest } = state.gates.deployment ?? {};
  const looked = {
    ...state,
    gates: { ...state.gates, deployment: { ...rest, atMs: nowMs, problem: said, problemSince } },
  };
  if (state.stop !== undefined || state.outcome !== undefined) return looked;
  // A cancelled raise may still have been written.
  if (mayHaveTraffic(state)) return hold(looked, { why, sinceMs: nowMs, because: 'unconfirmed' });
  return end(looked, { outcome: 'refused', why, refusal, atMs: nowMs });
}

/** Checked at the start, so that a rollout without its deployment is refused at once. */
export const deploymentGate: RaiseGate = {
  name: 'deployment',
  evaluate: ({ plan, state, nowMs }) => {
    if (!isAsked(plan, state)) return { shown: [] };
    const { standing, problem } = state.gates.deployment ?? {};
    if (standing !== undefined && problem === undefined)
      return { shown: [{ gate: 'deployment', open: true, why: `template ${deployedStateWords(standing)}` }] };
    const closed = deploymentNow(plan, state, nowMs);
    return { shown: [{ gate: 'deployment', open: false, why: problem ?? 'not read yet' }], closed };
  },
};

/** Checked again at the first raise, which may be days after the start. */
export const deploymentStillGate: RaiseGate = {
  name: 'deployment-still',
  evaluate: ({ plan, state, nowMs }) => ({ shown: [], closed: deploymentNow(plan, state, nowMs) }),
};
