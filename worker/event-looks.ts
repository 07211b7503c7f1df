import type { Client } from '@temporalio/client';
import type { Logger } from '@temporalio/worker';
import type { PushedEnd } from '../activities/observe/alarm-queue';
import { messageOf, nameOf } from '../activities/failures';
import type { EndedExecution } from '../rules/rollout/outside/ended-execution';
import type { EnvironmentPlan } from '../rules/plan/environment-plan';
import { gapMs, type LookAsked } from '../rules/rollout/outside/event-looks';
import { lookNowSignal, rolloutWorkflowId } from '../workflows/messages';
import { pauseFor } from './loop';

/** The longest time between two signals of a state machine that fails all the time: a signal costs four events of a history. */
const LONGEST_GAP_MS = 10_000;

interface Next {
  newest: EndedExecution;
  count: number;
  readonly sent: Promise<void>;
}

interface Pace {
  sentAtMs: number;
  inARow: number;
  next: Next | undefined;
}

/**
 * Asks rollouts to check because executions ended badly: by one signal at once, and then by at most one a second for all
 * that ended meanwhile.
 */
export class LookSignals {
  private readonly paces = new Map<string, Pace>();

  constructor(
    private readonly parts: { readonly client: Client; readonly logger: Logger },
    private readonly abortSignal: AbortSignal,
  ) {}

  /** Resolves when the rollout has a signal for this end, or needs none. */
  ask(plan: EnvironmentPlan, { done: _done, ...ended }: PushedEnd): Promise<void> {
    const workflowId = rolloutWorkflowId(plan.service, plan.environment);
    const pace = this.paces.get(workflowId) ?? { sentAtMs: 0, inARow: 0, next: undefined };
    this.paces.set(workflowId, pace);
    const { next } = pace;
    if (next === undefined) {
      const longestMs = Math.min(plan.watch.intervalMs, LONGEST_GAP_MS);
      pace.next = { newest: ended, count: 1, sent: this.send(workflowId, pace, longestMs) };
      return pace.next.sent;
    }
    next.count += 1;
    if (ended.atMs > next.newest.atMs) next.newest = ended;
    return next.sent;
  }

  private async send(workflowId: string, pace: Pace, longestMs: number): Promise<void> {
    if (Date.now() - pace.sentAtMs >= 2 * longestMs) pace.inARow = 0;
    await pauseFor(pace.sentAtMs + gapMs(pace.inARow, longestMs) - Date.now(), this.abortSignal);
    const { next } = pace;
    pace.next = undefined;
    if (next === undefined || this.abortSignal.aborted) throw new Error('the worker stops');
    pace.sentAtMs = Date.now();
    pace.inARow += 1;
    const asked = { why: whyOf(next), atMs: next.newest.atMs };
    try {
      await this.parts.client.workflow.getHandle(workflowId).signal(lookNowSignal, asked);
      this.parts.logger.info('asked for a check', { workflowId, ...asked });
    } catch (error) {
      // An event starts no way back: an alarm or the guardian does, where no rollout runs.
      if (nameOf(error) === 'WorkflowNotFoundError') return;
      this.parts.logger.warn(`no check asked for, tried again: ${messageOf(error)}`, { workflowId, ...asked });
      throw error;
    }
  }
}

function whyOf({ newest: { execution, stateMachine, status }, count }: Next): LookAsked['why'] {
  const others = count === 1 ? '' : `, and ${count - 1} more`;
  return `execution ${execution} of ${stateMachine} ${status}${others}`;
}
