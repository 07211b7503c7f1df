import { CancellationScope, log, sleep, workflowInfo } from '@temporalio/workflow';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import { ZERO_ABOVE } from '../../rules/rollout/fence';
import { percent } from '../../rules/format';
import { deliverZero } from '../deliver-zero';
import { read, zero } from '../proxies';
import { glancing } from './proxies';
import { causeOf } from '../cancellable';

const BETWEEN_ZEROS_MS = 3_000;

/** What came of it. */
export interface Zeroed {
  /** Undefined when there is no flag parameter. */
  readonly generation: number | undefined;
  /** Why it has not reached every instance of an API that knows only environment variables. */
  readonly undelivered?: string;
}

/**
 * Puts the percentage to 0 and reads it back, for as long as that takes, also when the workflow is cancelled; again, it only
 * confirms. Where there is no flag parameter none is written, which would keep the stack that owns it from ever being made. Then
 * delivers it, within the plan's time, also where no document says so: the variables may still say something else.
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

/** Whoever cannot find out assumes that it is there. */
async function isMissing({ aws, flag }: EnvironmentPlan): Promise<boolean> {
  try {
    const reading = await glancing.readFlag({ aws, flag });
    return !reading.found && reading.missing === true;
  } catch {
    return false;
  }
}

/** The generation that stands, or undefined when there is no readable document. */
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
 * CloudFormation owns the flag parameter: when a property of it changes, its first value is written again, with a generation
 * below the one readers have seen, which they ignore. Then 0 % is written above it, so that all read the same again.
 */
export async function keepGeneration(plan: EnvironmentPlan, before: number | undefined): Promise<readonly string[]> {
  if (before === undefined) return [];
  const after = await CancellationScope.nonCancellable(() => generationOf(plan));
  if (after === undefined) return ['the flag cannot be read: whether CloudFormation wrote it anew is not known'];
  if (after >= before) return [];
  const { undelivered } = await toZero(
    plan,
    'CloudFormation wrote the first value of the flag again',
    before + ZERO_ABOVE,
  );
  const told = `CloudFormation wrote the flag parameter anew: it is at ${percent(0)} now, above generation ${before}`;
  return undelivered === undefined ? [told] : [told, undelivered];
}

function orderFor({ aws, flag }: EnvironmentPlan, reason: string, generation: number) {
  const { workflowId, firstExecutionRunId } = workflowInfo();
  return { aws, flag, percentage: 0, writer: `${workflowId}/${firstExecutionRunId}`, reason, generation };
}
