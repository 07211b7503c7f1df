import type { ExecutionListItem, ExecutionStatus, SFNClient } from '@aws-sdk/client-sfn';
import { DescribeExecutionCommand, ListExecutionsCommand } from '@aws-sdk/client-sfn';
import type { ExecutionsGuard } from '../../rules/guards/guard';
import type { ExecutionsReading } from '../../rules/guards/readings';
import { messageOf, nameOf } from '../failures';
import type { Observation } from './guards/observation';
import { EXPRESS_HAS_NO_LIST } from './guards/state-machine';
import { cutInTheMiddle } from '../../rules/format';
import { arnIn } from '../../rules/partition';

/** ListExecutions allows 5 requests a second for the whole account and region, with 1,000 executions a page. */
const MOST_PAGES = 10;
const PER_PAGE = 1_000;
/** DescribeExecution allows 15 requests a second, and the API of a service may need them: the most per check. */
const DESCRIBED_PER_LOOK = 60;
const DESCRIBED_AT_ONCE = 5;
const REMEMBERED = 10_000;
const EXAMPLES = 3;
const EXAMPLE_LENGTH = 300;

/** What a guard says about what to count; its limits only where they need the time of each end. */
type Counted = Omit<ExecutionsGuard, 'breach'> & Partial<Pick<ExecutionsGuard, 'breach'>>;

/**
 * How the executions ended that were started since the beginning of the check's time, from Step Functions itself: its
 * metrics are best effort, and count the user's mistakes as failures. A redriven execution counts by its newest end.
 * @throws when the state machine does not exist or is an EXPRESS one, or Step Functions does not answer.
 */
export async function readExecutions(guard: Counted, look: Observation): Promise<ExecutionsReading> {
  const { executions, cut } = await startedSince(guard.stateMachine, look);
  const of = (status: ExecutionStatus): readonly ExecutionListItem[] =>
    executions.filter((execution) => execution.status === status);
  const [succeeded, failed] = [of('SUCCEEDED'), of('FAILED')];
  // Without user errors every failure counts, and reasons only serve as examples.
  const most = guard.userErrors.length === 0 ? EXAMPLES : DESCRIBED_PER_LOOK;
  const reasons = await reasonsOf(failed, most, look);
  const ours = failed.filter((execution) => !isUserError(reasons.get(execution), guard.userErrors));
  const isExplained = (execution: ExecutionListItem): boolean =>
    guard.userErrors.length === 0 || reasons.has(execution);
  const unexplained = ours.filter((execution) => !isExplained(execution));
  const explainedFirst = [...ours].sort((a, b) => Number(reasons.has(b)) - Number(reasons.has(a)));
  const examples = explainedFirst.slice(0, EXAMPLES).map((execution) => exampleOf(execution, reasons.get(execution)));
  const durationsMs = succeeded.flatMap(durationMs);
  const [timedOut, aborted] = [of('TIMED_OUT'), of('ABORTED')];
  const counted = [...ours.filter(isExplained), ...timedOut, ...aborted];
  const ends = guard.breach?.failedWithin === undefined ? undefined : { counted, unexplained };
  return {
    name: guard.name,
    kind: 'executions',
    started: executions.length,
    running: of('RUNNING').length + of('PENDING_REDRIVE').length,
    succeeded: succeeded.length,
    failed: ours.length,
    timedOut: timedOut.length,
    aborted: aborted.length,
    userErrors: failed.length - ours.length,
    averageDurationMs: durationsMs.length === 0 ? undefined : sumOf(durationsMs) / durationsMs.length,
    redriven: succeeded.length - durationsMs.length || undefined,
    unexplained: unexplained.length || undefined,
    failedAtMs: ends?.counted.flatMap(endedAtMs),
    unexplainedAtMs: ends?.unexplained.flatMap(endedAtMs),
    examples: examples.length === 0 ? undefined : examples,
    cut: cut || undefined,
  };
}

const endedAtMs = ({ stopDate }: ExecutionListItem): readonly number[] => (stopDate ? [stopDate.getTime()] : []);

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/**
 * How long it ran; nothing for a redriven execution. It keeps its `startDate`, and the list does not show how long it
 * waited for its redrive. Source: `DescribeExecutionOutput` and `RedriveExecutionCommand` of @aws-sdk/client-sfn.
 */
function durationMs({ startDate, stopDate, redriveCount = 0, redriveDate }: ExecutionListItem): readonly number[] {
  if (redriveCount > 0 || redriveDate || startDate === undefined || !stopDate) return [];
  return [stopDate.getTime() - startDate.getTime()];
}

/** What a list of executions needs of a check. */
export type ListLook = Pick<Observation, 'aws' | 'abortSignal'> & {
  readonly clients: Pick<Observation['clients'], 'sfn'>;
};

/**
 * One page of the list. Running executions are sorted by `startDate` or `redriveDate`, ended ones by `stopDate`, the newest
 * first. Source: `ListExecutionsCommand` of @aws-sdk/client-sfn.
 * @throws with the guard to use instead, when Step Functions has no such list.
 */
