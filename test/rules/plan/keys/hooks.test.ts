import { checksAsked } from '../../../../rules/checks/asked';
import { checkPlan } from '../../../../rules/plan/plan';
import { environmentPlan } from '../../../../rules/plan/resolve';
import { editedText, problemsAfter } from '../broken-plan';

const health = { http: { url: 'https://example.org/{env}', method: 'POST' } };
const checks = { at: ['checks', 'gate'], to: health };

function planOf(text: string, environment: string) {
  const checked = checkPlan(text);
  const resolved = checked.ok ? environmentPlan(checked.plan, environment) : checked;
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
  return resolved.plan;
}

it('hooks name checks for moments; an environment changes each moment for itself', () => {
  const text = editedText(
    checks,
    { at: ['hooks'], to: { rollout: ['gate'], 'confirm-promotion': ['gate'] } },
    { at: ['environments', 0, 'checks'], to: { own: health } },
    { at: ['environments', 0, 'hooks'], to: { rollout: ['own'] } },
  );
  expect(planOf(text, 'prod').hooks).toEqual({ rollout: ['gate'], 'confirm-promotion': ['gate'] });
  const dev = planOf(text, 'dev');
  expect(dev.hooks).toEqual({ rollout: ['own'], 'confirm-promotion': ['gate'] });
  const askedBy = checksAsked(dev).map(({ name, askedBy: by }) => [name, by]);
  expect(askedBy).toEqual(
    expect.arrayContaining([
      ['own', ['hook rollout']],
      ['gate', ['hook confirm-promotion']],
    ]),
  );
  expect(planOf(editedText(), 'prod').hooks).toBeUndefined();
});

it.each([
  ['an unknown check', { rollout: ['gte'] }, /^hooks\.rollout\[0\] is no check of this plan: write gate/],
  ['an unknown moment', { 'post-rollout': ['gate'] }, /post-rollout/],
  ['no check', { rollout: [] }, /^hooks\.rollout must name at least one check/],
])('%s is a problem with a remedy', (_what, to, said) => {
  const problems = problemsAfter(checks, { at: ['hooks'], to });
  expect(problems.map(({ path, problem, remedy }) => `${path} ${problem}: ${remedy}`)).toEqual([
    expect.stringMatching(said),
  ]);
});

it('a check with the name of a checklist item is none that a person can vouch for', () => {
  const items = { at: ['environments', 0, 'checklist'], to: [{ id: 'gate', text: 'The gate is open' }] };
  const problems = problemsAfter(checks, { at: ['hooks'], to: { rollout: ['gate'] } }, items);
  expect(problems).toEqual([
    expect.objectContaining({ path: 'hooks.rollout[0]', problem: 'is also the id of a checklist item' }),
  ]);
});
