import type { EnvironmentPlan } from '../plan/environment-plan';
import { checklistOf } from '../rollout/checklist';
import type { ChecklistEntry, Wait } from '../rollout/status/status';
import type { LogEntry } from '../rollout/state/log';
import type { StackChanges } from '../stacks/results';
import type { DeploymentDecision, TemplateConsent } from './decide';
import { consentToTemplate, listedIn } from './decide';
import type { DeploymentPhase, DeploymentState } from './state';

/** Status of a deployment, the same for the query, the CLI and the Web UI. Plain JSON, times in ms since 1970. */
export interface DeploymentStatus {
  readonly service: string;
  readonly environment: string;
  readonly workflowId: string;
  readonly startedBy: string;
  readonly startedAtMs: number;
  readonly phase: DeploymentPhase;
  /** Present while the deployment waits. */
  readonly wait?: Wait;
  /** Hash of the template to deploy, which an approval names. Absent until the app is synthesized. */
  readonly template?: string;
  readonly revision?: string;
  readonly changes: readonly StackChanges[];
  /** Images named by tag without digest, as `imageWords`: an approval covers what the tag means now, if known. */
  readonly mutableImages: readonly string[];
  readonly approvals: TemplateConsent;
  readonly checklist: readonly ChecklistEntry[];
  /** Escalation contact; absent when the plan names none. */
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
  const { synthesis, startedBy, startedAtMs, phase } = state;
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
    log: state.log.entries,
    outcome,
  };
}
