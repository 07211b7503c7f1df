import { type DeploymentLook, judgeStanding, type Standing, standingWords } from '../../stacks/deployed-state';
import type { EnvironmentPlan } from '../../plan/environment-plan';
import type { Refusal } from '../../refusal';
import { instant } from '../../words';
import { hold } from '../pause-hold';
import { end, exposed, note, type RolloutState } from '../state/state';
import type { Gate } from '../status/status';
import { type GivenUp, type Waiting, within } from '../wait';

type Asking = Pick<EnvironmentPlan, 'deployment' | 'environment'>;

const FRESH_MS = 30_000;
const LONGEST_RETRY_MS = 3_600_000;

/** Until the first raise; whoever deploys after it is not this rollout's to judge. */
const isAsked = ({ deployment }: Asking, { stepIndex }: RolloutState): boolean =>
  deployment?.rolloutNeeds !== undefined && stepIndex < 0;

/** At the start, so that it is refused at once; undefined when it was seen to stand. */
export function deploymentAtFirst(
  plan: EnvironmentPlan,
  state: RolloutState,
  nowMs: number,
): ReturnType<typeof deploymentNow> {
  const { standing, problem } = state.deployment ?? {};
  return standing !== undefined && problem === undefined ? undefined : deploymentNow(plan, state, nowMs);
}

/** In the moment of the first raise, days after the start maybe; undefined when it stands. */
export function deploymentNow(
  plan: EnvironmentPlan,
  state: RolloutState,
  nowMs: number,
): { readonly do: 'look-at-deployment'; readonly why: string } | Waiting | GivenUp | undefined {
  if (!isAsked(plan, state)) return undefined;
  const untilMs = deploymentDueMs(state);
  if (nowMs >= untilMs)
    return { do: 'look-at-deployment', why: `whether what is ${plan.deployment?.rolloutNeeds} stands must be known` };
  const { problem, problemSinceMs = state.stepEnteredAtMs, tries = 1 } = state.deployment ?? {};
  if (problem === undefined) return undefined;
  const again = `looked ${tries === 1 ? 'once' : `${tries} times`}, again ${instant(untilMs, plan.windows[0]?.zone ?? 'UTC', nowMs)}`;
  const why = `not raised, because what is deployed cannot be looked at (${again}): ${problem}`;
  const sinceMs = Math.max(problemSinceMs, state.wentOnAtMs ?? 0);
  const wait: Waiting = { do: 'wait', phase: 'holding', why, sinceMs, untilMs, verbs: ['pause', 'abort'] };
  return within(plan.limits.evidence, wait, nowMs);
}

/** Ever more rarely while there is no answer, as each look adds to the history; at once when somebody resumed. */
export function deploymentDueMs({ deployment, wentOnAtMs = 0 }: RolloutState): number {
  if (deployment === undefined || wentOnAtMs > deployment.atMs) return -Infinity;
  const { atMs, problem, tries = 1 } = deployment;
  if (problem === undefined) return atMs + FRESH_MS;
  return atMs + Math.min(LONGEST_RETRY_MS, FRESH_MS * 2 ** (tries - 1));
}

/** No answer says nothing about what is deployed. */
export function recordNoDeploymentLook(state: RolloutState, problem: string, nowMs: number): RolloutState {
  const { problemSinceMs = nowMs, tries = 0, ...rest } = state.deployment ?? {};
  return { ...state, deployment: { ...rest, atMs: nowMs, problem, problemSinceMs, tries: tries + 1 } };
}

/** What does not stand refuses the rollout, which has raised nothing yet. */
export function recordDeploymentLook(
  plan: Asking,
  state: RolloutState,
  look: DeploymentLook,
  nowMs: number,
): RolloutState {
  const { environment, deployment } = plan;
  const judged = judgeStanding(environment, deployment?.rolloutNeeds ?? 'deployed', look);
  if (judged.standing === undefined) return refused(state, judged.refusal, nowMs);
  const { standing } = judged;
  const before = state.deployment?.standing;
  if (before !== undefined && before.template !== standing.template)
    return refused(state, anotherThan(before, standing), nowMs);
  const next = { ...state, deployment: { standing, atMs: nowMs } };
  return before === undefined ? note(next, { atMs: nowMs, what: `template ${standingWords(standing)}` }) : next;
}

/** Who approved the raise approved it for what stood then. */
const anotherThan = (before: Standing, now: Standing): Refusal => ({
  rule: 'deployment',
  why: `template ${now.template} was deployed by ${now.by} meanwhile; this rollout began with template ${before.template}`,
  remedy: 'start another rollout, for what is deployed now',
});

function refused(state: RolloutState, refusal: Refusal, nowMs: number): RolloutState {
  const { why: said, remedy } = refusal;
  const why = `${said}; ${remedy}`;
  const { problemSinceMs = nowMs, ...rest } = state.deployment ?? {};
  const looked = { ...state, deployment: { ...rest, atMs: nowMs, problem: said, problemSinceMs } };
  if (state.stop !== undefined || state.outcome !== undefined) return looked;
  // A raise that was given up may stand.
  if (exposed(state)) return hold(looked, { why, sinceMs: nowMs, because: 'unconfirmed' });
  return end(looked, { outcome: 'refused', why, refusal, atMs: nowMs });
}

export function deploymentGate(plan: Asking, state: RolloutState): readonly Gate[] {
  if (!isAsked(plan, state)) return [];
  const { standing, problem } = state.deployment ?? {};
  if (standing !== undefined && problem === undefined)
    return [{ gate: 'deployment', open: true, why: `template ${standingWords(standing)}` }];
  return [{ gate: 'deployment', open: false, why: problem ?? 'not looked yet' }];
}
