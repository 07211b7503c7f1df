import type { ExecutionListItem } from '@aws-sdk/client-sfn';
import { type DescribeExecutionCommand, ListExecutionsCommand } from '@aws-sdk/client-sfn';

/** One end of an execution, and the redrive after it. Times in ms since 1970. */
export interface Attempt {
  readonly fromMs: number;
  /** Undefined while it runs. */
  readonly toMs?: number;
  readonly end: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  readonly error: string;
}

export interface Run {
  readonly id: number;
  readonly attempts: readonly Attempt[];
}

/**
 * Executions as the documentation of Step Functions describes them, which the emulator does not: a redriven one keeps ARN
 * and startDate, one that runs is sorted by startDate or redriveDate and one that has ended by stopDate.
 * Source: `ListExecutionsCommand`, `RedriveExecutionCommand` and `ExecutionListItem` of @aws-sdk/client-sfn.
 */
export class MemoryStates {
  described = 0;

  constructor(
    readonly runs: readonly Run[],
    private readonly perPage: number,
    /** The documentation leaves open whether those that run are a group of their own. */
    private readonly runningFirst: boolean,
    public nowMs: number,
  ) {}

  async send(command: ListExecutionsCommand | DescribeExecutionCommand): Promise<object> {
    if (command instanceof ListExecutionsCommand) return this.page(Number(command.input.nextToken ?? 0));
    this.described += 1;
    const run = this.runs.find(({ id }) => arnOf(id) === command.input.executionArn);
    if (run === undefined) throw new Error(`no execution ${command.input.executionArn}`);
    const { attempt, ended } = this.newest(run);
    return { ...this.item(run), ...(ended && attempt.end === 'FAILED' && { error: attempt.error, cause: 'why' }) };
  }

  private page(from: number): object {
    const sorted = this.runs
      .filter(({ attempts }) => (attempts[0]?.fromMs ?? 0) <= this.nowMs)
      .map((run) => this.item(run))
      .sort((a, b) => this.group(b) - this.group(a) || sortedBy(b) - sortedBy(a));
    const to = from + this.perPage;
    return { executions: sorted.slice(from, to), ...(to < sorted.length && { nextToken: String(to) }) };
  }

  private readonly group = ({ status }: ExecutionListItem): number => Number(this.runningFirst && status === 'RUNNING');

  /** The newest attempt that has started, and whether it has ended. */
  newest({ attempts }: Run): { readonly attempt: Attempt; readonly index: number; readonly ended: boolean } {
    const index = attempts.findLastIndex(({ fromMs }) => fromMs <= this.nowMs);
    const attempt = attempts[Math.max(0, index)] as Attempt;
    return { attempt, index: Math.max(0, index), ended: attempt.toMs !== undefined && attempt.toMs <= this.nowMs };
  }

  private item(run: Run): ExecutionListItem {
    const { attempt, index, ended } = this.newest(run);
    return {
      executionArn: arnOf(run.id),
      stateMachineArn: 'arn:aws:states:us-east-1:111111111111:stateMachine:pipeline',
      name: `job-${run.id}`,
      startDate: new Date(run.attempts[0]?.fromMs ?? 0),
      status: ended ? attempt.end : 'RUNNING',
      stopDate: ended ? new Date(attempt.toMs ?? 0) : undefined,
      redriveCount: index,
      redriveDate: index === 0 ? undefined : new Date(attempt.fromMs),
    };
  }
}

const arnOf = (id: number): string => `arn:aws:states:us-east-1:111111111111:execution:pipeline:job-${id}`;

const sortedBy = ({ status, startDate, redriveDate, stopDate }: ExecutionListItem): number =>
  ((status === 'RUNNING' ? (redriveDate ?? startDate) : stopDate) ?? new Date(0)).getTime();
