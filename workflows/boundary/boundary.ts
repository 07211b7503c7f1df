import { ApplicationFailure } from '@temporalio/common';
import type {
  WorkflowInboundCallsInterceptor,
  WorkflowInfo,
  WorkflowInterceptors,
  WorkflowInternalsInterceptor,
  WorkflowOutboundCallsInterceptor,
} from '@temporalio/workflow';
import { workflowInfo } from '@temporalio/workflow';
import { summary } from '../../rules/format';
import { EARLY_EVENTS } from '../../rules/workers/early-events';
import { inputProblem } from './inputs';
import { Unreadable } from './payload-converter';

/**
 * Handles what enters any workflow from outside: its input, the order of messages, and answers that cannot be read.
 * Handlers read signals and updates themselves (`read-arguments.ts`). Outgoing summaries are cut to what Temporal accepts.
 */
export const interceptors = (): WorkflowInterceptors => ({
  inbound: [inputs],
  outbound: [answers, summaries],
  internals: [wholeTasks(), order],
});

/** An invalid input ends the workflow at once: a task that fails forever would hold the id and report nothing. */
const inputs: WorkflowInboundCallsInterceptor = {
  async execute(input, next) {
    const { workflowType, continuedFromExecutionRunId, cronSchedule, attempt } = workflowInfo();
    const problem =
      repeatProblem({ cronSchedule, attempt }) ??
      inputProblem(workflowType, input.args, continuedFromExecutionRunId !== undefined);
    if (problem === undefined) return next(input);
    const message = `The input of this ${workflowType} cannot be used: ${problem}. Nothing was started. Start it with the client of the worker's version.`;
    throw ApplicationFailure.nonRetryable(message, 'BadInput');
  },
};

/**
 * Temporal gives the arguments of the first run to every later one, and says that it continues the run before: a state that a person made up
 * would look like one that a rollout handed to its next run.
 */
function repeatProblem({ cronSchedule, attempt }: Pick<WorkflowInfo, 'cronSchedule' | 'attempt'>): string | undefined {
  if (cronSchedule) return 'it has a cron schedule';
  return attempt > 1 ? 'it has a retry policy' : undefined;
}

/** An answer that cannot be read is a failure of the call, so that the caller can catch it. */
const answers: WorkflowOutboundCallsInterceptor = {
  async scheduleActivity(input, next) {
    return readable(await next(input), `activity ${input.activityType}`);
  },
  async startChildWorkflowExecution(input, next) {
    const [started, ended] = await next(input);
    const result = ended.then((value) => readable(value, `workflow ${input.options.workflowId}`));
    // Marks the promise as handled: the workflow may not await it.
    result.catch(() => undefined);
    return [started, result];
  },
};

/** Names in the plan and of people may have any length: a summary that is too long would fail the task, at every try. */
const summaries: WorkflowOutboundCallsInterceptor = {
  async scheduleActivity(input, next) {
    return next({ ...input, options: { ...input.options, summary: bounded(input.options.summary) } });
  },
  async startTimer(input, next) {
    return next({ ...input, options: { ...input.options, summary: bounded(input.options?.summary) } });
  },
  async startChildWorkflowExecution(input, next) {
    return next({ ...input, options: { ...input.options, staticSummary: bounded(input.options.staticSummary) } });
  },
};

const bounded = (text: string | undefined): string | undefined => (text === undefined ? undefined : summary(text));

function readable<T>(value: T, from: string): T {
  if (!(value instanceof Unreadable)) return value;
  throw ApplicationFailure.nonRetryable(`the answer of ${from} cannot be read: ${value.why}`, 'Unreadable');
}

/**
 * A worker that gets a query for a workflow that it does not know replays the whole history, which may end with events that no task has handled
 * yet: a fired timer, a signal. The SDK (1.24) hands those to the workflow at once, at the time of the task before, and puts what the
 * workflow then does into the next task. A workflow that decides by the time does something else in every later replay, and all its tasks fail for good,
 * an abort with them. Here that activation fails instead: the query with it, the worker forgets the workflow, and the task finds it as it is.
 */
function wholeTasks(): WorkflowInternalsInterceptor {
  let last: { readonly events: number; readonly time: string } | undefined;
  return {
    activate(input, next) {
      const { isReplaying, historyLength, timestamp, jobs } = input.activation;
      const events = historyLength ?? 0;
      const time = `${timestamp?.seconds} ${timestamp?.nanos}`;
      const isQuery =
        jobs?.every(({ queryWorkflow }) => queryWorkflow !== undefined && queryWorkflow !== null) === true;
      // Each task begins at a time of its own.
      const isEarly = isReplaying !== true && last !== undefined && events > last.events && time === last.time;
      if (isEarly && !isQuery) throw new Error(EARLY_EVENTS);
      if (!isQuery) last = { events, time };
      next(input);
    },
  };
}

/**
 * The SDK keeps what was sent before the first task until a handler is set, and delivers it name by name, in the order in
 * which the handlers are set: `resume, pause` would end resumed. Here the workflow starts, sets its handlers and waits
 * (`everythingSent` in `cancellable.ts`); then it gets the messages in the order of arrival.
 */
const order: WorkflowInternalsInterceptor = {
  activate({ activation, batchIndex }, next) {
    const [first, ...sent] = activation.jobs ?? [];
    if (!first?.initializeWorkflow || sent.length === 0) return next({ activation, batchIndex });
    next({ activation: { ...activation, jobs: [first] }, batchIndex });
    next({ activation: { ...activation, jobs: sent }, batchIndex });
  },
};
