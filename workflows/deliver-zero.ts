import { ActivityFailure, RetryState, TimeoutFailure } from '@temporalio/common';
import { log } from '@temporalio/workflow';
import { type Delivered, deliveredKey, placeWords } from '../rules/delivery/delivery';
import type { EnvironmentPlan } from '../rules/plan/environment-plan';
import { formatDuration } from '../rules/format';
import { deliveringZero } from './proxies';
import { causeOf } from './cancellable';

export interface ZeroDelivery {
  readonly ok: boolean;
  readonly why: string;
}

/**
 * Delivers the document's 0 % to an API that knows only environment variables, for workflows that write 0 % without a
 * rollout. Limited in time, because a way back follows. Undefined when the API reads the document. Never throws.
 */
export async function deliverZero(
  { aws, flag, environment, delivery }: EnvironmentPlan,
  withinMs?: number,
): Promise<ZeroDelivery | undefined> {
  if (delivery === undefined) return undefined;
  const timeout = withinMs ?? delivery.withinMs;
  const untilMs = Date.now() + timeout;
  const order = { aws, flag, environment, delivery, percentage: 0 };
  let found: Delivered | undefined;
  try {
    do {
      const options = { scheduleToCloseTimeout: Math.max(1, untilMs - Date.now()), summary: 'deliver 0 %' };
      found = await deliveringZero.deliverFlag.executeWithOptions(options, [
        { ...order, known: found === undefined ? undefined : deliveredKey(found) },
      ]);
    } while (!found.complete);
    return { ok: true, why: `0 % delivered: ${found.why}` };
  } catch (error) {
    const soFar = found === undefined ? '' : ` (to ${found.reporting} of ${found.of} instances: ${found.why})`;
    const why = `0 % is NOT delivered to ${placeWords(delivery.to)}${soFar}: ${deliveryProblem(error, timeout)}`;
    log.error(why);
    return { ok: false, why };
  }
}

/** Why a delivery ended that may take at most this long. */
export function deliveryProblem(error: unknown, withinMs: number): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof TimeoutFailure) return `it took longer than ${formatDuration(withinMs)}`;
  // The next try would have come too late.
  const late = error instanceof ActivityFailure && error.retryState === RetryState.TIMEOUT;
  return late ? `it took longer than ${formatDuration(withinMs)}; the last try: ${causeOf(error)}` : causeOf(error);
}
