import { z } from 'zod';
import { FALLBACK_STEPS } from '../../fallback/fallback';
import * as names from '../names';
import { type Finding, listAt, valueAt } from '../problems/plan-problem';
import { environmentPaths } from '../problems/places';
import { type Path, pathText } from '../problems/problems';
import { kebab, key, matching } from '../problems/schema-key';
import { checkNames, unknownChecks } from './checks';

/** Values of `--to` that every plan has. */
const TAKEN = ['flag', 'infra'];

/** `fallback` of the plan. */
export const fallbackSchema = key(
  z.strictObject({
    name: key(matching(names.KEBAB_CASE_OR_DIGIT, kebab).max(40, { error: 'must have at most 40 characters' }), {
      is: 'Name of the old side as a destination: `rollout rollback <env> --to NAME`.',
      remedy: 'write a name such as v1',
    }),
    checks: checkNames('Checks of this plan, asked one after the other once the flag is at 0 %.'),
  }),
  {
    is: 'The full way back, for good: 0 %, then these checks; a new rollout waits for `rollout findings`. Without it there is only `--to flag` and `--to infra`.',
    remedy: 'write `{ name: v1, checks: [health] }`',
  },
);

const PATH: Path = ['fallback'];

/** The fallback is the same for every environment, so each must have its checks. */
export function fallbackFindings(raw: unknown): readonly Finding[] {
  const name = valueAt(raw, [...PATH, 'name']);
  const taken =
    typeof name === 'string' && TAKEN.includes(name)
      ? [{ path: [...PATH, 'name'], problem: 'is a destination of every plan', remedy: 'write another name' }]
      : [];
  const steps = listAt(raw, [...PATH, 'checks']).flatMap((check, i) =>
    typeof check === 'string' && Object.hasOwn(FALLBACK_STEPS, check)
      ? [
          {
            path: [...PATH, 'checks', i],
            problem: 'is a step of every fallback',
            remedy: 'give the check another name',
          },
        ]
      : [],
  );
  const unknown = environmentPaths(raw).flatMap((environment) => unknownChecks(raw, environment, [...PATH, 'checks']));
  // What is wrong in several environments is written once.
  return [...taken, ...new Map([...steps, ...unknown].map((finding) => [pathText(finding.path), finding])).values()];
}
