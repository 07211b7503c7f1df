import { z } from 'zod';
import { HOOK_MOMENTS, type HookMoment, type Hooks } from '../../checks/hooks';
import type { Probe } from '../environment-plan';
import { type Finding, listAt, valueAt } from '../problems/plan-problem';
import { environmentPaths } from '../problems/places';
import { type Path, pathText } from '../problems/problems';
import { key } from '../problems/schema-key';
import { withoutUndefined } from '../without-undefined';
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

const WHEN: Readonly<Record<HookMoment, string>> = {
  'confirm-rollout': 'Before checklist, probe and the first raise',
  'pre-rollout': 'Before the first raise, when every other gate is open',
  rollout: 'At each percentage, as its soak begins; the next raise, and the end, wait for them',
  'confirm-traffic-increase': 'Before each raise, when every other gate is open',
  'confirm-promotion': 'Before the raise to the last percentage, after all others',
};

const moment = (name: HookMoment) => checkNames(`${WHEN[name]}: checks of this plan that must say yes.`).optional();

/** `hooks`, of all environments or of one. */
export const hooksSchema = key(
  z.strictObject({
    'confirm-rollout': moment('confirm-rollout'),
    'pre-rollout': moment('pre-rollout'),
    rollout: moment('rollout'),
    'confirm-traffic-increase': moment('confirm-traffic-increase'),
    'confirm-promotion': moment('confirm-promotion'),
  }),
  {
    is: 'Checks that other systems answer at moments of the rollout. The rollout waits until each says yes; one that does not answer holds the rollout.',
    remedy: 'write `{ confirm-promotion: [business-agrees] }`',
  },
);

/** The probe of the plan is asked in every environment without one of its own. */
export function probeFindings(raw: unknown): readonly Finding[] {
  const found = environmentPaths(raw).flatMap((environment) => {
    const own: Path = [...environment, 'probe'];
    const path: Path = valueAt(raw, own) === undefined ? ['probe'] : own;
    return unknownChecks(raw, environment, [...path, 'checks']);
  });
  return once(found);
}

/** A moment of the plan's hooks counts in every environment that has none of its own for it. */
export function hooksFindings(raw: unknown): readonly Finding[] {
  const found = environmentPaths(raw).flatMap((environment) =>
    HOOK_MOMENTS.flatMap((name) => {
      const own: Path = [...environment, 'hooks', name];
      const path = valueAt(raw, own) === undefined ? ['hooks', name] : own;
      return [...unknownChecks(raw, environment, path), ...namedAsItems(raw, environment, path)];
    }),
  );
  return once(found);
}

/** `checklist --tick NAME` would tick the item, and the hook would wait on. */
function namedAsItems(raw: unknown, environment: Path, path: Path): readonly Finding[] {
  const items = listAt(raw, [...environment, 'checklist']).map((item) => valueAt(item, ['id']));
  return listAt(raw, path).flatMap((name, i) =>
    items.includes(name)
      ? [
          {
            path: [...path, i],
            problem: 'is also the id of a checklist item',
            remedy: 'give the check or the item another name',
          },
        ]
      : [],
  );
}

/** What is wrong in several environments is written once. */
const once = (found: readonly Finding[]): readonly Finding[] => [
  ...new Map(found.map((finding) => [pathText(finding.path), finding])).values(),
];

type Written = z.infer<typeof probeSchema>;

/** The environment's own probe in place of the plan's. */
export const resolvedProbe = (ofPlan?: Written, own?: Written): Probe | undefined => own ?? ofPlan;

type WrittenHooks = z.infer<typeof hooksSchema>;

/** Each moment of the environment in place of the plan's; undefined when there are none. */
export function resolvedHooks(ofPlan: WrittenHooks = {}, own: WrittenHooks = {}): Hooks | undefined {
  const hooks = withoutUndefined({ ...ofPlan, ...withoutUndefined(own) });
  return Object.keys(hooks).length === 0 ? undefined : hooks;
}
