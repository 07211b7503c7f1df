import * as names from '../names';
import { z } from 'zod';
import { duration, kebab, key, matching, text } from '../problems/schema-key';
import { nearestName } from '../problems/nearest-name';
import { duplicates, listAt, valueAt, type Finding } from '../problems/plan-problem';
import { environmentPaths, placeOf } from '../problems/places';
import type { Path } from '../problems/problems';
import { READY_CHECKS } from '../../checks/check';
import { durationMs } from '../duration';
import type { Approvals, ChecklistItem, Proof } from '../environment-plan';
import { checkNamesAt, unknownCheck } from './checks';

/** Keys that approvals of a rollout and of a deployment share. */
export const approvalKeys = {
  required: key(z.int().min(0, { error: 'must not be negative' }).max(20, { error: 'must be at most 20' }), {
    is: 'Number of different people who must approve.',
    remedy: 'write a whole number from 0 to 20',
  }),
  starterMayApprove: key(z.boolean(), {
    is: 'Whether the person who starts the rollout may be one of those who approve.',
    remedy: 'write true or false, without quotes',
  }),
  validFor: duration('1m', '90d', {
    is: 'How long an approval counts. Default: 7d.',
    remedy: 'write a duration such as 7d',
  }).optional(),
};

export const approvalsSchema = key(
  z.strictObject({
    ...approvalKeys,
    before: key(z.enum(['first-raise', 'every-raise']), {
      is: 'Whether only the first raise needs approvals, or every raise. Default: first-raise.',
      remedy: 'write first-raise or every-raise',
    }).optional(),
  }),
  {
    is: 'Who must approve the rollout and a deployment.',
    remedy: 'write `{ required: 2, starterMayApprove: false }`',
  },
);

const WORDS = READY_CHECKS.join(', ');

const proofSchema = key(
  z.union(
    [
      // A plain text is the name of a check; `proofFindings` looks for it.
      z.enum(READY_CHECKS),
      text(),
      z.strictObject({
        by: key(z.enum(['rollout-completed', 'no-open-incident']), {
          is: 'rollout-completed: the last rollout of another environment completed. no-open-incident: an address reports no open incident.',
          remedy: 'write rollout-completed or no-open-incident',
        }).optional(),
        environment: key(text(), {
          is: 'With rollout-completed: the environment whose last rollout completed.',
          remedy: 'write the name of an environment of this plan',
        }).optional(),
        url: key(matching(names.ADDRESS, 'must be an http or https address'), {
          is: 'With no-open-incident: an address that answers 200 with a JSON list, or `{ "open": 0 }`.',
          remedy: 'write an address such as https://incidents.example.org/open',
        }).optional(),
        check: key(text(), {
          is: 'Name of a check of this plan, in place of by.',
          remedy: 'write the name of a check, such as health',
        }).optional(),
      }),
    ],
    { error: `must be ${WORDS}, the name of a check, or a mapping of keys` },
  ),
  {
    is: `What proves the item, so that it needs no tick: ${WORDS}, the name of a check, or with parameters \`{ by: rollout-completed, environment: staging }\`, \`{ by: no-open-incident, url: … }\` or \`{ check: health }\`.`,
    remedy: `write ${WORDS}, the name of a check, or \`{ by: rollout-completed, environment: staging }\``,
  },
);

export const checklistSchema = key(
  z.array(
    z.strictObject({
      id: key(matching(names.KEBAB_CASE_OR_DIGIT, kebab).max(64, { error: 'must have at most 64 characters' }), {
        is: 'Short name of the item, as people type it: rollback-plan-reviewed.',
        remedy: 'write lower-case words joined by hyphens, such as rollback-plan-reviewed',
      }),
      text: key(text(), {
        is: 'The item as people read it.',
        remedy: 'write the item as a sentence',
      }),
      proof: proofSchema.optional(),
    }),
  ),
  {
    is: 'What must be confirmed before the first raise, by a proof or by a person.',
    remedy: 'write a list such as `- { id: rollback-plan-reviewed, text: Rollback plan reviewed }`',
  },
);

/** Problems of checklists, their proofs, and the probe. */
export function consentFindings(raw: unknown): readonly Finding[] {
  return environmentPaths(raw).flatMap((environment) => {
    const checklist: Path = [...environment, 'checklist'];
    const proofs = listAt(raw, checklist).map((_, i): Path => [...checklist, i, 'proof']);
    const proved = proofs.flatMap((path) => proofFindings(raw, environment, path));
    return [...duplicates(raw, checklist, 'id'), ...proved, ...probeFindings(raw, environment)];
  });
}

