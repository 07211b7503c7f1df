import * as names from '../names';
import { z } from 'zod';
import {
  type Check,
  checkOf,
  type CheckQuestion,
  type HttpQuestion,
  type MetricQuestion,
  READY_CHECKS,
} from '../../checks/check';
import { isObject } from '../../../flags/json';
import type { JsonExpectation } from '../../checks/expectation';
import { durationMs } from '../duration';
import { nearestName } from '../problems/nearest-name';
import { duplicates, type Finding, keysAt, listAt, valueAt } from '../problems/plan-problem';
import { environmentPaths, placeOf } from '../problems/places';
import { kebab, key, list, matching, text } from '../problems/schema-key';
import type { Path } from '../problems/problems';
import { withoutUndefined } from '../without-undefined';
import { CHECK_KINDS, checkSchema, type jsonSchema, PLAIN_CHECKS } from './check-kinds';
import { metricFindings } from './guard-checks';

/** `checks`, of the plan or of one environment, whose names need no `{env}`. */
export const checksSchema = (shared: boolean) =>
  key(
    z.record(
      matching(names.KEBAB_CASE_OR_DIGIT, kebab).max(64, { error: 'must have at most 64 characters' }),
      checkSchema(shared),
    ),
    {
      is: 'Questions about the world by their names: yes, no or unknown. Checklist items, the verification, the probe, hooks and the fallback ask them, and `rollout check`.',
      remedy: "write `health: { http: { url: 'https://checkout-{env}.example.org/health' } }` under it",
    },
  );

/** A list of names of `checks`. */
export const checkNames = (is: string) =>
  key(list(text(), 'must name at least one check'), {
    is,
    remedy: 'write a list of names of checks, such as [health]',
  });

/** The names that items, verification and probe of an environment may use: the plan's checks and its own. */
export function checkNamesAt(raw: unknown, environment: Path): readonly string[] {
  return [...new Set([...keysAt(raw, ['checks']), ...keysAt(raw, [...environment, 'checks'])])];
}

/** Names at a path that are no check of the environment. */
export function unknownChecks(raw: unknown, environment: Path, path: Path): readonly Finding[] {
  const known = checkNamesAt(raw, environment);
  const unknown = listAt(raw, path).flatMap((name, i) =>
    typeof name !== 'string' || name === '' || known.includes(name) ? [] : [unknownCheck([...path, i], name, known)],
  );
  return [...duplicates(raw, path), ...unknown];
}

export function unknownCheck(path: Path, name: string, known: readonly string[]): Finding {
  const meant = nearestName(name, known) ?? (known.length === 0 ? undefined : `one of ${known.join(', ')}`);
  const remedy = meant === undefined ? `write ${name} under checks first` : `write ${meant}, or add it under checks`;
  return { path, problem: 'is no check of this plan', remedy };
}

/** Problems of every check: its name, its kind, and what its keys mean together. */
export function checksFindings(raw: unknown): readonly Finding[] {
  const lists: readonly Path[] = [['checks'], ...environmentPaths(raw).map((path): Path => [...path, 'checks'])];
  return lists.flatMap((path) => {
    const checks = valueAt(raw, path);
    if (!isObject(checks)) return [];
    return Object.entries(checks).flatMap(([name, check]) => {
      const at: Path = [...path, name];
      const remedy = 'write another name: `proof` takes this word for the ready check';
      const taken = READY_CHECKS.some((word) => word === name)
        ? [{ path: at, problem: 'is the name of a ready check', remedy }]
        : [];
      return [...taken, ...oneCheck(raw, check, at)];
    });
  });
}

