import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, defaultPayloadConverter, WorkflowFailedError } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { DeploymentProgress } from '../../rules/stacks/results';
import { rootCause } from '../../rules/root-cause';
import { singleLine } from '../../rules/format';
import { IS_LISTED } from '../../workflows/messages';
import { warnOfMissing } from './attributes';
import type { Temporal } from './connect';
import { inTime, webLink } from './connect';
import { explain } from './explain-error';
import { Failure } from '../terminal/failure';
import type { Target } from '../target';
import { endsWhenLeft, remark, warn } from '../terminal/output';
import { needWorker, type Startable, startWorkflow } from './start-workflow';

export interface LongWorkflow<Input> extends Startable {
  readonly input: Input;
  /** What it does, as a noun: `deployment`. */
  readonly what: string;
  /** What to show of it while it runs; left out, what CloudFormation does, as the activity's heartbeat tells it. */
  readonly progress?: (client: Client, workflowId: string) => Promise<string | undefined>;
  /** What it waits for, while no activity tells how far it is. */
  readonly waits?: (temporal: Temporal) => Promise<string | undefined>;
}

const LOOK_EVERY_MS = 500;
/** Workflows that add search attributes to themselves. */
const LISTED_TYPES = ['release', 'deployment'];
/** Started, and its first task scheduled and handed to a worker: more is only written when that one answers. */
const UNTAKEN_EVENTS = 3;
const TAKEN_WITHIN_MS = 30_000;

/**
 * Starts a workflow on stacks and shows what CloudFormation does until it ends; Ctrl-C ends the showing, never the work. One
 * of the same kind that runs already is a refusal. Throws a Failure when it fails.
 */
export async function followWork<Input, Result>(target: Target, work: LongWorkflow<Input>): Promise<Result> {
  const { options } = target;
  const temporal = await target.temporal();
  await beginWork(temporal, work);
  const link = webLink(temporal, work.workflowId);
  if (link !== undefined) remark(options, `Web UI: ${link}`);
  const stay = endsWhenLeft(`\nYou no longer watch. The ${work.what} goes on.`);
  try {
    return await untilEnded<Result>(target, work);
  } finally {
    stay();
  }
}

/** Starts it, and does not wait for it. */
export async function beginWork<Input>(temporal: Temporal, work: LongWorkflow<Input>): Promise<void> {
  const { type, workflowId, what } = work;
  await needWorker(temporal);
  try {
    await startWorkflow(temporal, work, { memo: LISTED_TYPES.includes(type) ? IS_LISTED : undefined });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const link = webLink(temporal, workflowId);
    const where = link === undefined ? '' : `\nWeb UI: ${link}`;
    const why = `a ${what} of this environment is running already (workflow ${workflowId})`;
    const remedy = 'wait until it has ended';
    const text = `Refused (state): ${why}.\nWhat would make it accept: ${remedy}.${where}`;
    throw new Failure(3, text, { rule: 'state', why, remedy, running: { workflowId } });
  }
  if (LISTED_TYPES.includes(type)) await warnOfMissing(temporal);
}

/** Stacks take minutes to hours: a server that is away for a while is waited for. */
async function untilEnded<Result>(
  target: Target,
  { workflowId, what, waits, progress = heartbeatOf }: LongWorkflow<unknown>,
): Promise<Result> {
  const { options, nextWay } = target;
  const temporal = await target.temporal();
  const startedMs = Date.now();
  let shown = '';
  for (;;) {
    try {
      const handle = temporal.client.workflow.getHandle(workflowId);
      const { status, historyLength } = await inTime(temporal, () => handle.describe());
      if (historyLength > UNTAKEN_EVENTS) nextWay?.heard();
      else if (nextWay !== undefined && Date.now() - startedMs > TAKEN_WITHIN_MS) throw untaken(what);
      if (status.name !== 'RUNNING') return (await inTime(temporal, () => handle.result())) as Result;
      const said = await inTime(temporal, () => progress(temporal.client, workflowId));
      const news = said ?? (await waits?.(temporal).catch(() => undefined));
      if (news !== undefined && news !== shown) remark(options, `  ${news}`);
      shown = news ?? shown;
    } catch (error) {
      if (error instanceof WorkflowFailedError)
        throw new Failure(1, `The ${what} failed: ${singleLine(rootCause(error).message)}.`);
      const failure = explain(error, temporal);
      if (failure.facts['unreachable'] === undefined) throw failure;
      warn(`Temporal does not answer at ${temporal.address}; trying again. The ${what} goes on without this terminal.`);
    }
    await sleep(LOOK_EVERY_MS);
  }
}

const untaken = (what: string): Failure =>
  new Failure(
    1,
    `NOT CONFIRMED: Temporal has the ${what}, and no worker has answered for it. It begins when one does.`,
  );

/** The last heartbeat of the activity that works; undefined between two of them. */
export async function heartbeatOf(client: Client, workflowId: string): Promise<string | undefined> {
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  const payload = raw.pendingActivities?.[0]?.heartbeatDetails?.payloads?.[0];
  if (payload === undefined) return undefined;
  const beat = defaultPayloadConverter.fromPayload<Partial<DeploymentProgress> | string>(payload);
  if (typeof beat === 'string' || beat.message === undefined) return undefined;
  return singleLine(beat.stack === undefined || beat.stack === '' ? beat.message : `${beat.stack}: ${beat.message}`);
}
