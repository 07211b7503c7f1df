import { auditStatus } from '../../audit/waiting';
import type { EnvironmentPlan } from '../../plan/environment-plan';
import type { Decision } from '../decision';
import { checklistOf } from '../checklist';
import { deliveryStatus } from '../delivering';
import { gatesOf } from '../gates/gates';
import { nextStep, raiseAhead } from '../raise';
import type { RolloutState } from '../state/state';
import type { Phase, RolloutStatus, Wait } from './status';
import type { Health } from '../../guards/verdict';

/** Invariant 12: the status that all readers see; every wait with its reason, times and verbs. */
export function statusOf(
  plan: EnvironmentPlan,
  state: RolloutState,
  decision: Decision,
  identity: { readonly workflowId: string; readonly planHash: string; readonly nowMs: number; readonly run?: string },
): RolloutStatus {
  const next = nextStep(plan, state);
  const wait = waitOf(state, decision, identity.nowMs);
  return {
    service: plan.service,
    environment: plan.environment,
    workflowId: identity.workflowId,
    contact: plan.contact,
    startedBy: state.startedBy,
    startedAtMs: state.startedAtMs,
    phase: phaseOf(state, decision),
    ...percentageOf(state),
    step: state.step.index + 1,
    steps: plan.steps,
    next: next?.percentage,
    nextRaise: raiseAhead(plan, state, identity.nowMs),
    ...(state.step.skipped.length === 0 ? {} : { skipped: state.step.skipped }),
    wait,
    ...deliveryStatus(plan, state),
    health: healthOf(state),
    event: eventOf(state),
    guards: state.watch.health?.guards ?? [],
    gates: gatesOf(plan, state, identity.nowMs),
    checklist: checklistOf(plan, state),
    standing: state.gates.deployment?.standing,
    planHash: identity.planHash,
    log: state.log.entries,
    outcome: state.outcome,
    diagnosis: state.watch.diagnosis,
    unreadable: state.watch.unreadable,
    permissions: permissionsOf(plan, state, identity.run),
    audit: state.audit && auditStatus(state.audit, state.outcome !== undefined),
  };
}

function permissionsOf(
  { aws: { region }, permissions }: EnvironmentPlan,
  { held, identity }: RolloutState,
  run = '',
): RolloutStatus['permissions'] {
  if (permissions === undefined) return undefined;
  return { ...permissions, run, region, startOpen: held?.because === 'identity', open: identity?.open };
}

/**
 * The last percentage that was read, or written and read back. Before the first read, after an unconfirmed raise and after a failed
 * read, the percentage in the state is not reliable. An outside change is shown by the wait.
 */
function percentageOf(state: RolloutState): Pick<RolloutStatus, 'percentage' | 'percentageUnknown'> {
  const percentageUnknown = whyUnknown(state);
  return percentageUnknown === undefined ? { percentage: state.flag.percentage } : { percentageUnknown };
}

/** Undefined while the percentage is known. */
export function whyUnknown(state: RolloutState): string | undefined {
  const { drift, percentage, raisingTo, readAtMs, written } = state.flag;
  if (state.zero.written !== undefined) return undefined;
  if (written.at(-1) === 0)
    return percentage > 0 ? undefined : '0 % was written but could not be read at the second check';
  if (drift?.reading.found === false) return drift.reading.why;
  const wasRead = readAtMs > 0 || written.length > 0;
  const interrupted = (state.held ?? state.paused ?? state.stop) !== undefined;
  if (raisingTo !== undefined && interrupted) {
    const before = wasRead ? `; ${percentage} % was confirmed before` : '';
    return `${raisingTo} % may be written but was not read back${before}`;
  }
  return wasRead ? undefined : 'the rollout has not read the flag';
}

function phaseOf(state: RolloutState, decision: Decision): Phase {
  if (state.outcome !== undefined) return 'ended';
  if (state.stop !== undefined) return 'rolling-back';
  switch (decision.do) {
    case 'wait':
      return decision.phase;
    case 'set-traffic':
    case 'restore-traffic':
      return 'raising';
    case 'prove':
    case 'probe':
    case 'ask-hooks':
      return 'checking';
    case 'time-out':
    case 'roll-back':
    case 'check-zero':
      return 'rolling-back';
    case 'finish':
      return 'ended';
    case 'read-flag':
    case 'read-freezes':
    case 'look-at-deployment':
    case 'take-owner':
    case 'look':
      return state.step.index < 0 ? 'starting' : 'soaking';
  }
}

function waitOf(state: RolloutState, decision: Decision, nowMs: number): Wait | undefined {
  if (state.outcome !== undefined) return undefined;
  switch (decision.do) {
    case 'wait': {
      const { do: _wait, phase: _phase, ...wait } = decision;
      return wait;
    }
    case 'set-traffic':
      return { why: `writing ${decision.percentage} %`, sinceMs: nowMs, verbs: ['abort'] };
    case 'restore-traffic':
      return { why: `writing ${decision.percentage} % again`, sinceMs: nowMs, verbs: ['abort'] };
    case 'roll-back':
      return { why: rollingBack(state, decision.why), sinceMs: state.stop?.sinceMs ?? nowMs, verbs: [] };
    case 'prove':
    case 'probe':
    case 'ask-hooks':
    case 'read-flag':
    case 'read-freezes':
    case 'look-at-deployment':
    case 'take-owner':
    case 'look':
      return { why: decision.why, sinceMs: nowMs, verbs: ['pause', 'abort'] };
    case 'time-out':
    case 'check-zero':
      return { why: decision.why, sinceMs: nowMs, verbs: [] };
    case 'finish':
      return undefined;
  }
}

function rollingBack(state: RolloutState, why: string): string {
  const problem =
    state.zero.problem === undefined ? '' : `0 % is NOT confirmed, retrying without limit: ${state.zero.problem}; `;
  return `${problem}writing 0 %: ${why}`;
}

function eventOf({ watch: { asked } }: RolloutState): RolloutStatus['event'] {
  if (asked === undefined) return undefined;
  const { why, heardAtMs, lookedAtMs = 0 } = asked;
  return { why, heardAtMs, checkedAtMs: lookedAtMs < heardAtMs ? undefined : lookedAtMs };
}

function healthOf(state: RolloutState): Health {
  const { health } = state.watch;
  if (health === undefined) return { outcome: 'inconclusive', why: 'no check yet', atMs: state.startedAtMs };
  const { outcome, why, atMs, alarm } = health;
  return { outcome, why, atMs, alarm };
}