function oneCheck(raw: unknown, check: unknown, path: Path): readonly Finding[] {
  const word = typeof check === 'string' ? check : undefined;
  if (word === 'dashboard-has-data') return dashboardFindings(raw, path, path);
  if (!isObject(check)) return [];
  const [kind, second] = CHECK_KINDS.filter((each) => check[each] !== undefined);
  // An unknown key is reported, and may be the misspelt question.
  if (kind === undefined && Object.keys(check).some((name) => name !== 'within')) return [];
  if (kind === undefined)
    return [{ path, problem: 'asks nothing', remedy: `write one of ${CHECK_KINDS.join(', ')} under it` }];
  if (second !== undefined)
    return [
      { path: [...path, second], problem: `is a second question beside ${kind}`, remedy: 'write another check for it' },
    ];
  const at: Path = [...path, kind];
  switch (kind) {
    case 'http':
      return [...requestFindings(check[kind], at), ...expectationFindings(check[kind], at, ['expect', 'json'])];
    case 'metric':
      return [...metricFindings(check, path, path.length === 2), ...boundFindings(check[kind], at)];
    case 'execution':
      return expectationFindings(check[kind], at, ['output']);
    case 'lambda':
      return expectationFindings(check[kind], at, ['answer']);
    case 'rollout-completed':
      return completedFindings(raw, check[kind], at);
    case 'dashboard-has-data':
      return check[kind] === true ? dashboardFindings(raw, path, at) : [];
    default:
      return [];
  }
}

function requestFindings(http: unknown, path: Path): readonly Finding[] {
  const method = valueAt(http, ['method']) ?? 'GET';
  const meaningless = (inner: Path, remedy: string): readonly Finding[] =>
    valueAt(http, inner) === undefined
      ? []
      : [{ path: [...path, ...inner], problem: `has no meaning with ${String(method)}`, remedy }];
  return [
    ...(method === 'POST' ? [] : meaningless(['body'], 'write method: POST beside it, or remove it')),
    ...(method === 'HEAD' ? meaningless(['expect', 'json'], 'write method: GET, or remove it') : []),
  ];
}

function expectationFindings(question: unknown, path: Path, inner: Path): readonly Finding[] {
  const written = valueAt(question, inner);
  if (!isObject(written)) return [];
  return Object.entries(written).flatMap(([name, expected]): readonly Finding[] => {
    if (!isObject(expected)) return [];
    const at: Path = [...path, ...inner, name];
    if (Object.keys(expected).length === 0)
      return [{ path: at, problem: 'expects nothing', remedy: 'write a value, or `{ exists: true }`' }];
    const others = Object.keys(expected).filter((one) => one !== 'exists');
    if (expected['exists'] !== false || others.length === 0) return [];
    const problem = 'can never be right: a value that must not be there has no other property';
    return [{ path: [...at, 'exists'], problem, remedy: 'write true, or remove the other keys' }];
  });
}

function boundFindings(metric: unknown, path: Path): readonly Finding[] {
  const [atLeast, atMost] = [valueAt(metric, ['atLeast']), valueAt(metric, ['atMost'])];
  const [last, period] = [valueAt(metric, ['last']), valueAt(metric, ['period'])].map((text) =>
    typeof text === 'string' ? durationMs(text) : undefined,
  );
  const findings: Finding[] = [];
  if (isObject(metric) && atLeast === undefined && atMost === undefined)
    findings.push({
      path,
      problem: 'has no bound, so every value would be right',
      remedy: 'write atLeast or atMost under it',
    });
  if (typeof atLeast === 'number' && typeof atMost === 'number' && atLeast > atMost) {
    const problem = `is less than atLeast, so that no value would be right`;
    findings.push({ path: [...path, 'atMost'], problem, remedy: `write ${atLeast} or more` });
  }
  if (last !== undefined && period !== undefined && last < period)
    findings.push({
      path: [...path, 'last'],
      problem: 'is shorter than the period',
      remedy: 'write at least one period',
    });
  return findings;
}

/** A check of all environments may name one of them, and is then asked only in others. */
function completedFindings(raw: unknown, named: unknown, path: Path): readonly Finding[] {
  if (typeof named !== 'string' || named === '') return [];
  const all = listAt(raw, ['environments']).map((each) => String(valueAt(each, ['name'])));
  const own = path[0] === 'environments' ? valueAt(raw, [...path.slice(0, 2), 'name']) : undefined;
  if (named !== own && all.includes(named)) return [];
  const others = all.filter((name) => name !== own);
  const meant = nearestName(named, others) ?? (others.length === 0 ? undefined : `one of ${others.join(', ')}`);
  const problem = named === own ? 'is the environment itself' : 'is not an environment of this plan';
  return [{ path, problem, remedy: meant === undefined ? 'remove the check' : `write ${meant}` }];
}

