import { WorkflowNotFoundError } from '@temporalio/common';
import type { WorkflowExecutionDescription, WorkflowHandle } from '@temporalio/client';
import type { Phase, RolloutStatus } from '../rules/rollout/status';
import type { RolloutResult } from '../workflows/messages';
import { environmentAttribute, percentageAttribute, phaseAttribute, statusQuery } from '../workflows/messages';
import type { Temporal } from './connect';
import { inTime } from './connect';
import { workerPolls } from './worker-polls';

/** A rollout as found in Temporal. */
export interface Seen {
  readonly status: RolloutStatus;
  readonly running: boolean;
  readonly runId: string;
  /** Why the status is only what Temporal itself knows, when the rollout could not be asked. */
  readonly unanswered?: string;
}

/** The newest run under this id, asked itself when a worker is there to answer; undefined when there never was one. */
export async function findRollout(temporal: Temporal, workflowId: string): Promise<Seen | undefined> {
  const handle = temporal.client.workflow.getHandle(workflowId);
  const described = await inTime(temporal, () => handle.describe()).catch(undefinedWhenAbsent);
  if (described === undefined) return undefined;
  const running = described.status.name === 'RUNNING';
  const answer = await ask(temporal, handle);
  if (typeof answer !== 'string') return { status: settled(answer, described), running, runId: described.runId };
  const result = await resultOf(temporal, handle, described);
  return { status: known(described, answer, result), running, runId: described.runId, unanswered: answer };
}

/** The status in the rollout's own words, or the reason why there is none. */
async function ask(temporal: Temporal, handle: WorkflowHandle): Promise<RolloutStatus | string> {
  if (!(await workerPolls(temporal))) return 'no worker is running that could answer; start one with `npm run worker`';
  try {
    return await inTime(temporal, () => handle.query(statusQuery));
  } catch (error) {
    const why =
      error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : String(error);
    return `the worker did not answer: ${why}`;
  }
}

function undefinedWhenAbsent(error: unknown): undefined {
  if (error instanceof WorkflowNotFoundError) return undefined;
  throw error;
}

/** A workflow ended from outside (terminated, failed) still answers as it last was; that would be a lie. */
function settled(status: RolloutStatus, described: WorkflowExecutionDescription): RolloutStatus {
  if (endedOnItsOwn(described) || described.status.name === 'RUNNING') return status;
  const { wait: _wait, outcome: _outcome, ...rest } = status;
  return { ...rest, phase: 'ended', health: unwatched(described) };
}

const endedOnItsOwn = (described: WorkflowExecutionDescription): boolean => described.status.name === 'COMPLETED';

function unwatched(described: WorkflowExecutionDescription): RolloutStatus['health'] {
  const why = `the workflow is ${described.status.name} in Temporal: nobody watches, and nobody puts the flag back`;
  return { outcome: 'no-data', why, atMs: described.closeTime?.getTime() ?? described.startTime.getTime() };
}

async function resultOf(
  temporal: Temporal,
  handle: WorkflowHandle,
  described: WorkflowExecutionDescription,
): Promise<Pick<RolloutStatus, 'outcome' | 'diagnosis'>> {
  if (!endedOnItsOwn(described)) return {};
  const result = (await inTime(temporal, () => handle.result())) as RolloutResult;
  const { outcome, why, atMs, alarm, diagnosis } = result;
  const known = { outcome, why, atMs, ...(alarm === undefined ? {} : { alarm }) };
  return { outcome: known, ...(diagnosis === undefined ? {} : { diagnosis }) };
}

/** What Temporal knows by itself: search attributes, memo, times. */
function known(
  described: WorkflowExecutionDescription,
  unanswered: string,
  result: Pick<RolloutStatus, 'outcome' | 'diagnosis'>,
): RolloutStatus {
  const attributes = described.typedSearchAttributes;
  const environment = attributes.get(environmentAttribute) ?? '';
  const running = described.status.name === 'RUNNING';
  const memo = described.memo ?? {};
  return {
    service: typeof memo['service'] === 'string' ? memo['service'] : described.workflowId,
    environment,
    workflowId: described.workflowId,
    startedBy: typeof memo['startedBy'] === 'string' ? memo['startedBy'] : 'somebody',
    startedAtMs: described.startTime.getTime(),
    phase: running ? ((attributes.get(phaseAttribute) ?? 'starting') as Phase) : 'ended',
    percentage: attributes.get(percentageAttribute) ?? 0,
    step: 0,
    steps: [],
    health:
      running || endedOnItsOwn(described)
        ? { outcome: 'no-data', why: unanswered, atMs: Date.now() }
        : unwatched(described),
    guards: [],
    gates: [],
    checklist: [],
    planHash: '',
    log: [],
    ...result,
  };
}
