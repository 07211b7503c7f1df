import type { Recognised } from './diagnosis';
import type { Evidence, ExecutionSign, Signs } from './signs';
import { knownCause } from './known-texts';
import { formatDuration } from '../format';

/** Each failed execution is explained by its first failing event that names a cause: later ones only repeat it. */
export function executionCauses(signs: Signs): readonly Recognised[] {
  const ofExecutions = signs.executions.map((execution) => causeOf(execution, signs));
  const ofLogs = signs.logLines.map(knownCause).filter((cause) => cause !== undefined);
  return [...ofExecutions, ...ofLogs];
}

function causeOf(execution: ExecutionSign, { userErrors }: Signs): Recognised {
  const last = execution.events.at(-1) ?? ended(execution);
  if (isUserError(execution, last, userErrors)) return usersOwn(last);
  const known = execution.events.map(knownCause).filter((cause) => cause !== undefined);
  return known.find(({ isSymptom }) => isSymptom !== true) ?? known[0] ?? endOf(execution, last);
}

/** As guards judge it: the error's name, or a part of its cause. */
function isUserError({ error }: ExecutionSign, last: Evidence, userErrors: readonly string[]): boolean {
  return userErrors.some((userError) => error === userError || last.says.includes(userError));
}

const usersOwn = (evidence: Evidence): Recognised => ({
  trouble: 'executions-fail',
  id: 'users-own-input',
  cause: "the user's own input could not be used; the pipeline itself is not broken",
  remedy: 'tell the user what the evidence says; repair nothing unless good input is refused too',
  evidence: [evidence],
});

/** The cause when no known text explains the failure. */
function endOf({ status }: ExecutionSign, last: Evidence): Recognised {
  if (status === 'TIMED_OUT')
    return {
      trouble: 'executions-fail',
      id: 'took-too-long',
      cause: 'executions timed out',
      remedy:
        'check whether jobs wait to start; if they were running the whole time, send less in one job or allow more time',
      evidence: [last],
      isSymptom: true,
    };
  return {
    trouble: 'unknown',
    id: 'execution-failed-unknown',
    cause: 'an execution failed with an unknown error',
    remedy:
      'read the evidence and the log lines; open the execution in the Step Functions console for its whole history',
    evidence: [last],
  };
}

function ended({ arn, status, startedAtMs, endedAtMs }: ExecutionSign): Evidence {
  const after = endedAtMs === undefined ? '' : ` after ${formatDuration(endedAtMs - startedAtMs)}`;
  return {
    source: 'DescribeExecution',
    where: arn,
    atMs: endedAtMs,
    says: `${status}${after}, without a failing event`,
  };
}
