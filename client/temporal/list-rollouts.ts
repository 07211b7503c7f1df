import type { WorkflowExecutionInfo } from '@temporalio/client';
import type { Outcome } from '../../rules/rollout/status/status';
import type { RolloutResult } from '../../workflows/messages';
import { environmentAttribute, outcomeAttribute, percentageAttribute, phaseAttribute } from '../../workflows/messages';
import type { ListedRelease, ListedRollout } from '../answers/answers';
import type { Temporal } from './connect';
import { inTime } from './connect';
import { environmentIn } from './find-rollout';

/** Shown for what is missing in Temporal's index. */
const NOT_KNOWN = 'NOT KNOWN';
const LONGEST_LIST = 200;
const ASKED_AT_A_TIME = 20;
const OUTCOMES_WITHIN_MS = 4_000;

/** Running rollouts, the newest first; with `all` also the ended ones that Temporal still keeps. */
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

export async function runningReleases(temporal: Temporal): Promise<readonly ListedRelease[]> {
  const found: ListedRelease[] = [];
  await inTime(temporal, async () => {
    const query = "WorkflowType = 'release' AND ExecutionStatus = 'Running'";
    for await (const { workflowId, runId, startTime, typedSearchAttributes } of temporal.client.workflow.list({
      query,
    })) {
      const environment = typedSearchAttributes.get(environmentAttribute) ?? NOT_KNOWN;
      const stage = typedSearchAttributes.get(phaseAttribute) ?? NOT_KNOWN;
      found.push({ workflowId, runId, environment, stage, startedAtMs: startTime.getTime() });
      if (found.length >= LONGEST_LIST) break;
    }
  });
  return found;
}

/** Where the index has no outcome, the result is fetched, several at a time. Without an answer it stays `ended`. */
export async function withOutcomes(
  temporal: Temporal,
  rows: readonly ListedRollout[],
): Promise<readonly ListedRollout[]> {
  const told: ListedRollout[] = [];
  const deadlineMs = Date.now() + OUTCOMES_WITHIN_MS;
  for (let first = 0; first < rows.length; first += ASKED_AT_A_TIME) {
    const some = rows.slice(first, first + ASKED_AT_A_TIME);
    told.push(...(await Promise.all(some.map((row) => withOutcome(temporal, row, deadlineMs)))));
  }
  return told;
}

async function withOutcome(temporal: Temporal, row: ListedRollout, deadlineMs: number): Promise<ListedRollout> {
  if (row.phase !== 'ended' || row.outcome !== undefined) return row;
  const handle = temporal.client.workflow.getHandle(row.workflowId, row.runId, { followRuns: false });
  try {
    const result = await temporal.connection.withDeadline(deadlineMs, () => handle.result());
    return { ...row, outcome: (result as RolloutResult).outcome };
  } catch {
    return row;
  }
}

function rowOf(found: WorkflowExecutionInfo): ListedRollout {
  const attributes = found.typedSearchAttributes;
  const service = textOf(found.memo?.['service']) ?? found.workflowId;
  const running = found.status.name === 'RUNNING';
  const phase = attributes.get(phaseAttribute) ?? NOT_KNOWN;
  return {
    workflowId: found.workflowId,
    runId: found.runId,
    service,
    environment: environmentIn(found.workflowId, service),
    phase: running ? phase : found.status.name === 'COMPLETED' ? 'ended' : found.status.name.toLowerCase(),
    percentage: attributes.get(percentageAttribute),
    outcome: running ? undefined : (attributes.get(outcomeAttribute) as Outcome['outcome'] | undefined),
    startedBy: textOf(found.memo?.['startedBy']) ?? NOT_KNOWN,
    startedAtMs: numberOf(found.memo?.['startedAtMs']) ?? found.startTime.getTime(),
    ...(found.closeTime === undefined || running ? {} : { endedAtMs: found.closeTime.getTime() }),
  };
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
