import { z } from 'zod';
import type { Probe } from '../environment-plan';
import { type Finding, valueAt } from '../problems/plan-problem';
import { environmentPaths } from '../problems/places';
import { type Path, pathText } from '../problems/problems';
import { key } from '../problems/schema-key';
import { checkNames, unknownChecks } from './checks';

/** `probe`, of all environments or of one. */
export const probeSchema = key(
  z.strictObject({
    checks: checkNames('Checks of this plan that must answer yes.'),
  }),
  {
    is: 'What is asked before the first raise: a no refuses the rollout, an unknown answer is asked again.',
    remedy: 'write `{ checks: [health] }`',
  },
);

/** The probe of the plan is asked in every environment without one of its own. */
export function probeFindings(raw: unknown): readonly Finding[] {
  const found = environmentPaths(raw).flatMap((environment) => {
    const own: Path = [...environment, 'probe'];
    const path: Path = valueAt(raw, own) === undefined ? ['probe'] : own;
    return unknownChecks(raw, environment, [...path, 'checks']);
  });
  // What is wrong in several environments is written once.
  return [...new Map(found.map((finding) => [pathText(finding.path), finding])).values()];
}

type Written = z.infer<typeof probeSchema>;

/** The environment's own probe in place of the plan's. */
export const resolvedProbe = (ofPlan?: Written, own?: Written): Probe | undefined => own ?? ofPlan;