export async function executionsPage(
  { clients: { sfn }, aws, abortSignal }: ListLook,
  asked: {
    readonly stateMachine: string;
    readonly statusFilter?: ExecutionStatus;
    readonly nextToken?: string;
    readonly maxResults?: number;
  },
): Promise<{ readonly executions: readonly ExecutionListItem[]; readonly nextToken?: string }> {
  const { stateMachine, ...rest } = asked;
  const stateMachineArn = arnIn(aws, 'states', `stateMachine:${stateMachine}`);
  try {
    const { executions = [], nextToken } = await sfn.send(
      new ListExecutionsCommand({ stateMachineArn, maxResults: PER_PAGE, ...rest }),
      { abortSignal },
    );
    return { executions, nextToken };
  } catch (error) {
    if (nameOf(error) !== 'StateMachineTypeNotSupported') throw error;
    throw Object.assign(new Error(`${stateMachine} ${EXPRESS_HAS_NO_LIST} (${messageOf(error)})`), {
      name: nameOf(error),
    });
  }
}

/**
 * Reads on until an execution had ended before the beginning of the check's time. Everything behind it in the list ended or
 * was started earlier still, while behind one that runs, or that was started earlier and ended lately, there may be younger
 * ones.
 */
async function startedSince(
  stateMachine: string,
  look: Observation,
): Promise<{ readonly executions: readonly ExecutionListItem[]; readonly cut: boolean }> {
  const found = new Map<string, ExecutionListItem>();
  let nextToken: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const page = await executionsPage(look, { stateMachine, nextToken });
    for (const execution of page.executions) {
      if ((execution.startDate?.getTime() ?? 0) < look.sinceMs) continue;
      // What ends or is redriven between two pages moves to the top, and pushes others to the next page again.
      found.set(execution.executionArn ?? `${pages} ${found.size}`, execution);
    }
    const isPast = page.executions.some(({ stopDate }) => stopDate && stopDate.getTime() < look.sinceMs);
    if (isPast || page.nextToken === undefined) return { executions: [...found.values()], cut: false };
    nextToken = page.nextToken;
  }
  return { executions: [...found.values()], cut: true };
}

interface Reason {
  readonly error: string;
  readonly cause: string;
}

/** By `keyOf` an end, for as long as a worker lives; the oldest first, so that the oldest are forgotten first. */
const remembered = new WeakMap<SFNClient, Map<string, Reason>>();

/** An end of an execution: the same ARN ends again after a redrive, for another reason. */
const keyOf = ({ executionArn = '', redriveCount = 0, stopDate }: ExecutionListItem): string =>
  `${executionArn} ${redriveCount} ${stopDate?.getTime() ?? ''}`;

/**
 * Why executions failed, as far as known: of those not asked for before, asks for `most` now, evenly spread over all of
 * them, so that they represent the others.
 */
async function reasonsOf(
  failed: readonly ExecutionListItem[],
  most: number,
  { clients: { sfn }, abortSignal }: Observation,
): Promise<Map<ExecutionListItem, Reason>> {
  const known = remembered.get(sfn) ?? new Map<string, Reason>();
  remembered.set(sfn, known);
  const queue = spread(
    failed.filter((execution) => !known.has(keyOf(execution))),
    most,
  );
  const describe = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { executionArn = '' } = next;
      const told = await sfn.send(new DescribeExecutionCommand({ executionArn }), { abortSignal });
      const { error = '', cause = '' } = told;
      if (isSameEnd(next, told)) known.set(keyOf(next), { error, cause: cutInTheMiddle(cause, EXAMPLE_LENGTH) });
    }
  };
  await Promise.all(Array.from({ length: DESCRIBED_AT_ONCE }, describe));
  const reasons = new Map<ExecutionListItem, Reason>();
  for (const execution of failed) {
    const reason = known.get(keyOf(execution));
    if (reason !== undefined) reasons.set(execution, reason);
  }
  for (const key of [...known.keys()].slice(0, Math.max(0, known.size - REMEMBERED))) known.delete(key);
  return reasons;
}

function spread<T>(all: readonly T[], most: number): T[] {
  const step = Math.max(1, all.length / most);
  return Array.from({ length: Math.min(most, all.length) }, (_, index) => all[Math.floor(index * step)] as T);
}

/** Whether nothing happened to it after it was listed. */
function isSameEnd(
  listed: ExecutionListItem,
  told: Partial<Pick<ExecutionListItem, 'status' | 'redriveCount' | 'stopDate'>>,
): boolean {
  const same = (a: number | undefined, b: number | undefined): boolean => (a ?? b) === (b ?? a);
  return (
    (told.status ?? listed.status) === listed.status &&
    same(told.redriveCount, listed.redriveCount) &&
    same(told.stopDate?.getTime(), listed.stopDate?.getTime())
  );
}

/** By the name of the error, or by the start of its cause. */
const isUserError = (reason: Reason | undefined, userErrors: readonly string[]): boolean =>
  reason !== undefined && userErrors.some((wanted) => reason.error === wanted || reason.cause.startsWith(wanted));

function exampleOf({ name = '' }: ExecutionListItem, reason: Reason | undefined): string {
  return reason === undefined ? name : cutInTheMiddle(`${name}: ${reason.error}: ${reason.cause}`, EXAMPLE_LENGTH);
}
