import { durationMs } from '../duration';
import { listAt, valueAt, type Finding } from '../problems/plan-problem';
import { ENV } from '../names';
import { watchPaths } from '../problems/places';
import type { Path } from '../problems/problems';
import { GUARD_KINDS, RESULTS_SAMPLE } from './guard';

type Kind = (typeof GUARD_KINDS)[number];

/** Rules across the keys of one guard. */
export function guardFindings(raw: unknown): readonly Finding[] {
  return watchPaths(raw).flatMap((watch) => {
    const list: Path = [...watch, 'guards'];
    const shared = watch.length === 1;
    const api = [...watch.slice(0, -1), 'verification', 'apiUrl'];
    return listAt(raw, list).flatMap((guard, i) =>
      typeof guard !== 'object' || guard === null
        ? []
        : [
            ...oneGuard(guard, [...list, i], shared),
            ...(shared || valueAt(raw, api) !== undefined ? [] : withoutApi(guard, [...list, i])),
          ],
    );
  });
}

function oneGuard(guard: object, path: Path, shared: boolean): readonly Finding[] {
  const kinds = GUARD_KINDS.filter((kind) => valueAt(guard, [kind]) !== undefined);
  const [kind, second] = kinds;
  if (kind === undefined)
    return [{ path, problem: 'measures nothing', remedy: `write one of ${GUARD_KINDS.join(', ')} under it` }];
  if (second !== undefined) {
    const problem = `is a second measurement beside ${kind}`;
    return [{ path: [...path, second], problem, remedy: 'write another guard for it' }];
  }
  return [
    ...limitFindings(guard, path, kind),
    ...(kind === 'metric' ? metricFindings(guard, path, shared) : []),
    ...(kind === 'compare' ? compareFindings(guard, path) : []),
    ...(kind === 'results' ? sampleFindings(guard, path) : []),
    ...meaninglessFindings(guard, path, kind),
  ];
}

const LIMITS: Readonly<Record<Kind, readonly string[]>> = {
  metric: ['above', 'below'],
  logs: ['above', 'below'],
  executions: ['successRateBelow', 'averageDurationAbove', 'failedWithin'],
  compare: ['slowerByPercent', 'failuresHigherByPoints'],
  results: ['successRateBelow'],
};
const ALL_LIMITS = [...new Set(Object.values(LIMITS).flat())];

function limitFindings(guard: object, path: Path, kind: Kind): readonly Finding[] {
  const breach = valueAt(guard, ['breachWhen']);
  if (typeof breach !== 'object' || breach === null) return [];
  const at: Path = [...path, 'breachWhen'];
  const remedy = `write ${LIMITS[kind].join(' or ')}`;
  const written = Object.keys(breach);
  if (written.length === 0) return [{ path: at, problem: 'has no limit, so nothing would ever be bad', remedy }];
  const strange = written.filter((name) => ALL_LIMITS.includes(name) && !LIMITS[kind].includes(name));
  const [above, below] = [valueAt(breach, ['above']), valueAt(breach, ['below'])];
  const findings = strange.map((name) => ({ path: [...at, name], problem: `has no meaning for ${kind}`, remedy }));
  if (strange.length > 0 || typeof above !== 'number' || typeof below !== 'number' || above >= below) return findings;
  const problem = `with above: ${above} every measurement would be bad`;
  return [{ path: [...at, 'below'], problem, remedy: `write a number of ${above} or less, or remove it` }];
}

function meaninglessFindings(guard: object, path: Path, kind: Kind): readonly Finding[] {
  const findings: Finding[] = [];
  if (valueAt(guard, ['tooFew']) !== undefined && valueAt(guard, ['minSamples']) === undefined) {
    const remedy = 'set minSamples, or remove the key';
    findings.push({ path: [...path, 'tooFew'], problem: 'has no meaning without minSamples', remedy });
  }
  // Guards on jobs make one measurement of all jobs since the raise: there is no series and no newest value.
  const ofSeries =
    kind === 'metric' || kind === 'logs' ? [] : ['failureLimit', 'consecutiveFailureLimit', 'staleAfter'];
  for (const name of ofSeries) {
    if (valueAt(guard, [name]) === undefined) continue;
    findings.push({ path: [...path, name], problem: `has no meaning for ${kind}`, remedy: 'remove it' });
  }
  return findings;
}

/** For a guard of the environment's own. For a guard of all environments, the doctor reports a missing address. */
function withoutApi(guard: object, path: Path): readonly Finding[] {
  if (valueAt(guard, ['results']) === undefined) return [];
  const problem = 'has no address to fetch from: the environment sets no verification.apiUrl';
  return [{ path: [...path, 'results'], problem, remedy: 'set verification.apiUrl, or remove the guard' }];
}

