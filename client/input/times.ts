import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import { durationMs } from '../../rules/plan/duration';
import { beginningMs, endMs } from '../../rules/time/moments';
import { CliError } from '../terminal/cli-error';
import { formatTime } from '../../rules/format';
import type { Target } from '../target';
import { localZone } from '../terminal/render';

/** When the verb was typed, and the zone of times without one. */
export interface Typed {
  readonly nowMs: number;
  readonly zone: string;
}

/** A start time typed as ISO 8601; without an offset it is in `zone`. Throws a Failure for wrong usage. */
export const momentMs = (option: string, text: string, zone: string): number =>
  beginningMs(text, zone) ?? notATime(option, text);

function notATime(option: string, text: string): never {
  const how = 'write ISO 8601, such as 2026-11-03T09:00:00-05:00, or a date, such as 2026-11-03';
  throw new CliError(2, `${option} is ${text}, which is not a time; ${how}`);
}

/** An end in the future; a date ends with its last moment, as in a plan. */
export function futureMs(option: string, text: string, { nowMs, zone }: Typed): number {
  const atMs = endMs(text, zone) ?? notATime(option, text);
  if (atMs > nowMs) return atMs;
  throw new CliError(
    2,
    `${option} is ${text}, which is past; write a time in the future (it is now ${formatTime(nowMs, zone)})`,
  );
}

/** A duration typed as `6h`. Throws a Failure for wrong usage. */
export function lengthMs(option: string, text: string): number {
  const ms = durationMs(text);
  if (ms !== undefined && ms > 0) return ms;
  throw new CliError(
    2,
    `${option} is ${text}, which is not a duration; write a number and a unit, such as 90m, 6h or 2d`,
  );
}

/** The zone of the environment's maintenance window, else of this machine. */
export const zoneOfPlan = ({ windows }: Pick<EnvironmentPlan, 'windows'>): string => windows[0]?.zone ?? localZone();

/** The zone of times typed without one. With a broken plan, the zone of this machine. */
export function zoneOf(target: Target): string {
  try {
    return zoneOfPlan(target.planned().plan);
  } catch (error) {
    if (error instanceof CliError) return localZone();
    throw error;
  }
}
