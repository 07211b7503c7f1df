import type { AuditEvent } from '../rules/audit/entry';
import { hashOf } from '../rules/audit/hash';
import { canonicalJson } from '../rules/plan/plan-hash';

/** Ids of workflows: one runs at a time under each. */
export const rolloutWorkflowId = (service: string, environment: string): string => `rollout-${service}-${environment}`;
export const freezeWorkflowId = (service: string, environment: string): string => `freeze-${service}-${environment}`;
export const doctorWorkflowId = (service: string, environment: string): string => `doctor-${service}-${environment}`;
export const fallbackWorkflowId = (service: string, environment: string): string =>
  `fallback-${service}-${environment}`;
export const findingsWorkflowId = (service: string, environment: string): string =>
  `findings-${service}-${environment}`;
export const diagnosisWorkflowId = (service: string, environment: string): string =>
  `diagnosis-${service}-${environment}`;
export const checkWorkflowId = (service: string, environment: string): string => `check-${service}-${environment}`;
export const deploymentWorkflowId = (service: string, environment: string): string =>
  `deployment-${service}-${environment}`;
export const changesWorkflowId = (service: string, environment: string): string => `changes-${service}-${environment}`;
export const infraRollbackWorkflowId = (service: string, environment: string): string =>
  `infra-rollback-${service}-${environment}`;

export const auditReadWorkflowId = (service: string, environment: string): string =>
  `audit-read-${service}-${environment}`;
/**
 * Writes what a workflow had not written to the audit record when it ended. Named after what it writes: a workflow that was reset
 * may hand over other entries of the same numbers, and the same ones only once.
 */
export const auditWorkflowId = (workflowId: string, firstRunId: string, events: readonly AuditEvent[]): string =>
  `audit-${workflowId}-${firstRunId.slice(0, 8)}-${hashOf(canonicalJson(events)).slice(0, 16)}`;

export const adoptableWorkflowId = (service: string, environment: string): string =>
  `adoptable-${service}-${environment}`;
export const flagHistoryWorkflowId = (service: string, environment: string): string =>
  `flag-history-${service}-${environment}`;
export const ownerReleaseWorkflowId = (service: string, environment: string): string =>
  `owner-release-${service}-${environment}`;
export const setupWorkflowId = (service: string, environment: string): string => `setup-${service}-${environment}`;
export const verificationWorkflowId = (service: string, environment: string): string =>
  `verification-${service}-${environment}`;
export const releaseWorkflowId = (service: string, environment: string): string => `release-${service}-${environment}`;
/** Of the message that `rollout notify --test` sends. */
export const testNoticeWorkflowId = (service: string, environment: string): string =>
  `notice-test-${service}-${environment}`;
/** Built from the workflow, its first run and the event: a workflow never sends the same notice twice. */
export const noticeWorkflowId = (workflowId: string, firstRunId: string, key: string): string =>
  `notice-${workflowId}-${firstRunId.slice(0, 8)}-${key}`;
