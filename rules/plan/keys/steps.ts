import { z } from 'zod';
import { durationMs } from '../duration';
import { listAt, valueAt, type Finding } from '../problems/plan-problem';
import { environmentPaths } from '../problems/places';
import type { Path } from '../problems/problems';
import { duration, key, list } from '../problems/schema-key';

const stepSchema = z.strictObject({
  percentage: key(
    z
      .number()
      .gt(0, { error: 'must be more than 0' })
      .lte(100, { error: 'must be at most 100' })
      .refine((value) => Number.isInteger(Number((value * 100).toFixed(6))), { error: 'has more than 2 decimals' }),
    {
      is: 'Share of new jobs that the new pipeline gets, in percent: more than 0, up to 100, at most 2 decimals.',
      remedy: 'write a number such as 10 or 12.5, without quotes and without %',
    },
  ),
  // CloudWatch keeps the history of an alarm for 30 days: a longer soak could not be judged by it.
  soak: duration('1s', '30d', {
    is: 'Shortest time the percentage is held before the next raise; at 100 the time it is still watched.',
    remedy: 'write a duration from 1s to 30d, as 1d or 30m',
  }),
});

/** `steps`, of the plan or of one environment. */
export const stepsSchema = key(list(stepSchema, 'must have at least one step'), {
  is: 'Percentages in rising order, each with the time it is held; the last one is 100.',
  remedy: 'write a list such as `- { percentage: 10, soak: 1d }` that ends with percentage 100',
});

/** Problems of every list of steps, and soaks shorter than the time between two polls. */
export function stepsFindings(raw: unknown): readonly Finding[] {
  const lists: readonly Path[] = [['steps'], ...environmentPaths(raw).map((path) => [...path, 'steps'])];
  return [...lists.flatMap((path) => stepFindings(raw, path)), ...soakFindings(raw)];
}

/** Whether the percentages of a list of steps are valid: checks against wrong ones would only repeat the mistake. */
export function soundSteps(raw: unknown, path: Path): boolean {
  const inRange = (step: unknown): boolean => {
    const percentage = valueAt(step, ['percentage']);
    return typeof percentage === 'number' && percentage > 0 && percentage <= 100;
  };
  return listAt(raw, path).every(inRange) && stepFindings(raw, path).length === 0;
}

/** "Recommended rollout schedule": percentages rise step by step and end at 100. */
function stepFindings(raw: unknown, path: Path): readonly Finding[] {
  const findings: Finding[] = [];
  const steps = listAt(raw, path);
  let before = 0;
  steps.forEach((step, i) => {
    const percentage = valueAt(step, ['percentage']);
    // The schema already reports a percentage out of range; do not compare later steps with it.
    if (typeof percentage !== 'number' || !(percentage > 0 && percentage <= 100)) return;
    if (percentage <= before) {
      const problem = `must be more than ${before}, the percentage before it`;
      const remedy = before < 100 ? `write a number above ${before}, or remove the step` : 'remove the step';
      findings.push({ path: [...path, i, 'percentage'], problem, remedy });
    }
    before = Math.max(before, percentage);
  });
  const last = valueAt(steps.at(-1), ['percentage']);
  if (typeof last === 'number' && last < 100) {
    const problem = 'must be 100, because it is the last step';
    const remedy = 'add a step `- { percentage: 100, soak: 1d }` at the end';
    findings.push({ path: [...path, steps.length - 1, 'percentage'], problem, remedy });
  }
  return findings;
}

/** A percentage held for less than one poll of the alarms would be raised without a check. */
function soakFindings(raw: unknown): readonly Finding[] {
  const shared: Path = ['watch', 'interval'];
  const ofPlan = shortSoaks(raw, ['steps'], shared);
  const ofEnvironments = environmentPaths(raw).flatMap((path) => {
    const own: Path = [...path, 'watch', 'interval'];
    const hasOwn = valueAt(raw, own) !== undefined;
    const hasSteps = valueAt(raw, [...path, 'steps']) !== undefined;
    if (hasSteps) return shortSoaks(raw, [...path, 'steps'], hasOwn ? own : shared);
    if (!hasOwn || shortSoaks(raw, ['steps'], own).length === 0) return [];
    const remedy = 'write a shorter interval, or steps of its own for this environment';
    return [{ path: own, problem: 'must not be longer than the shortest soak of the steps', remedy }];
  });
  return [...ofPlan, ...ofEnvironments];
}

function shortSoaks(raw: unknown, steps: Path, interval: Path): readonly Finding[] {
  const intervalText = String(valueAt(raw, interval));
  const intervalMs = durationMs(intervalText) ?? 0;
  return listAt(raw, steps).flatMap((step, i) => {
    const soakMs = durationMs(String(valueAt(step, ['soak'])));
    if (soakMs === undefined || soakMs >= intervalMs) return [];
    const problem = `must not be shorter than the ${intervalText} between two polls of the alarms`;
    return [
      { path: [...steps, i, 'soak'], problem, remedy: `write ${intervalText} or more, or a shorter watch.interval` },
    ];
  });
}
