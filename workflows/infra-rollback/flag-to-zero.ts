import { CancellationScope, log, sleep, workflowInfo } from '@temporalio/workflow';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import { ZERO_ABOVE } from '../../rules/rollout/state/flag';
import { percent } from '../../rules/format';
import { deliverZero } from '../deliver-zero';
import { read, zero } from '../proxies';
import { glancing } from './proxies';
import { causeOf } from '../cancellable';

const BETWEEN_ZEROS_MS = 3_000;

/** The result. */
export interface Zeroed {
  /** Undefined when there is no flag parameter. */
  readonly generation: number | undefined;
  /** Why 0 % has not reached every instance of an API that knows only environment variables. */
  readonly undelivered?: string;
}

/**
 * Writes 0 % and reads it back, for as long as that takes, also when the workflow is cancelled; a later call only confirms.
 * Without a flag parameter it writes none, because that would keep the stack that owns it from ever being created. Then
 * delivers within the plan's time, also without a document: the variables may still hold something else.
 */
export function toZero(plan: EnvironmentPlan, reason: string, generation: number): Promise<Zeroed> {
  return CancellationScope.nonCancellable(async () => {
    const written = await untilZero(plan, reason, generation);
    const delivered = await deliverZero(plan);
    return { generation: written, ...(delivered?.ok === false ? { undelivered: delivered.why } : {}) };
  });
}

async function untilZero(plan: EnvironmentPlan, reason: string, generation: number): Promise<number | undefined> {
  if (generation === 0 && (await isMissing(plan))) return undefined;
  for (;;) {
    try {
      return (await zero.setTraffic(orderFor(plan, reason, generation))).generation;
    } catch (error) {
      log.error(`0 % is NOT confirmed yet, trying again: ${causeOf(error)}`);
      await sleep(BETWEEN_ZEROS_MS);
    }
  }
}

/** If the read fails, assume that the parameter exists. */
async function isMissing({ aws, flag }: EnvironmentPlan): Promise<boolean> {
  try {
    const reading = await glancing.readFlag({ aws, flag });
    return !reading.found && reading.missing === true;
  } catch {
    return false;
  }
}

/** The present generation, or undefined without a readable document. */
export async function generationOf({ aws, flag }: EnvironmentPlan): Promise<number | undefined> {
  try {
    const reading = await read.readFlag({ aws, flag });
    return reading.found ? reading.generation : undefined;
  } catch (error) {
    log.warn(`the flag cannot be read: ${causeOf(error)}`);
    return undefined;
  }
}

/**
 * CloudFormation owns the flag parameter: when one of its properties changes, it writes the first value again, with a
 * generation below the one that readers have seen, which they ignore. Then write 0 % above that generation, so that all
 * readers agree again.
 */
export async function keepGeneration(plan: EnvironmentPlan, before: number | undefined): Promise<readonly string[]> {
  if (before === undefined) return [];
  const after = await CancellationScope.nonCancellable(() => generationOf(plan));
  if (after === undefined) return ['the flag cannot be read: whether CloudFormation wrote it again is not known'];
  if (after >= before) return [];
  const { undelivered } = await toZero(
    plan,
    'CloudFormation wrote the first value of the flag again',
    before + ZERO_ABOVE,
  );
  const told = `CloudFormation wrote the flag parameter again: it is at ${percent(0)} now, above generation ${before}`;
  return undelivered === undefined ? [told] : [told, undelivered];
}

function orderFor({ aws, flag }: EnvironmentPlan, reason: string, generation: number) {
  const { workflowId, firstExecutionRunId } = workflowInfo();
  return { aws, flag, percentage: 0, writer: `${workflowId}/${firstExecutionRunId}`, reason, generation };
}
