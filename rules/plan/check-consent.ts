import { nearestName } from './problems/nearest-name';
import { duplicates, listAt, valueAt, type Finding } from './problems/plan-problem';
import { environmentPaths, placeOf } from './problems/places';
import type { Path } from './problems/problems';

/** Checklists and what proves their items, and what a probe needs. */
export function consentFindings(raw: unknown): readonly Finding[] {
  return environmentPaths(raw).flatMap((environment) => {
    const checklist: Path = [...environment, 'checklist'];
    const proofs = listAt(raw, checklist).map((_, i): Path => [...checklist, i, 'proof']);
    const proved = proofs.flatMap((path) => proofFindings(raw, environment, path));
    return [...duplicates(raw, checklist, 'id'), ...proved, ...probeFindings(raw, environment)];
  });
}

/** The address of the API may come later, as the sandbox's does; the job is in the plan. */
function probeFindings(raw: unknown, environment: Path): readonly Finding[] {
  const path: Path = [...environment, 'verification', 'probeJobs'];
  if (valueAt(raw, path) === undefined || valueAt(raw, [...environment, 'verification', 'testJob']) !== undefined)
    return [];
  return [
    { path, problem: 'has no job to submit', remedy: 'write its file as testJob beside it, or take the key out' },
  ];
}

function proofFindings(raw: unknown, environment: Path, path: Path): readonly Finding[] {
  const proof = valueAt(raw, path);
  if (proof === 'dashboard-has-data' && valueAt(raw, placeOf(raw, environment).dashboard) === undefined) {
    const remedy = 'write the name of the dashboard as watch.dashboard, or take the proof out';
    return [{ path, problem: 'has no dashboard to look at', remedy }];
  }
  switch (valueAt(proof, ['by'])) {
    case 'rollout-completed':
      return [...needed(proof, path, 'environment', 'url'), ...otherEnvironment(raw, environment, path)];
    case 'no-open-incident':
      return needed(proof, path, 'url', 'environment');
    default:
      return [];
  }
}

const MISSING = {
  environment: 'write the environment whose rollout must have completed, as environment: staging',
  url: 'write the address that knows, as url: https://incidents.example.org/open',
} as const;

type More = keyof typeof MISSING;

function needed(proof: unknown, path: Path, key: More, not: More): readonly Finding[] {
  const findings: Finding[] = [];
  if (valueAt(proof, [key]) === undefined)
    findings.push({ path: [...path, key], problem: 'missing', remedy: MISSING[key] });
  if (valueAt(proof, [not]) !== undefined) {
    const problem = `means nothing with ${String(valueAt(proof, ['by']))}`;
    findings.push({ path: [...path, not], problem, remedy: `write ${key} in its place, or take it out` });
  }
  return findings;
}

function otherEnvironment(raw: unknown, environment: Path, proof: Path): readonly Finding[] {
  const path: Path = [...proof, 'environment'];
  const named = valueAt(raw, path);
  if (typeof named !== 'string' || named === '') return [];
  const own = String(valueAt(raw, [...environment, 'name']));
  const others = listAt(raw, ['environments'])
    .map((each) => String(valueAt(each, ['name'])))
    .filter((name) => name !== own);
  if (others.includes(named)) return [];
  const meant = nearestName(named, others) ?? (others.length === 0 ? undefined : `one of ${others.join(', ')}`);
  const remedy = meant === undefined ? 'take the proof out' : `write ${meant}`;
  const problem = named === own ? 'is the environment itself' : 'is no environment of this plan';
  return [{ path, problem, remedy }];
}
