import { setTimeout as pass } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';

const SHOWN = 5;
const EVENTS = 12;
const ANSWERS_WITHIN_MS = 20_000;

/** What the server has not finished, in words: a batch that hangs fails with them. */
export async function standing(env: TestWorkflowEnvironment, workflowIds: readonly string[]): Promise<string> {
  const silent = pass(ANSWERS_WITHIN_MS, 'the server answers nothing', { ref: false });
  return Promise.race([said(env, workflowIds), silent]).catch((error: unknown) => `the server fails: ${String(error)}`);
}

async function said(env: TestWorkflowEnvironment, workflowIds: readonly string[]): Promise<string> {
  const now = new Date(await env.currentTimeMs()).toISOString();
  const handles = workflowIds.map((id) => env.client.workflow.getHandle(id));
  const open = (await Promise.all(handles.map(openTask))).flat();
  if (open.length === 0) return `the server's clock is at ${now}, and no workflow has a task`;
  const left = open.length > SHOWN ? [`and ${open.length - SHOWN} more`] : [];
  return [`the server's clock is at ${now}`, ...open.slice(0, SHOWN), ...left].join('\n  ');
}

/** Of a workflow whose task is not done: the test server tells that in its history only. */
async function openTask(workflow: WorkflowHandle): Promise<string[]> {
  const events = await eventsOf(workflow);
  if (!endsInTask(events)) return [];
  return [`${workflow.workflowId} has a task: ${events.slice(-EVENTS).join(' ')}`];
}

export const hasTask = async (workflow: WorkflowHandle): Promise<boolean> => endsInTask(await eventsOf(workflow));

const endsInTask = (events: readonly string[]): boolean =>
  events.filter((event) => event.startsWith('WORKFLOW_TASK_')).at(-1) !== 'WORKFLOW_TASK_COMPLETED';

async function eventsOf(workflow: WorkflowHandle): Promise<readonly string[]> {
  const { events } = await workflow.fetchHistory();
  return (events ?? []).map(({ eventType }) =>
    (temporal.api.enums.v1.EventType[eventType ?? 0] ?? '').replace('EVENT_TYPE_', ''),
  );
}
