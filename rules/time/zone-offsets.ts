import type { EnvironmentPlan, ZoneOffset } from '../plan/environment-plan';
import { changeBetween, offsetMs } from './local-time';

/** By zone, oldest first. */
export type ZoneOffsets = Readonly<Record<string, readonly ZoneOffset[]>>;

const DAY_MS = 86_400_000;
const BEHIND_MS = 30 * DAY_MS;
/** Longer than a rollout runs; later the last offset stays. */
const AHEAD_MS = 10 * 365 * DAY_MS;
/** No zone changes its clock twice within it. */
const STEP_MS = 7 * DAY_MS;

/**
 * How far the clocks of a plan's windows are ahead of UTC, for what is started now. It travels with the input: the time zone data of
 * Node differ between its versions, so a workflow that asked them could decide otherwise on another machine. Undefined without windows.
 */
export function zonesAhead({ windows }: Pick<EnvironmentPlan, 'windows'>, nowMs: number): ZoneOffsets | undefined {
  if (windows.length === 0) return undefined;
  const zones = [...new Set(windows.map(({ zone }) => zone))];
  return Object.fromEntries(zones.map((zone) => [zone, offsetsOf(zone, nowMs - BEHIND_MS, nowMs + AHEAD_MS)]));
}

function offsetsOf(zone: string, fromMs: number, toMs: number): readonly ZoneOffset[] {
  const offsetOf = (atMs: number): number => offsetMs(zone, atMs);
  let before = offsetOf(fromMs);
  const found: ZoneOffset[] = [{ fromMs, offsetMs: before }];
  for (let atMs = fromMs; atMs < toMs; atMs += STEP_MS) {
    const after = offsetOf(atMs + STEP_MS);
    if (after !== before) found.push({ fromMs: changeBetween(offsetOf, atMs, atMs + STEP_MS), offsetMs: after });
    before = after;
  }
  return found;
}

/** The plan with these offsets in its windows. A zone that they lack, or that cannot be read, is asked of this machine. */
export function withOffsets(plan: EnvironmentPlan, zones: unknown): EnvironmentPlan {
  if (typeof zones !== 'object' || zones === null) return plan;
  const known = zones as Readonly<Record<string, unknown>>;
  const windows = plan.windows.map((window) => {
    const offsets = known[window.zone];
    return areOffsets(offsets) ? { ...window, offsets } : window;
  });
  return { ...plan, windows };
}

const areOffsets = (value: unknown): value is readonly ZoneOffset[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((one: Partial<ZoneOffset> | null) => Number.isFinite(one?.fromMs) && Number.isFinite(one?.offsetMs));

export const offsetAt = (offsets: readonly ZoneOffset[], atMs: number): number =>
  (offsets.findLast(({ fromMs }) => fromMs <= atMs) ?? offsets[0])?.offsetMs ?? 0;
