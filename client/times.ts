import { DateTime } from 'luxon';
import { durationMs } from '../rules/plan/duration';
import { Failure } from './failure';
import type { CommonOptions } from './options';
import { readPlan } from './plan-file';
import { localZone } from './render';

/** A moment typed as ISO 8601; without an offset it is meant in `zone`. Throws a Failure for wrong usage. */
export function momentMs(option: string, text: string, zone: string): number {
  const moment = DateTime.fromISO(text, { zone });
  if (moment.isValid) return moment.toMillis();
  throw new Failure(2, `${option} is ${text}: not a time; write an ISO 8601 one, as 2026-11-03T09:00:00-05:00`);
}

/** A moment that is still to come. */
export function futureMs(
  option: string,
  text: string,
  { nowMs, zone }: { readonly nowMs: number; readonly zone: string },
): number {
  const atMs = momentMs(option, text, zone);
  if (atMs > nowMs) return atMs;
  throw new Failure(2, `${option} is ${text}: that is over; write a time that is still to come`);
}

/** A length of time typed as `6h`. Throws a Failure for wrong usage. */
export function lengthMs(option: string, text: string): number {
  const ms = durationMs(text);
  if (ms !== undefined && ms > 0) return ms;
  throw new Failure(2, `${option} is ${text}: not a length of time; write a number and a unit, as 90m, 6h or 2d`);
}

/** The zone a time without one is meant in: that of the environment's maintenance window, else of this machine. */
export function zoneOf(environment: string, options: CommonOptions): string {
  try {
    return readPlan(environment, options).plan.windows[0]?.zone ?? localZone();
  } catch (error) {
    if (error instanceof Failure) return localZone();
    throw error;
  }
}
