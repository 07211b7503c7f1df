import type { IIoHost, IoMessage, IoRequest } from '@aws-cdk/toolkit-lib';
import type { Context } from '@temporalio/activity';
import { z } from 'zod';
import type { DeploymentProgress } from '../../rules/stacks/deployment';

/** Payload of a resource event: `StackActivity` of toolkit-lib, as far as it is used. */
const Activity = z.object({
  event: z.object({
    OperationId: z.string().optional(),
    LogicalResourceId: z.string().default('?'),
    ResourceStatus: z.string().default('?'),
    ResourceStatusReason: z.string().optional(),
  }),
  progress: z.object({ completed: z.number(), total: z.number().optional() }),
});

/** Payload of the end of a stack's deployment: `SuccessfulDeployStackResult` of toolkit-lib. */
const Deployed = z.object({ noOp: z.boolean() });

const ACTIVITY = 'CDK_TOOLKIT_I5502';
const DEPLOYED = 'CDK_TOOLKIT_I5900';
/** Details, and outputs, which are in the result. */
const QUIET: ReadonlySet<string> = new Set(['debug', 'trace', 'result']);
/** CloudFormation's words for "another resource failed first": the first reason is the one to read. */
const CONSEQUENCE = /cancell?ed|rollback requested/i;

/** Receives what the toolkit says and turns it into heartbeats and log lines of the activity. Never asks anybody. */
export class StackProgressHost implements IIoHost {
  progress: DeploymentProgress = { stack: '', message: 'starting', done: 0, total: 0 };
  /** Resources that failed for a reason of their own, as `LogicalId: reason`. */
  failedResources: readonly string[] = [];
  unchanged = false;
  /** CloudFormation's id of the failed operation. */
  failedOperation: string | undefined;

  constructor(private readonly context: Context) {}

  begin(stack: string): void {
    this.unchanged = false;
    this.failedResources = [];
    this.failedOperation = undefined;
    this.progress = { stack, message: 'starting', done: 0, total: 0 };
    this.beat();
  }

  say(stack: string, message: string): void {
    if (message === '') return;
    this.progress = { ...this.progress, stack, message };
    this.context.log.info(message, { ...this.progress });
    this.beat();
  }

  beat(): void {
    this.context.heartbeat(this.progress);
  }

  /**
   * Throws once the activity is cancelled: the toolkit knows no other way to be stopped. Only at the messages without a
   * code, which it says between its steps (one is "Initiating execution of changeset") and waits for. Others come from
   * timers and loggers that do not wait: an error thrown there would end the process instead of the deployment.
   */
  notify(message: IoMessage<unknown>): Promise<void> {
    if (this.context.cancellationSignal.aborted && message.code === undefined) {
      return Promise.reject(new Error('the deployment was cancelled'));
    }
    if (message.code === ACTIVITY) this.resourceEvent(message.data);
    else if (message.code === DEPLOYED) this.unchanged = Deployed.parse(message.data).noOp;
    else if (QUIET.has(message.level)) this.context.log.debug(message.message.trim());
    else this.say(this.progress.stack, firstLine(message.message));
    return Promise.resolve();
  }

  async requestResponse<T>(request: IoRequest<unknown, T>): Promise<T> {
    await this.notify(request);
    return request.defaultResponse;
  }

  private resourceEvent(data: unknown): void {
    const { event, progress } = Activity.parse(data);
    const { LogicalResourceId: id, ResourceStatus: state, ResourceStatusReason: reason } = event;
    const total = progress.total ?? 0;
    if (state.endsWith('_FAILED') && reason !== undefined && !CONSEQUENCE.test(reason)) {
      this.failedResources = [...this.failedResources, `${id}: ${reason}`];
      this.failedOperation ??= event.OperationId;
    }
    this.progress = { ...this.progress, done: progress.completed, total };
    this.say(
      this.progress.stack,
      `${progress.completed}/${total} ${id} ${state}${reason === undefined ? '' : `: ${reason}`}`,
    );
  }
}

/** Long enough to read, short enough for a heartbeat. */
const firstLine = (text: string): string => (text.trim().split('\n', 1)[0] ?? '').slice(0, 300);
