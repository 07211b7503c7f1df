import { listAt, valueAt, type Finding } from './problems/plan-problem';
import { environmentPaths } from './problems/places';
import type { Path } from './problems/problems';

const SHARED: Path = ['flag', 'delivery'];

/** A delivery has one target; where it is in force the API's address is known, and percentages are whole. */
export function deliveryFindings(raw: unknown): readonly Finding[] {
  const environments = environmentPaths(raw);
  const written = [SHARED, ...environments.map((path): Path => [...path, 'delivery'])].filter((path) =>
    isMapping(valueAt(raw, path)),
  );
  return [
    ...written.flatMap((path) => targetFindings(raw, path)),
    ...environments.flatMap((environment) => inForce(raw, environment)),
  ];
}

function targetFindings(raw: unknown, path: Path): readonly Finding[] {
  const named = ['elasticBeanstalk', 'ecs'].filter((key) => valueAt(raw, [...path, key]) !== undefined);
  if (named.length === 1) return [];
  const problem = named.length === 0 ? 'has neither elasticBeanstalk nor ecs' : 'has both elasticBeanstalk and ecs';
  return [{ path, problem, remedy: 'write the one that serves the API' }];
}

function inForce(raw: unknown, environment: Path): readonly Finding[] {
  const own: Path = [...environment, 'delivery'];
  const path = valueAt(raw, own) === undefined ? SHARED : own;
  if (!isMapping(valueAt(raw, path))) return [];
  return [...addressFindings(raw, environment, path), ...fractions(raw, environment)];
}

function addressFindings(raw: unknown, environment: Path, path: Path): readonly Finding[] {
  const addresses: readonly Path[] = [
    [...path, 'healthUrl'],
    [...environment, 'verification', 'healthUrl'],
    [...environment, 'verification', 'apiUrl'],
  ];
  if (addresses.some((address) => valueAt(raw, address) !== undefined)) return [];
  const name = String(valueAt(raw, [...environment, 'name']) ?? '');
  const problem = `has no address where the instances of ${name} say what they go by`;
  const remedy = 'write healthUrl under it, or `delivery: none` in that environment';
  return [{ path, problem, remedy }];
}

/** PAVI's API reads the variable as a whole number, and does not start on another one. */
function fractions(raw: unknown, environment: Path): readonly Finding[] {
  const own: Path = [...environment, 'steps'];
  const steps = valueAt(raw, own) === undefined ? ['steps'] : own;
  return listAt(raw, steps).flatMap((step, i) => {
    const percentage = valueAt(step, ['percentage']);
    if (typeof percentage !== 'number' || Number.isInteger(percentage)) return [];
    const problem = 'must be a whole number where it is delivered as an environment variable';
    return [{ path: [...steps, i, 'percentage'], problem, remedy: 'write a whole number' }];
  });
}

const isMapping = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
