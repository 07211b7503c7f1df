import { listAt, valueAt, type Finding } from './plan-problem';
import { ENV, freezeParameterOf, LONGEST, LONGEST_ENVIRONMENT, withEnvironment } from '../names';
import { environmentPaths, watchPaths } from './places';
import type { Path } from './problems';

/** AWS counts the name with `{env}` replaced, so the longest environment name decides; a name that is itself too long is ignored. */
export function lengthFindings(raw: unknown): readonly Finding[] {
  const environments = listAt(raw, ['environments']).map((each) => String(valueAt(each, ['name']) ?? ''));
  const allowed = environments.filter(({ length }) => length <= LONGEST_ENVIRONMENT);
  const longest = allowed.reduce((a, b) => (b.length > a.length ? b : a), '');
  const named: [Path, number][] = [
    [['flag', 'parameter'], LONGEST.parameter],
    [['freezeParameter'], LONGEST.parameter],
  ];
  listAt(raw, ['infrastructure', 'stacks']).forEach((_, i) =>
    named.push([['infrastructure', 'stacks', i], LONGEST.stack]),
  );
  for (const path of [[], ...environmentPaths(raw)]) named.push([[...path, 'audit', 'bucket'], LONGEST.bucket]);
  named.push(...diagnosisNames(raw), ...deliveryNames(raw), ...namesInChecks(raw));
  for (const watch of watchPaths(raw)) {
    named.push([[...watch, 'pushQueue'], LONGEST.queue], [[...watch, 'dashboard'], LONGEST.dashboard]);
    listAt(raw, [...watch, 'alarms']).forEach((_, i) => named.push([[...watch, 'alarms', i, 'name'], LONGEST.alarm]));
    listAt(raw, [...watch, 'guards']).forEach((_, i) => {
      const guard: Path = [...watch, 'guards', i];
      named.push([[...guard, 'logs', 'group'], LONGEST.logGroup], [[...guard, 'compare', 'group'], LONGEST.logGroup]);
      named.push([[...guard, 'executions', 'stateMachine'], LONGEST.stateMachine]);
      named.push([[...guard, 'results', 'stateMachine'], LONGEST.stateMachine]);
    });
  }
  return named.flatMap(([path, limit]) => {
    const value = valueAt(raw, path);
    const length = typeof value === 'string' ? withEnvironment(value, longest).length : 0;
    if (length <= limit) return [];
    const problem = `has ${length} characters${value === undefined || !String(value).includes(ENV) ? '' : ` for ${longest}`}, but AWS allows ${limit}`;
    return [{ path, problem, remedy: `write a name of at most ${limit} characters` }];
  });
}

function diagnosisNames(raw: unknown): readonly [Path, number][] {
  const at = (...path: Path): Path => ['diagnosis', ...path];
  const each = (list: string, limit: number): [Path, number][] =>
    listAt(raw, at(list)).map((_, i) => [at(list, i), limit]);
  return [
    [at('stateMachine'), LONGEST.stateMachine],
    [at('jobQueue'), LONGEST.batch],
    [at('computeEnvironment'), LONGEST.batch],
    [at('bucket'), LONGEST.bucket],
    ...each('jobDefinitions', LONGEST.batch),
    ...each('logGroups', LONGEST.logGroup),
  ];
}

function namesInChecks(raw: unknown): readonly [Path, number][] {
  const lists: readonly Path[] = [['checks'], ...environmentPaths(raw).map((path): Path => [...path, 'checks'])];
  return lists.flatMap((path) =>
    Object.keys(valueAt(raw, path) ?? {}).flatMap((name): [Path, number][] => [
      [[...path, name, 'execution', 'stateMachine'], LONGEST.stateMachine],
      [[...path, name, 'lambda', 'function'], LONGEST.function],
      [[...path, name, 'dashboard-has-data'], LONGEST.dashboard],
    ]),
  );
}

function deliveryNames(raw: unknown): readonly [Path, number][] {
  const written: readonly Path[] = [
    ['flag', 'delivery'],
    ...environmentPaths(raw).map((path): Path => [...path, 'delivery']),
  ];
  return written.flatMap((path): [Path, number][] => [
    [[...path, 'elasticBeanstalk', 'environment'], LONGEST.beanstalk],
    [[...path, 'ecs', 'cluster'], LONGEST.ecs],
    [[...path, 'ecs', 'service'], LONGEST.ecs],
    [[...path, 'ecs', 'container'], LONGEST.ecs],
  ]);
}

/** Flags and freezes of an environment are separate documents. */
export function parameterFindings(raw: unknown): readonly Finding[] {
  const flag = valueAt(raw, ['flag', 'parameter']);
  const freezes = valueAt(raw, ['freezeParameter']);
  const service = valueAt(raw, ['service']);
  if (freezes === undefined && typeof service === 'string' && flag === freezeParameterOf(service)) {
    const problem = 'is the parameter that `rollout freeze` writes';
    return [{ path: ['flag', 'parameter'], problem, remedy: 'write another path, or a freezeParameter' }];
  }
  if (typeof freezes !== 'string' || freezes !== flag) return [];
  const problem = 'is already used by flag.parameter';
  return [{ path: ['freezeParameter'], problem, remedy: 'write another path, or remove the key' }];
}
