import type { IIoHost, IoMessage, IoRequest } from '@aws-cdk/toolkit-lib';
import type { StackEvent } from '@aws-sdk/client-cloudformation';
import type { Context } from '@temporalio/activity';
import { z } from 'zod';
import { uncounted } from '../../../rules/stacks/results';
import { cutInTheMiddle } from '../../../rules/format';

/** Payload of the toolkit's last message on a stack: `SuccessfulDeployStackResult` of toolkit-lib. */
const Prepared = z.object({ noOp: z.boolean() });

const PREPARED = 'CDK_TOOLKIT_I5900';
/** Details, and outputs, which are in the result. */
const QUIET: ReadonlySet<string> = new Set(['debug', 'trace', 'result']);
/** Addressed to people who execute the change set manually. */
const BY_HAND = /waiting in review/;
/** CloudFormation's words for "another resource failed first": the first reason is the one to read. */
const CONSEQUENCE = /cancell?ed|rollback requested/i;

/**
 * Receives the messages of the toolkit and the events of CloudFormation, and turns them into heartbeats and log lines of
 * the activity. Never asks a question.
 */
export class StackProgressHost implements IIoHost {
  progress = uncounted('', 'starting');
  /** Resources that failed for a reason of their own, as `LogicalId: reason`. */
  failedResources: readonly string[] = [];
  /** CloudFormation's reason for rolling the stack back: the alarm that fired, or who requested it. */
  wentBack: string | undefined;
  /** Whether the toolkit found nothing to change. */
  unchanged = false;
  /** CloudFormation's id of the failed operation. */
  failedOperation: string | undefined;
  /** Whether the toolkit's part is over: later messages are about a deployment that has not started. */
  private prepared = false;
  private readonly ended = new Set<string>();

  constructor(private readonly context: Context) {}

  begin(stack: string): void {
    this.unchanged = false;
    this.prepared = false;
    this.failedResources = [];
    this.failedOperation = undefined;
    this.wentBack = undefined;
    this.ended.clear();
    this.progress = uncounted(stack, 'starting');
    this.beat();
  }

  /** `whole` goes to the log. */
  say(stack: string, message: string, whole = message): void {
    if (message === '') return;
    this.progress = { ...this.progress, stack, message };
    this.context.log.info(whole, { ...this.progress });
    this.beat();
  }

  private beat(): void {
    this.context.heartbeat(this.progress);
  }

  /** How many resources will finish, including the stack. */
  expect(total: number): void {
    this.progress = { ...this.progress, total };
  }

  /**
   * Throws once the activity is cancelled: the toolkit has no other way to stop. Only at the messages without a code, which
   * the toolkit sends between its steps and awaits. Others come from timers and loggers that do not wait: an error thrown
   * there would end the process instead of the deployment.
   */
  notify(message: IoMessage<unknown>): Promise<void> {
    if (this.context.cancellationSignal.aborted && message.code === undefined) {
      return Promise.reject(new Error('the deployment was cancelled'));
    }
    if (message.code === PREPARED) {
      this.unchanged = Prepared.parse(message.data).noOp;
      this.prepared = true;
    } else if (this.prepared || QUIET.has(message.level) || BY_HAND.test(message.message))
      this.context.log.debug(message.message.trim());
    else this.say(this.progress.stack, firstLine(message.message), message.message.trim());
    return Promise.resolve();
  }

  async requestResponse<T>(request: IoRequest<unknown, T>): Promise<T> {
    await this.notify(request);
    return request.defaultResponse;
  }

  /** One event of the operation that is followed. */
  event(event: StackEvent): void {
    const { LogicalResourceId: id = '?', ResourceStatus: state = '?', ResourceStatusReason: reason } = event;
    const isStack = event.PhysicalResourceId === event.StackId;
    if (isStack && /ROLLBACK_IN_PROGRESS$/.test(state)) this.wentBack ??= reason;
    if (!isStack && state.endsWith('_FAILED') && reason !== undefined && !CONSEQUENCE.test(reason)) {
      this.failedResources = [...this.failedResources, `${id}: ${reason}`];
      this.failedOperation ??= event.OperationId;
    }
    if (/_(COMPLETE|FAILED)$/.test(state)) this.ended.add(id);
    const { stack, total } = this.progress;
    const done = total === 0 ? 0 : Math.min(total, this.ended.size);
    this.progress = { ...this.progress, done };
    const count = total === 0 ? '' : `${done}/${total} `;
    this.say(stack, `${count}${id} ${state}${reason === undefined || reason === '' ? '' : `: ${reason}`}`);
  }
}

/** Long enough to read, short enough for a heartbeat. */
const firstLine = (text: string): string => cutInTheMiddle(text.trim().split('\n', 1)[0] ?? '', 300);
