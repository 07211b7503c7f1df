import { durationMs } from './duration';
import { listAt, valueAt, type Finding } from './plan-finding';
import { ENV, LONGEST, withEnvironment } from './plan-names';
import type { Path } from './plan-problems';
import { isTimeZone, nearestTimeZone } from './time-zone';

/**
 * What several keys of a plan have to agree on. Every check reads the raw file and passes over what has the wrong
 * type, so that one mistake of shape hides no other mistake.
 */
export function agreementFindings(raw: unknown): readonly Finding[] {
  return [
    ...stepListPaths(raw).flatMap((path) => stepFindings(raw, path)),
    ...soakFindings(raw),
    ...watchPaths(raw).flatMap((path) => alarmFindings(raw, path)),
    ...duplicates(raw, ['environments'], 'name'),
    ...duplicates(raw, ['infrastructure', 'stacks']),
    ...environmentPaths(raw).flatMap((path) => duplicates(raw, [...path, 'checklist'], 'id')),
    ...environmentPaths(raw).flatMap((path) => windowFindings(raw, [...path, 'windows'])),
    ...lengthFindings(raw),
  ];
}

function environmentPaths(raw: unknown): readonly Path[] {
  return listAt(raw, ['environments']).map((_, i) => ['environments', i]);
}

function stepListPaths(raw: unknown): readonly Path[] {
  return [['steps'], ...environmentPaths(raw).map((path) => [...path, 'steps'])];
}

function watchPaths(raw: unknown): readonly Path[] {
  return [['watch'], ...environmentPaths(raw).map((path) => [...path, 'watch'])];
}

/** "Recommended rollout schedule": percentages rise step by step and end at 100. */
function stepFindings(raw: unknown, path: Path): readonly Finding[] {
  const findings: Finding[] = [];
  const steps = listAt(raw, path);
  let before = 0;
  steps.forEach((step, i) => {
    const percentage = valueAt(step, ['percentage']);
    if (typeof percentage !== 'number' || percentage <= 0) return;
    if (percentage <= before) {
      const problem = `must be more than ${before}, the percentage before it`;
      const remedy = before < 100 ? `write a number above ${before}, or take the step out` : 'take the step out';
      findings.push({ path: [...path, i, 'percentage'], problem, remedy });
    }
    before = Math.max(before, percentage);
  });
  const last = valueAt(steps.at(-1), ['percentage']);
  if (typeof last === 'number' && last < 100) {
    const problem = 'must be 100, as it is the last step';
    const remedy = 'write a step `- { percentage: 100, soak: 1d }` at the end';
    findings.push({ path: [...path, steps.length - 1, 'percentage'], problem, remedy });
  }
  return findings;
}

/** A percentage held for less than one look at the alarms would be raised unseen. */
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
    const problem = `must not be shorter than the ${intervalText} between two looks at the alarms`;
    return [
      { path: [...steps, i, 'soak'], problem, remedy: `write ${intervalText} or more, or a shorter watch.interval` },
    ];
  });
}

function alarmFindings(raw: unknown, watch: Path): readonly Finding[] {
  const path: Path = [...watch, 'alarms'];
  const alarms = listAt(raw, path);
  const repeated = duplicates(raw, path, 'name');
  if (alarms.length === 0 || alarms.some((alarm) => valueAt(alarm, ['onBreach']) !== 'notify')) return repeated;
  const problem = 'every alarm only notifies, so nothing would stop a bad rollout';
  return [...repeated, { path, problem, remedy: 'write onBreach: rollback or hold at one alarm at least' }];
}

/** Items of a list that repeat an earlier one, by a key of theirs or as a whole. */
function duplicates(raw: unknown, path: Path, by?: string): readonly Finding[] {
  const suffix = by === undefined ? [] : [by];
  const firstAt = new Map<unknown, number>();
  return listAt(raw, path).flatMap((item, i) => {
    const value = valueAt(item, suffix);
    if (typeof value !== 'string' || value === '') return [];
    const first = firstAt.get(value);
    if (first === undefined) firstAt.set(value, i);
    if (first === undefined) return [];
    const problem = `is already used by item ${first + 1} of ${path.at(-1)}`;
    return [{ path: [...path, i, ...suffix], problem, remedy: 'write another one, or take the item out' }];
  });
}

function windowFindings(raw: unknown, path: Path): readonly Finding[] {
  return listAt(raw, path).flatMap((window, i) => {
    const zone = valueAt(window, ['zone']);
    const from = valueAt(window, ['from']);
    const findings: Finding[] = [...duplicates(raw, [...path, i, 'days'])];
    if (typeof zone === 'string' && zone !== '' && !isTimeZone(zone)) {
      const meant = nearestTimeZone(zone);
      const remedy = `write ${meant ?? 'an IANA name as America/New_York, or UTC'}`;
      findings.push({ path: [...path, i, 'zone'], problem: 'is no time zone of the IANA database', remedy });
    }
    if (typeof from === 'string' && from === valueAt(window, ['to'])) {
      const remedy = "write '24:00' as `to` and '00:00' as `from` for the whole day, or another time";
      findings.push({ path: [...path, i, 'to'], problem: 'closes the window when it opens', remedy });
    }
    return findings;
  });
}

/** AWS counts the name with the environment in it, so the longest environment decides. */
function lengthFindings(raw: unknown): readonly Finding[] {
  const environments = listAt(raw, ['environments']).map((each) => String(valueAt(each, ['name']) ?? ''));
  const longest = environments.reduce((a, b) => (b.length > a.length ? b : a), '');
  const named: [Path, number][] = [[['flag', 'parameter'], LONGEST.parameter]];
  listAt(raw, ['infrastructure', 'stacks']).forEach((_, i) =>
    named.push([['infrastructure', 'stacks', i], LONGEST.stack]),
  );
  for (const watch of watchPaths(raw)) {
    named.push([[...watch, 'pushQueue'], LONGEST.queue], [[...watch, 'dashboard'], LONGEST.dashboard]);
    listAt(raw, [...watch, 'alarms']).forEach((_, i) => named.push([[...watch, 'alarms', i, 'name'], LONGEST.alarm]));
  }
  return named.flatMap(([path, limit]) => {
    const value = valueAt(raw, path);
    const length = typeof value === 'string' ? withEnvironment(value, longest).length : 0;
    if (length <= limit) return [];
    const problem = `has ${length} characters${value === undefined || !String(value).includes(ENV) ? '' : ` for ${longest}`}, AWS takes ${limit}`;
    return [{ path, problem, remedy: `write a name of ${limit} characters at the most` }];
  });
}