/** The address of the API may be set later, as in the sandbox; the job must be in the plan. */
function probeFindings(raw: unknown, environment: Path): readonly Finding[] {
  const path: Path = [...environment, 'verification', 'probeJobs'];
  if (valueAt(raw, path) === undefined || valueAt(raw, [...environment, 'verification', 'testJob']) !== undefined)
    return [];
  return [{ path, problem: 'has no job to submit', remedy: 'set testJob beside it, or remove the key' }];
}

function proofFindings(raw: unknown, environment: Path, path: Path): readonly Finding[] {
  const proof = valueAt(raw, path);
  if (typeof proof === 'string') return wordFindings(raw, environment, path, proof);
  if (typeof proof !== 'object' || proof === null) return [];
  const check = valueAt(proof, ['check']);
  if (check !== undefined) return [...checkFindings(raw, environment, path, check), ...besideCheck(proof, path)];
  switch (valueAt(proof, ['by'])) {
    case undefined:
      return [{ path: [...path, 'by'], problem: 'missing', remedy: 'write rollout-completed or no-open-incident' }];
    case 'rollout-completed':
      return [...needed(proof, path, 'environment', 'url'), ...otherEnvironment(raw, environment, path)];
    case 'no-open-incident':
      return needed(proof, path, 'url', 'environment');
    default:
      return [];
  }
}

function wordFindings(raw: unknown, environment: Path, path: Path, word: string): readonly Finding[] {
  if (word === 'dashboard-has-data' && valueAt(raw, placeOf(raw, environment).dashboard) === undefined) {
    const remedy = 'set watch.dashboard to the name of the dashboard, or remove the proof';
    return [{ path, problem: 'has no dashboard to read', remedy }];
  }
  const words = [...READY_CHECKS, ...checkNamesAt(raw, environment)];
  if (word === '' || words.includes(word)) return [];
  const meant = nearestName(word, words);
  const remedy = meant === undefined ? `write one of ${words.join(', ')}` : `write ${meant}`;
  return [{ path, problem: `must be one of ${words.join(', ')}`, remedy }];
}

function checkFindings(raw: unknown, environment: Path, path: Path, check: unknown): readonly Finding[] {
  const known = checkNamesAt(raw, environment);
  if (typeof check !== 'string' || check === '' || known.includes(check)) return [];
  return [unknownCheck([...path, 'check'], check, known)];
}

const besideCheck = (proof: unknown, path: Path): readonly Finding[] =>
  ['by', 'environment', 'url']
    .filter((name) => valueAt(proof, [name]) !== undefined)
    .map((name) => ({ path: [...path, name], problem: 'has no meaning with check', remedy: 'remove it' }));

const MISSING = {
  environment: 'name the environment whose rollout must have completed, such as environment: staging',
  url: 'write the address of the incident list, such as url: https://incidents.example.org/open',
} as const;

type More = keyof typeof MISSING;

function needed(proof: unknown, path: Path, key: More, not: More): readonly Finding[] {
  const findings: Finding[] = [];
  if (valueAt(proof, [key]) === undefined)
    findings.push({ path: [...path, key], problem: 'missing', remedy: MISSING[key] });
  if (valueAt(proof, [not]) !== undefined) {
    const problem = `has no meaning with ${String(valueAt(proof, ['by']))}`;
    findings.push({ path: [...path, not], problem, remedy: `write ${key} instead, or remove it` });
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
  const remedy = meant === undefined ? 'remove the proof' : `write ${meant}`;
  const problem = named === own ? 'is the environment itself' : 'is not an environment of this plan';
  return [{ path, problem, remedy }];
}

type WrittenApprovals = z.infer<typeof approvalsSchema>;
type WrittenChecklist = z.infer<typeof checklistSchema>;

const DAY_MS = 86_400_000;

export function resolvedApprovals({ required, starterMayApprove, before, validFor }: WrittenApprovals): Approvals {
  const validForMs = validFor === undefined ? 7 * DAY_MS : (durationMs(validFor) ?? 0);
  return { required, starterMayApprove, before: before ?? 'first-raise', validForMs };
}

export function resolvedChecklist(written: WrittenChecklist = []): readonly ChecklistItem[] {
  return written.map(({ id, text, proof }) => {
    if (proof === undefined) return { id, text };
    return { id, text, proof: resolvedProof(proof) };
  });
}

function resolvedProof(written: string | { readonly check?: string | undefined }): Proof {
  if (typeof written === 'string') {
    const ready = READY_CHECKS.find((word) => word === written);
    return ready === undefined ? { by: 'check', check: written } : { by: ready };
  }
  // The check of the plan found that the rest belongs together.
  return written.check === undefined ? (written as Proof) : { by: 'check', check: written.check };
}
