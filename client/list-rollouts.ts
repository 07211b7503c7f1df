import type { WorkflowExecutionInfo } from '@temporalio/client';
import { environmentAttribute, percentageAttribute, phaseAttribute } from '../workflows/messages';
import type { Temporal } from './connect';
import { inTime } from './connect';

/** One line of the list, from Temporal's index of workflows; it may lag behind the rollout by a second or so. */
export interface ListedRollout {
  readonly workflowId: string;
  readonly runId: string;
  readonly service: string;
  readonly environment: string;
  readonly phase: string;
  readonly percentage: number;
  readonly startedBy: string;
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
}

const LONGEST_LIST = 200;

/** Running rollouts, the newest first; with `all` the ended ones too, as long as Temporal keeps them. */
export async function listRollouts(temporal: Temporal, all: boolean): Promise<readonly ListedRollout[]> {
  const query = `WorkflowType = 'rollout'${all ? '' : " AND ExecutionStatus = 'Running'"}`;
  const rows: ListedRollout[] = [];
  await inTime(temporal, async () => {
    for await (const found of temporal.client.workflow.list({ query })) {
      if (found.status.name !== 'CONTINUED_AS_NEW') rows.push(rowOf(found));
      if (rows.length >= LONGEST_LIST) break;
    }
  });
  return rows;
}

function rowOf(found: WorkflowExecutionInfo): ListedRollout {
  const attributes = found.typedSearchAttributes;
  const environment = attributes.get(environmentAttribute) ?? '';
  const running = found.status.name === 'RUNNING';
  const phase = attributes.get(phaseAttribute) ?? 'starting';
  return {
    workflowId: found.workflowId,
    runId: found.runId,
    service: textOf(found.memo?.['service']) ?? found.workflowId,
    environment,
    phase: running ? phase : found.status.name === 'COMPLETED' ? 'ended' : found.status.name.toLowerCase(),
    percentage: attributes.get(percentageAttribute) ?? 0,
    startedBy: textOf(found.memo?.['startedBy']) ?? '',
    startedAtMs: numberOf(found.memo?.['startedAtMs']) ?? found.startTime.getTime(),
    ...(found.closeTime === undefined || running ? {} : { endedAtMs: found.closeTime.getTime() }),
  };
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
