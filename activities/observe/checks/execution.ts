import { Context } from '@temporalio/activity';
import type { Check, CheckAnswer, ExecutionQuestion } from '../../../rules/checks/check';
import { judgeExecution } from '../../../rules/checks/judge';
import { endOfExecution, startExecution } from '../../act/jobs/direct-execution';
import type { Asking } from './asking';

const NAME_LENGTH = 80;
const SHOWN_NAME = 20;

/** Starts one execution, whose name every attempt derives alike, and compares what it ends with. */
export async function askExecution(
  check: Check & ExecutionQuestion,
  { plan, awsFor, signal, deadlineMs }: Asking,
): Promise<CheckAnswer> {
  const { workflowExecution, activityId } = Context.current().info;
  const { aws } = plan;
  const id = `${workflowExecution?.runId ?? ''}-${activityId}`;
  const name = `check-${check.name.slice(0, SHOWN_NAME)}-${id}`.slice(0, NAME_LENGTH);
  const execution = { aws, stateMachine: check.stateMachine, name };
  await startExecution(awsFor(aws), execution, check.input);
  const {
    status = 'RUNNING',
    output,
    error,
    cause,
  } = await endOfExecution(awsFor(aws), execution, {
    withinMs: Math.max(0, deadlineMs - Date.now()),
    signal,
  });
  return judgeExecution(check, { name, status, output, error, cause });
}
