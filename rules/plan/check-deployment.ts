import { listAt, valueAt, type Finding } from './problems/plan-problem';
import { nearestName } from './problems/nearest-name';
import { environmentPaths } from './problems/places';
import type { Path } from './problems/problems';

/** Which environment is deployed after which, and the items of the checklist that a deployment asks for. */
export function deploymentFindings(raw: unknown): readonly Finding[] {
  return environmentPaths(raw).flatMap((environment) => {
    const path: Path = [...environment, 'deployment'];
    return [
      ...orderFindings(raw, environment, path),
      ...rolloutFindings(raw, environment, [...path, 'rolloutNeeds']),
      ...itemFindings(raw, environment, [...path, 'checklist']),
    ];
  });
}

/** Where nothing is verified, nothing ever is. */
function rolloutFindings(raw: unknown, environment: Path, path: Path): readonly Finding[] {
  if (valueAt(raw, path) !== 'verified' || valueAt(raw, [...environment, 'verification']) !== undefined) return [];
  const remedy = 'write verification under the environment, or write deployed';
  return [{ path, problem: 'never comes, as the plan names nothing to verify here', remedy }];
}

function orderFindings(raw: unknown, environment: Path, path: Path): readonly Finding[] {
  const after = valueAt(raw, [...path, 'after']);
  const needs = valueAt(raw, [...path, 'needs']);
  if (after === undefined && needs !== undefined) {
    const remedy = 'write the environment as after, or take it out';
    return [{ path: [...path, 'needs'], problem: 'means nothing without after', remedy }];
  }
  if (typeof after !== 'string' || after === '') return [];
  const missing: Finding = {
    ...{ path: [...path, 'needs'], problem: 'missing' },
    remedy: 'write needs: verified, or needs: deployed',
  };
  return [...(needs === undefined ? [missing] : []), ...afterFindings(raw, environment, [...path, 'after'], after)];
}

function afterFindings(raw: unknown, environment: Path, path: Path, after: string): readonly Finding[] {
  const own = String(valueAt(raw, [...environment, 'name']));
  const others = listAt(raw, ['environments'])
    .map((each) => String(valueAt(each, ['name'])))
    .filter((name) => name !== own);
  if (!others.includes(after)) {
    const meant = nearestName(after, others) ?? (others.length === 0 ? undefined : `one of ${others.join(', ')}`);
    const problem = after === own ? 'is the environment itself' : 'is no environment of this plan';
    return [{ path, problem, remedy: meant === undefined ? 'take it out' : `write ${meant}` }];
  }
  if (!leadsTo(raw, after, own)) return [];
  const problem = `is itself deployed after ${own}, so that neither ever could be`;
  return [{ path, problem, remedy: 'write another environment, or take one of them out' }];
}

/** Whether an environment comes, one after the other, after `target`. */
function leadsTo(raw: unknown, from: string, target: string): boolean {
  const seen = new Set<string>();
  for (let name: unknown = from; typeof name === 'string' && !seen.has(name);) {
    if (name === target) return true;
    seen.add(name);
    const found = listAt(raw, ['environments']).find((each) => valueAt(each, ['name']) === name);
    name = valueAt(found, ['deployment', 'after']);
  }
  return false;
}

function itemFindings(raw: unknown, environment: Path, path: Path): readonly Finding[] {
  const ids = listAt(raw, [...environment, 'checklist']).map((item) => String(valueAt(item, ['id'])));
  const asked = listAt(raw, path);
  return asked.flatMap((id, i): readonly Finding[] => {
    if (typeof id !== 'string' || id === '') return [];
    const at: Path = [...path, i];
    if (asked.indexOf(id) < i) return [{ path: at, problem: 'is there already', remedy: 'take it out' }];
    if (ids.includes(id)) return [];
    const meant = nearestName(id, ids) ?? (ids.length === 0 ? undefined : `one of ${ids.join(', ')}`);
    const remedy = meant === undefined ? 'write the item into the checklist first' : `write ${meant}`;
    return [{ path: at, problem: "is no item of this environment's checklist", remedy }];
  });
}
