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
import { CliError } from '../terminal/cli-error';
import type { Target } from '../target';
import { endsWhenLeft, remark, warn } from '../terminal/output';
import { needWorker, type Startable, startWorkflow } from './start-workflow';
import { poll } from './poll';

export interface LongWorkflow<Input> extends Startable {
  readonly input: Input;
  /** The work as a noun: `deployment`. */
  readonly what: string;
  /** What to show while it runs; default: the progress in CloudFormation, from the activity's heartbeats. */
  readonly progress?: (client: Client, workflowId: string) => Promise<string | undefined>;
  /** What the workflow waits for while no activity reports progress. */
  readonly waits?: (temporal: Temporal) => Promise<string | undefined>;
}

const POLL_MS = 500;
/** Workflows that add search attributes to themselves. */
const LISTED_TYPES = ['release', 'deployment'];
/** Events up to the first workflow task: a longer history means that a worker answered. */
const UNTAKEN_EVENTS = 3;
const TAKEN_WITHIN_MS = 30_000;

/**
 * Starts a workflow on stacks and shows the progress in CloudFormation until it ends. Ctrl-C ends the display, never the
 * work. Refused when one of the same kind runs already. Throws a Failure when the work fails.
 */
export async function followWork<Input, Result>(target: Target, work: LongWorkflow<Input>): Promise<Result> {
  const { options } = target;
  const temporal = await target.temporal();
  await beginWork(temporal, work);
  const link = webLink(temporal, work.workflowId);
  if (link !== undefined) remark(options, `Web UI: ${link}`);
  const stay = endsWhenLeft(`\nThe watch has ended. The ${work.what} continues.`);
  try {
    return await untilEnded<Result>(target, work);
  } finally {
    stay();
  }
}

/** Starts it without waiting for the end. */
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
    throw new CliError(3, text, { rule: 'state', why, remedy, running: { workflowId } });
  }
  if (LISTED_TYPES.includes(type)) await warnOfMissing(temporal);
}

/** Stacks take minutes to hours: wait for a server that is away for a while. */
async function untilEnded<Result>(
  target: Target,
  { workflowId, what, waits, progress = heartbeatOf }: LongWorkflow<unknown>,
): Promise<Result> {
  const { options, nextWay } = target;
  const temporal = await target.temporal();
  const startedMs = Date.now();
  let shown = '';
  const read = async (): Promise<{ readonly ended: boolean; readonly result?: Result }> => {
    try {
      const handle = temporal.client.workflow.getHandle(workflowId);
      const { status, historyLength } = await inTime(temporal, () => handle.describe());
      if (historyLength > UNTAKEN_EVENTS) nextWay?.heard();
      else if (nextWay !== undefined && Date.now() - startedMs > TAKEN_WITHIN_MS) throw untaken(what);
      if (status.name !== 'RUNNING')
        return { ended: true, result: (await inTime(temporal, () => handle.result())) as Result };
      const said = await inTime(temporal, () => progress(temporal.client, workflowId));
      const news = said ?? (await waits?.(temporal).catch(() => undefined));
      if (news !== undefined && news !== shown) remark(options, `  ${news}`);
      shown = news ?? shown;
    } catch (error) {
      if (error instanceof WorkflowFailedError)
        throw new CliError(1, `The ${what} failed: ${singleLine(rootCause(error).message)}.`);
      const failure = explain(error, temporal);
      if (failure.facts['unreachable'] === undefined) throw failure;
      warn(
        `Temporal does not answer at ${temporal.address}; trying again. The ${what} continues without this terminal.`,
      );
    }
    return { ended: false };
  };
  const { result } = await poll(read, { until: ({ ended }) => ended, everyMs: POLL_MS });
  return result as Result;
}

const untaken = (what: string): CliError =>
  new CliError(1, `NOT CONFIRMED: Temporal has the ${what}, but no worker has taken it. It begins when a worker runs.`);

/** The last heartbeat of the working activity; undefined between two of them. */
export async function heartbeatOf(client: Client, workflowId: string): Promise<string | undefined> {
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  const payload = raw.pendingActivities?.[0]?.heartbeatDetails?.payloads?.[0];
  if (payload === undefined) return undefined;
  const beat = defaultPayloadConverter.fromPayload<Partial<DeploymentProgress> | string>(payload);
  if (typeof beat === 'string' || beat.message === undefined) return undefined;
  return singleLine(beat.stack === undefined || beat.stack === '' ? beat.message : `${beat.stack}: ${beat.message}`);
}
