import type { ExecutionListItem, SFNClient } from '@aws-sdk/client-sfn';
import { DescribeExecutionCommand, ListExecutionsCommand } from '@aws-sdk/client-sfn';
import type { ExecutionsGuard } from '../../rules/guards/guard';
import type { ExecutionsReading } from '../../rules/guards/readings';
import type { Look } from './look';

/** ListExecutions may be asked 5 times a second by everybody together, with 1,000 executions a page. */
const MOST_PAGES = 10;
const PER_PAGE = 1_000;
/** DescribeExecution 15 times a second: the failures of one look that were not seen before. */
const DESCRIBED_PER_LOOK = 60;
const DESCRIBED_AT_ONCE = 5;
const REMEMBERED = 10_000;
const EXAMPLES = 3;
const EXAMPLE_LENGTH = 300;

/**
 * What became of the executions that were started since the look's beginning, from Step Functions itself: its metrics are
 * best effort, and count the user's mistakes as failures.
 * @throws when the state machine does not exist, or Step Functions does not answer.
 */
export async function readExecutions(guard: ExecutionsGuard, look: Look): Promise<ExecutionsReading> {
  const { executions, cut } = await startedSince(guard, look);
  const of = (status: ExecutionListItem['status']): readonly ExecutionListItem[] =>
    executions.filter((execution) => execution.status === status);
  const [succeeded, failed] = [of('SUCCEEDED'), of('FAILED')];
  const reasons = await reasonsOf(failed, look);
  // One whose reason was not read yet counts as ours: so many new failures between two looks are ours to explain.
  const ours = failed.filter((execution) => !isUserError(reasons.get(execution), guard.userErrors));
  const durationsMs = succeeded.map(
    ({ startDate, stopDate }) => (stopDate?.getTime() ?? 0) - (startDate?.getTime() ?? 0),
  );
  const examples = ours.slice(0, EXAMPLES).map((execution) => exampleOf(execution, reasons.get(execution)));
  return {
    name: guard.name,
    kind: 'executions',
    started: executions.length,
    running: of('RUNNING').length + of('PENDING_REDRIVE').length,
    succeeded: succeeded.length,
    failed: ours.length,
    timedOut: of('TIMED_OUT').length,
    aborted: of('ABORTED').length,
    userErrors: failed.length - ours.length,
    ...(durationsMs.length === 0
      ? {}
      : { averageDurationMs: durationsMs.reduce((sum, value) => sum + value, 0) / durationsMs.length }),
    ...(examples.length === 0 ? {} : { examples }),
    ...(cut ? { cut } : {}),
  };
}

/** Newest first, as Step Functions lists them. */
async function startedSince(
  { stateMachine }: ExecutionsGuard,
  { clients, aws, sinceMs, abortSignal }: Look,
): Promise<{ readonly executions: readonly ExecutionListItem[]; readonly cut: boolean }> {
  const stateMachineArn = `arn:aws:states:${aws.region}:${aws.account}:stateMachine:${stateMachine}`;
  const executions: ExecutionListItem[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await clients.sfn.send(
      new ListExecutionsCommand({
        stateMachineArn,
        maxResults: PER_PAGE,
        ...(nextToken === undefined ? {} : { nextToken }),
      }),
      { abortSignal },
    );
    const listed = answer.executions ?? [];
    const young = listed.filter(({ startDate }) => (startDate?.getTime() ?? 0) >= sinceMs);
    executions.push(...young);
    if (young.length < listed.length || answer.nextToken === undefined) return { executions, cut: false };
    nextToken = answer.nextToken;
  }
  return { executions, cut: true };
}

interface Reason {
  readonly error: string;
  readonly cause: string;
}

/** A failure is for good: each is asked for once by a worker. Oldest first, so that the oldest are forgotten first. */
const remembered = new WeakMap<SFNClient, Map<string, Reason>>();

async function reasonsOf(
  failed: readonly ExecutionListItem[],
  { clients: { sfn }, abortSignal }: Look,
): Promise<Map<ExecutionListItem, Reason>> {
  const known = remembered.get(sfn) ?? new Map<string, Reason>();
  remembered.set(sfn, known);
  const queue = failed.filter(({ executionArn = '' }) => !known.has(executionArn)).slice(0, DESCRIBED_PER_LOOK);
  const describe = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { executionArn = '' } = next;
      const { error = '', cause = '' } = await sfn.send(new DescribeExecutionCommand({ executionArn }), {
        abortSignal,
      });
      known.set(executionArn, { error, cause: cause.slice(0, EXAMPLE_LENGTH) });
    }
  };
  await Promise.all(Array.from({ length: DESCRIBED_AT_ONCE }, describe));
  const reasons = new Map<ExecutionListItem, Reason>();
  for (const execution of failed) {
    const reason = known.get(execution.executionArn ?? '');
    if (reason !== undefined) reasons.set(execution, reason);
  }
  for (const arn of [...known.keys()].slice(0, Math.max(0, known.size - REMEMBERED))) known.delete(arn);
  return reasons;
}

/** By the name of the error, or by what its cause begins with. */
const isUserError = (reason: Reason | undefined, userErrors: readonly string[]): boolean =>
  reason !== undefined && userErrors.some((wanted) => reason.error === wanted || reason.cause.startsWith(wanted));

function exampleOf({ name = '' }: ExecutionListItem, reason: Reason | undefined): string {
  return reason === undefined ? name : `${name}: ${reason.error}: ${reason.cause}`.slice(0, EXAMPLE_LENGTH);
}
