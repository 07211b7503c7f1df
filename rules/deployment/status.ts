import type { EnvironmentPlan } from '../plan/environment-plan';
import { checklistOf } from '../rollout/checklist';
import type { ChecklistEntry, LogEntry, Wait } from '../rollout/status/status';
import type { StackChanges } from '../stacks/results';
import type { DeploymentDecision, TemplateConsent } from './decide';
import { consentToTemplate, listedIn } from './decide';
import type { DeploymentPhase, DeploymentState } from './state';

/** What a deployment answers when asked how it is: the same for the query, the CLI, the Web UI. Plain JSON, times in ms since 1970. */
export interface DeploymentStatus {
  readonly service: string;
  readonly environment: string;
  readonly workflowId: string;
  readonly startedBy: string;
  readonly startedAtMs: number;
  readonly phase: DeploymentPhase;
  /** Present while something is waited for. */
  readonly wait?: Wait;
  /** Hash of what would be deployed, or is: what an approval approves. Absent until the app is synthesized. */
  readonly template?: string;
  readonly revision?: string;
  readonly changes: readonly StackChanges[];
  /** Images that a tag names and no digest, as `imageWords`: a consent covers what the tag means now, as far as that is known. */
  readonly mutableImages: readonly string[];
  readonly approvals: TemplateConsent;
  readonly checklist: readonly ChecklistEntry[];
  /** Who helps, for people; absent when the plan does not say. */
  readonly contact?: string;
  /** Newest last, bounded. */
  readonly log: readonly LogEntry[];
  readonly outcome?: DeploymentOutcome;
}

export interface DeploymentOutcome {
  readonly outcome: 'deployed' | 'no-changes' | 'refused' | 'aborted' | 'failed';
  readonly why: string;
  readonly atMs: number;
}

export interface Shown {
  readonly workflowId: string;
  /** The newest decision. */
  readonly decision?: DeploymentDecision;
  readonly outcome?: DeploymentOutcome;
  readonly nowMs: number;
}

export function deploymentStatus(plan: EnvironmentPlan, state: DeploymentState, shown: Shown): DeploymentStatus {
  const { synthesis, startedBy, startedAtMs, phase, log } = state;
  const { workflowId, decision, outcome, nowMs } = shown;
  const isWaiting = outcome === undefined && decision?.do === 'wait' && state.waiting !== undefined;
  return {
    ...{ service: plan.service, environment: plan.environment, workflowId, startedBy, startedAtMs, phase },
    ...(isWaiting ? { wait: decision.wait } : {}),
    template: synthesis?.template,
    revision: synthesis?.revision,
    changes: synthesis?.changes ?? [],
    mutableImages: synthesis?.mutableImages ?? [],
    approvals: consentToTemplate(plan, state, nowMs),
    checklist: checklistOf(listedIn(plan), state),
    contact: plan.contact,
    log,
    outcome,
  };
}
