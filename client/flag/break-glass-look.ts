import { messageOf } from '../../activities/break-glass';
import { formatDuration } from '../../rules/format';
import { wayTo } from './break-glass';
import type { RolloutView } from '../temporal/find-rollout';
import type { Target } from '../target';

/** The flag document, read from AWS by this program. */
export interface FlagLook {
  readonly environment: string;
  readonly atMs: number;
  /** Absent when the read failed; `why` then gives the reason. */
  readonly percentage?: number;
  readonly why?: string;
}

/** Never throws, and takes at most `withinMs`: it is for display when something else did not answer. */
export async function lookAtFlag(target: Target, environment: string, withinMs: number): Promise<FlagLook> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`AWS did not answer within ${formatDuration(withinMs)}`), withinMs);
  });
  try {
    const read = await Promise.race([percentageOf(target, environment, AbortSignal.timeout(withinMs)), late]);
    const known = typeof read === 'number' ? { percentage: read } : { why: read };
    return { environment, atMs: Date.now(), ...known };
  } catch (error) {
    return { environment, atMs: Date.now(), why: messageOf(error).split('\n', 1)[0] };
  } finally {
    clearTimeout(timer);
  }
}

async function percentageOf(target: Target, environment: string, abortSignal: AbortSignal): Promise<number | string> {
  const { glass, aws, flag } = wayTo(target, environment);
  const found = await glass.read(abortSignal);
  if (found === undefined) return `there is no parameter ${flag.parameter}`;
  if (found.account !== undefined && found.account !== aws.account)
    return `the credentials belong to account ${found.account}, and the plan names ${aws.account}`;
  return found.percentage ?? `${flag.parameter} is not a flag document: ${found.why ?? 'it cannot be read'}`;
}

/** Adds the percentage of the flag document when the rollout does not report one. */
export async function withFlag(target: Target, seen: RolloutView, withinMs = 2_000): Promise<RolloutView> {
  const { status } = seen;
  if (status.percentage !== undefined || status.environment === '') return seen;
  const { percentage, atMs, why } = await lookAtFlag(target, status.environment, withinMs);
  if (percentage !== undefined)
    return { ...seen, status: { ...status, percentage, percentageUnknown: undefined, flagReadAtMs: atMs } };
  const percentageUnknown = [status.percentageUnknown, `read from AWS: ${why}`].filter(Boolean).join('; ');
  return { ...seen, status: { ...status, percentageUnknown } };
}
