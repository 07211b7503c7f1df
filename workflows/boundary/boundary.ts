import { ApplicationFailure } from '@temporalio/common';
import type {
  WorkflowInboundCallsInterceptor,
  WorkflowInterceptors,
  WorkflowInternalsInterceptor,
  WorkflowOutboundCallsInterceptor,
} from '@temporalio/workflow';
import { workflowInfo } from '@temporalio/workflow';
import { summary } from '../../rules/format';
import { inputProblem } from './inputs';
import { Unreadable } from './payload-converter';

/**
 * Handles what enters any workflow from outside: its input, the order of messages, and answers that cannot be read.
 * Handlers read signals and updates themselves (`read-arguments.ts`). Outgoing summaries are cut to what Temporal accepts.
 */
export const interceptors = (): WorkflowInterceptors => ({
  inbound: [inputs],
  outbound: [answers, summaries],
  internals: [order],
});

/** An invalid input ends the workflow at once: a task that fails forever would hold the id and report nothing. */
const inputs: WorkflowInboundCallsInterceptor = {
  async execute(input, next) {
    const { workflowType, continuedFromExecutionRunId } = workflowInfo();
    const problem = inputProblem(workflowType, input.args, continuedFromExecutionRunId !== undefined);
    if (problem === undefined) return next(input);
    const message = `The input of this ${workflowType} cannot be used: ${problem}. Nothing was started. Start it with the client of the worker's version.`;
    throw ApplicationFailure.nonRetryable(message, 'BadInput');
  },
};

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
