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
 * What comes into a workflow from outside, of every type: its input, the order of what was sent, and answers that cannot be
 * read. Signals and updates are read by their handlers (`read-arguments.ts`). What goes out has summaries that Temporal takes.
 */
export const interceptors = (): WorkflowInterceptors => ({
  inbound: [inputs],
  outbound: [answers, summaries],
  internals: [order],
});

/** An input that is none ends the workflow at once: a task that fails for ever would hold the id, and say nothing. */
const inputs: WorkflowInboundCallsInterceptor = {
  async execute(input, next) {
    const { workflowType, continuedFromExecutionRunId } = workflowInfo();
    const problem = inputProblem(workflowType, input.args, continuedFromExecutionRunId !== undefined);
    if (problem === undefined) return next(input);
    const message = `The input of this ${workflowType} cannot be used: ${problem}. Nothing was begun. Start it with the client of the worker's version.`;
    throw ApplicationFailure.nonRetryable(message, 'BadInput');
  },
};

/** An answer that cannot be read is a failure of what was asked, where there is a catch for it. */
const answers: WorkflowOutboundCallsInterceptor = {
  async scheduleActivity(input, next) {
    return readable(await next(input), `activity ${input.activityType}`);
  },
  async startChildWorkflowExecution(input, next) {
    const [started, ended] = await next(input);
    const result = ended.then((value) => readable(value, `workflow ${input.options.workflowId}`));
    // Nobody need wait for it.
    result.catch(() => undefined);
    return [started, result];
  },
};

/** Of names in the plan and of people, which may have any length: one that is too long would fail the task, at every try. */
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
 * The SDK keeps what was sent before the first task until a handler is set, and hands it out name by name, in the order in which
 * the handlers are set: `resume, pause` would end resumed. Here the workflow begins first, sets its handlers, and waits
 * (`everythingSent` in `until.ts`); then it gets what was sent in the order of arrival.
 */
const order: WorkflowInternalsInterceptor = {
  activate({ activation, batchIndex }, next) {
    const [first, ...sent] = activation.jobs ?? [];
    if (!first?.initializeWorkflow || sent.length === 0) return next({ activation, batchIndex });
    next({ activation: { ...activation, jobs: [first] }, batchIndex });
    next({ activation: { ...activation, jobs: sent }, batchIndex });
  },
};
