import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import { durationMs } from '../../rules/plan/duration';
import { beginningMs, endMs } from '../../rules/time/moments';
import { Failure } from '../terminal/failure';
import { formatTime } from '../../rules/format';
import type { Target } from '../target';
import { localZone } from '../terminal/render';

/** When something is typed, and the zone that a time without one is meant in. */
export interface Typed {
  readonly nowMs: number;
  readonly zone: string;
}

/** A beginning typed as ISO 8601; without an offset it is meant in `zone`. Throws a Failure for wrong usage. */
export const momentMs = (option: string, text: string, zone: string): number =>
  beginningMs(text, zone) ?? notATime(option, text);

function notATime(option: string, text: string): never {
  const how = 'write an ISO 8601 one, as 2026-11-03T09:00:00-05:00, or a date, as 2026-11-03';
  throw new Failure(2, `${option} is ${text}: not a time; ${how}`);
}

/** An end that is still to come; a date ends with its last moment, as in a plan. */
export function futureMs(option: string, text: string, { nowMs, zone }: Typed): number {
  const atMs = endMs(text, zone) ?? notATime(option, text);
  if (atMs > nowMs) return atMs;
  throw new Failure(
    2,
    `${option} is ${text}: that is over; write a time that is still to come (it is ${formatTime(nowMs, zone)})`,
  );
}

/** A length of time typed as `6h`. Throws a Failure for wrong usage. */
export function lengthMs(option: string, text: string): number {
  const ms = durationMs(text);
  if (ms !== undefined && ms > 0) return ms;
  throw new Failure(2, `${option} is ${text}: not a length of time; write a number and a unit, as 90m, 6h or 2d`);
}

/** The zone of the environment's maintenance window, else of this machine. */
export const zoneOfPlan = ({ windows }: Pick<EnvironmentPlan, 'windows'>): string => windows[0]?.zone ?? localZone();

/** The zone a time without one is meant in. The plan may be broken: the zone of this machine then. */
export function zoneOf(target: Target): string {
  try {
    return zoneOfPlan(target.planned().plan);
  } catch (error) {
    if (error instanceof Failure) return localZone();
    throw error;
  }
}