/** For a check of all environments, every one must have a dashboard. */
function dashboardFindings(raw: unknown, check: Path, path: Path): readonly Finding[] {
  const own: Path | undefined = check[0] === 'environments' ? check.slice(0, 2) : undefined;
  const environments = own === undefined ? environmentPaths(raw) : [own];
  if (environments.every((environment) => valueAt(raw, placeOf(raw, environment).dashboard) !== undefined)) return [];
  const remedy = 'set watch.dashboard to the name of the dashboard, or write the name here';
  return [{ path, problem: 'has no dashboard to read', remedy }];
}

type WrittenChecks = z.infer<ReturnType<typeof checksSchema>>;
type Written = Exclude<WrittenChecks[string], string>;

/** The environment's own checks in place of the plan's, by their names; undefined when there are none. */
export function resolvedChecks(ofPlan: WrittenChecks = {}, own: WrittenChecks = {}): readonly Check[] | undefined {
  const written = Object.entries({ ...ofPlan, ...own });
  if (written.length === 0) return undefined;
  return written.map(([name, check]) => {
    if (typeof check === 'string') return checkOf(name, { kind: check });
    return checkOf(name, question(check), check.within === undefined ? undefined : ms(check.within));
  });
}

function question(check: Written): CheckQuestion {
  if (check.http !== undefined) return httpQuestion(check.http);
  if (check.command !== undefined) {
    const { directory = '.', variables = {}, exitCodes: right = [0], ...rest } = check.command;
    return withoutUndefined({ kind: 'command' as const, directory, variables, exitCodes: right, ...rest });
  }
  if (check.metric !== undefined) return metricQuestion(check.metric);
  if (check.execution !== undefined) {
    const { stateMachine, input = {}, output } = check.execution;
    return { kind: 'execution', stateMachine, input, output: expectations(output) };
  }
  if (check.lambda !== undefined) {
    const { function: called, payload = {}, answer } = check.lambda;
    return { kind: 'lambda', function: called, payload, answer: expectations(answer) };
  }
  if (check['rollout-completed'] !== undefined)
    return { kind: 'rollout-completed', environment: check['rollout-completed'] };
  if (check['no-open-incident'] !== undefined) return { kind: 'no-open-incident', url: check['no-open-incident'] };
  const dashboard = check['dashboard-has-data'];
  if (typeof dashboard === 'string') return { kind: 'dashboard-has-data', dashboard };
  // The check of the plan found exactly one kind.
  return { kind: PLAIN_CHECKS.find((word) => check[word] === true) ?? 'alarms-quiet' };
}

function httpQuestion({
  url,
  method = 'GET',
  headers = {},
  body,
  expect = {},
}: NonNullable<Written['http']>): HttpQuestion {
  const { status } = expect;
  return withoutUndefined({
    ...{ kind: 'http' as const, url, method, headers, body },
    status: typeof status === 'number' ? [status] : status,
    answerHeaders: expect.headers ?? {},
    json: expectations(expect.json),
  });
}

function metricQuestion({ metrics, period, last, ...rest }: NonNullable<Written['metric']>): MetricQuestion {
  const queries = Object.entries(metrics).map(([id, { dimensions = {}, ...query }]) => ({ id, ...query, dimensions }));
  const periodMs = ms(period);
  const lastMs = last === undefined ? 3 * periodMs : ms(last);
  return { kind: 'metric', metrics: queries, periodMs, lastMs, ...withoutUndefined(rest) };
}

function expectations(written: z.infer<ReturnType<typeof jsonSchema>> = {}): readonly JsonExpectation[] {
  return Object.entries(written).map(([path, expected]) =>
    typeof expected === 'object' && expected !== null
      ? { path, ...withoutUndefined(expected) }
      : { path, equals: expected },
  );
}

/** The plan was checked: every duration in it can be read. */
const ms = (written: string): number => durationMs(written) ?? 0;
