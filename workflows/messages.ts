/** The whole contract between the client and the workflows: names, inputs, signals, queries. */
import { defineQuery, defineSignal } from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type { EnvironmentPlan } from '../rules/environment-plan';
import type { AlarmChange } from '../rules/alarm-change';
import type { Outcome, RolloutStatus } from '../rules/status';

export const TASK_QUEUE = 'rollouts';

export const rolloutWorkflowId = (service: string, environment: string): string => `rollout-${service}-${environment}`;
export const deploymentWorkflowId = (service: string, environment: string): string =>
  `deployment-${service}-${environment}`;

export const environmentAttribute = defineSearchAttributeKey('RolloutEnvironment', SearchAttributeType.KEYWORD);
export const phaseAttribute = defineSearchAttributeKey('RolloutPhase', SearchAttributeType.KEYWORD);
export const percentageAttribute = defineSearchAttributeKey('RolloutPercentage', SearchAttributeType.DOUBLE);

/** Who asks and why. Every field may be left out: the Web UI and the `temporal` CLI send no argument at all. */
export interface Command {
  readonly by?: string;
  readonly reason?: string;
}

export const pauseSignal = defineSignal<[Command?]>('pause');
export const resumeSignal = defineSignal<[Command?]>('resume');
export const abortSignal = defineSignal<[Command?]>('abort');
export const alarmChangedSignal = defineSignal<[AlarmChange]>('alarm-changed');
export const statusQuery = defineQuery<RolloutStatus>('status');

/** Workflow type `rollout`. */
export interface RolloutInput {
  readonly plan: EnvironmentPlan;
  readonly startedBy: string;
  readonly reason?: string;
  /** Raises nothing: puts the percentage to 0, for what an ended rollout has left. */
  readonly backToZero?: boolean;
}
export type RolloutResult = Outcome & { readonly percentages: readonly number[] };

/** Workflow type `deployment`. */
export interface DeploymentInput {
  readonly plan: EnvironmentPlan;
  readonly startedBy: string;
}
export type { DeploymentResult } from '../rules/deployment';
