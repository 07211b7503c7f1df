import type { WorkflowExecutionDescription, WorkflowHandle } from '@temporalio/client';
import { type Described, seenFromOutside } from '../../rules/rollout/outside/seen-from-outside';
import type { RolloutStatus } from '../../rules/rollout/status/status';
import { type Concern, concernsOf } from '../../rules/rollout/outside/unwatched';
import type { RolloutResult } from '../../workflows/messages';
import { percentageAttribute, phaseAttribute, rolloutWorkflowId, statusQuery } from '../../workflows/messages';
import type { RolloutFacts } from '../answers/answers';
import type { Temporal } from './connect';
import { inTime } from './connect';
import { type LastLook, lastLookOf } from './last-look';
import { describeIfThere } from './describe';
import { askWorkflow } from './worker-polls';

const NOT_KNOWN = 'NOT KNOWN';

/** A rollout as found in Temporal. */
export interface RolloutView {
  readonly status: RolloutStatus;
  readonly running: boolean;
  readonly runId: string;
  /** What proofs are bound to; not every server tells it. */
  readonly firstRunId?: string | undefined;
  /** Why the rollout is not watched or steered, as far as Temporal knows without a worker. */
  readonly concerns?: readonly Concern[];
  /** What the guards measured last, which the rollout itself does not know. */
  readonly look?: LastLook | undefined;
  /** Why the status holds only what Temporal knows, when the rollout did not answer. */
  readonly queryError?: string;
}

/** The newest run under this id, queried itself when a worker can answer; undefined when there never was one. */
export async function findRollout(temporal: Temporal, workflowId: string): Promise<RolloutView | undefined> {
  const handle = temporal.client.workflow.getHandle(workflowId);
  const described = await describeIfThere(temporal, handle);
  if (described === undefined) return undefined;
  const running = described.status.name === 'RUNNING';
  const asked = await askWorkflow(temporal, handle, statusQuery);
  const concerns = running ? concernsOf(seenFromOutside(described as Described), Date.now()) : [];
  const firstRunId = described.raw.workflowExecutionInfo?.firstRunId ?? undefined;
  const seen = {
    running,
    runId: described.runId,
    firstRunId,
    concerns,
    look: running ? lastLookOf(described) : undefined,
  };
  if ('answer' in asked) return { status: unlessUnwatched(settled(asked.answer, described), concerns), ...seen };
  const queryError = asked.unanswered;
  const result = await resultOf(temporal, handle, described);
  return { status: known(described, queryError, result), ...seen, queryError };
}

/** A rollout only knows its last check. Temporal knows that none came after it. */
function unlessUnwatched(status: RolloutStatus, concerns: readonly Concern[]): RolloutStatus {
  const late = concerns.find(({ kind }) => kind === 'look');
  if (late === undefined || status.outcome !== undefined) return status;
  return { ...status, health: { outcome: 'no-data', why: late.why, atMs: late.sinceMs ?? status.health.atMs } };
}

/** A workflow ended from outside (terminated, failed) still answers with its last state, which would be wrong. */
function settled(status: RolloutStatus, described: WorkflowExecutionDescription): RolloutStatus {
  if (endedOnItsOwn(described) || described.status.name === 'RUNNING') return status;
  const { wait: _wait, outcome: _outcome, percentage, ...rest } = status;
  const percentageUnknown = 'the rollout was ended from outside';
  return { ...rest, phase: 'ended', percentageUnknown, lastKnown: { percentage }, health: unwatched(described) };
}

const endedOnItsOwn = (described: WorkflowExecutionDescription): boolean => described.status.name === 'COMPLETED';

function unwatched(described: WorkflowExecutionDescription): RolloutStatus['health'] {
  const why = `the workflow is ${described.status.name} in Temporal: no rollout watches the traffic`;
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
  const known = { outcome, why, atMs, alarm };
  return { outcome: known, diagnosis };
}

/** The environment, from the rollout's workflow id. */
export function environmentIn(workflowId: string, service: string): string {
  const prefix = rolloutWorkflowId(service, '');
  return workflowId.startsWith(prefix) ? workflowId.slice(prefix.length) : '';
}

/**
 * What Temporal knows without a worker: search attributes, memo, times. The percentage that a running rollout reported last
 * may be old, because the flag may have been written since, so it does not count as the percentage.
 */
function known(
  described: WorkflowExecutionDescription,
  queryError: string,
  result: Pick<RolloutStatus, 'outcome' | 'diagnosis'>,
): RolloutStatus {
  const attributes = described.typedSearchAttributes;
  const running = described.status.name === 'RUNNING';
  const memo = described.memo ?? {};
  const service = typeof memo['service'] === 'string' ? memo['service'] : described.workflowId;
  const percentage = attributes.get(percentageAttribute);
  return {
    service,
    environment: environmentIn(described.workflowId, service),
    workflowId: described.workflowId,
    startedBy: typeof memo['startedBy'] === 'string' ? memo['startedBy'] : NOT_KNOWN,
    startedAtMs: described.startTime.getTime(),
    phase: running ? 'not-known' : 'ended',
    percentage: running ? undefined : percentage,
    percentageUnknown: running ? 'the rollout does not answer' : 'the rollout has reported none to Temporal',
    ...(running ? { lastKnown: { phase: attributes.get(phaseAttribute), percentage } } : {}),
    step: 0,
    steps: [],
    health:
      running || endedOnItsOwn(described)
        ? { outcome: 'no-data', why: queryError, atMs: Date.now() }
        : unwatched(described),
    guards: [],
    gates: [],
    checklist: [],
    planHash: '',
    log: [],
    ...result,
  };
}

/** For programs: of a rollout that did not answer only what is known, without empty lists in place of unknown ones. */
export function factsOf({ status, queryError }: RolloutView): RolloutFacts {
  if (queryError === undefined) return { ...status };
  const { step: _step, steps: _steps, guards: _guards, gates: _gates, ...rest } = status;
  const { checklist: _checklist, planHash: _planHash, log: _log, startedBy, ...facts } = rest;
  return startedBy === NOT_KNOWN ? facts : { ...facts, startedBy };
}