/** minSamples above the sample size could never be reached. */
function sampleFindings(guard: object, path: Path): readonly Finding[] {
  const [wanted, sample] = [valueAt(guard, ['minSamples']), valueAt(guard, ['results', 'sample']) ?? RESULTS_SAMPLE];
  if (typeof wanted !== 'number' || typeof sample !== 'number' || wanted <= sample) return [];
  const problem = `is more than the ${sample} jobs that are checked`;
  return [{ path: [...path, 'minSamples'], problem, remedy: `write ${sample} or less, or a larger results.sample` }];
}

function compareFindings(guard: object, path: Path): readonly Finding[] {
  const at: Path = [...path, 'compare'];
  const has = (...inner: Path): boolean => valueAt(guard, inner) !== undefined;
  const findings: Finding[] = [];
  if (has('breachWhen', 'slowerByPercent') && !has('compare', 'duration')) {
    const remedy = 'write the field with the duration in milliseconds, such as durationMs';
    findings.push({ path: [...at, 'duration'], problem: 'missing, and slowerByPercent needs it', remedy });
  }
  if (has('breachWhen', 'failuresHigherByPoints') && !has('compare', 'failure')) {
    const remedy = 'write it as `{ field: outcome, values: [failed] }`';
    findings.push({ path: [...at, 'failure'], problem: 'missing, and failuresHigherByPoints needs it', remedy });
  }
  const old = valueAt(guard, ['compare', 'sides', 'old']);
  if (typeof old === 'string' && old === valueAt(guard, ['compare', 'sides', 'new'])) {
    const problem = 'is the same as the new side';
    findings.push({ path: [...at, 'sides', 'old'], problem, remedy: 'write the name of the old side' });
  }
  return findings;
}

/** Of a guard or a check with the key `metric`. */
export function metricFindings(guard: object, path: Path, shared: boolean): readonly Finding[] {
  const metric = valueAt(guard, ['metric']);
  const metrics = valueAt(metric, ['metrics']);
  if (typeof metrics !== 'object' || metrics === null || Array.isArray(metrics)) return [];
  const at: Path = [...path, 'metric'];
  const all = Object.entries(metrics) as readonly [string, unknown][];
  if (all.length === 0)
    return [{ path: [...at, 'metrics'], problem: 'must name at least one metric', remedy: 'write one under it' }];
  const sharedByAll = all.filter(([, query]) => shared && !JSON.stringify(query ?? null).includes(ENV));
  return [
    ...sharedByAll.map(([id]) => ({
      path: [...at, 'metrics', id],
      problem: 'must contain {env}, otherwise all environments would share it',
      remedy: 'write {env} in a dimension, in quotes, or move it to the environment',
    })),
    ...expressionFindings(
      valueAt(metric, ['expression']),
      all.map(([id]) => id),
      at,
    ),
    ...periodFindings(valueAt(metric, ['period']), at),
  ];
}

/** In metric math, functions are in capitals, and texts such as those of SEARCH are in quotes. */
function expressionFindings(expression: unknown, ids: readonly string[], metric: Path): readonly Finding[] {
  const path: Path = [...metric, 'expression'];
  if (expression === undefined) {
    if (ids.length === 1) return [];
    const problem = `missing, although there are ${ids.length} metrics`;
    return [{ path, problem, remedy: `write metric math over ${ids.join(' and ')}` }];
  }
  if (typeof expression !== 'string') return [];
  const words: readonly string[] = expression.replaceAll(/'[^']*'|"[^"]*"/g, '').match(/\b[a-z][A-Za-z0-9_]*/g) ?? [];
  const unknown = [...new Set(words)].filter((word) => !ids.includes(word));
  if (unknown.length > 0) {
    const problem = `uses ${unknown.join(', ')}, which is not among metrics`;
    return [{ path, problem, remedy: `write it over ${ids.join(', ')}` }];
  }
  const unused = ids.filter((id) => !words.includes(id) && !expression.includes('METRICS('));
  if (unused.length === 0) return [];
  return [{ path, problem: `does not use ${unused.join(', ')}`, remedy: 'use all metrics in it, or remove some' }];
}

/** GetMetricData: a period is 1, 5, 10, 20 or 30 seconds, or any multiple of 60. */
function periodFindings(period: unknown, metric: Path): readonly Finding[] {
  const seconds = (durationMs(String(period)) ?? 0) / 1000;
  if (seconds < 1 || [1, 5, 10, 20, 30].includes(seconds) || seconds % 60 === 0) return [];
  const problem = 'must be 1s, 5s, 10s, 20s, 30s or whole minutes, as CloudWatch requires';
  return [{ path: [...metric, 'period'], problem, remedy: 'write one of these, or whole minutes such as 5m' }];
}
