import { checkPlan } from '../../../../rules/plan/plan';
import { planHash } from '../../../../rules/plan/plan-hash';
import { environmentPlan } from '../../../../rules/plan/resolve';
import { PLAN_SHAPE, shapeProblem } from '../../../../rules/plan/shape';

/** A plain HTTP service that its team deploys by its own means. */
const SHOP = `
version: 1
service: checkout
flag: { parameter: '/checkout/{env}/rollout', salt: 'checkout-{env}' }
steps:
  - { percentage: 10, soak: 1h }
  - { percentage: 100, soak: 1h }
watch:
  interval: 1m
  alarms:
    - { name: 'checkout-5xx-{env}', onBreach: rollback }
environments:
  - name: prod
    aws: { account: '111111111111', region: eu-west-1 }
    windows: anytime
    approvals: { required: 0, starterMayApprove: true }
    checklist:
      - { id: rehearsed, text: The way back was rehearsed }
`;

const problemsOf = (text: string) => {
  const checked = checkPlan(text);
  return checked.ok ? [] : checked.problems;
};

describe('a plan without infrastructure', () => {
  it('is whole: it has one alarm and one parameter, and deploys nothing', () => {
    expect(problemsOf(SHOP)).toEqual([]);
    const checked = checkPlan(SHOP);
    const resolved = checked.ok ? environmentPlan(checked.plan, 'prod') : checked;
    if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
    const { plan } = resolved;
    expect(plan.infrastructure).toBeUndefined();
    expect(plan.deployment).toBeUndefined();
    expect(planHash(plan)).toMatch(/^[0-9a-f]{12}$/);
    // As it crosses Temporal.
    const sent: unknown = JSON.parse(JSON.stringify(plan));
    expect(shapeProblem(sent, PLAN_SHAPE, 'plan')).toBeUndefined();
    expect(planHash(sent as typeof plan)).toBe(planHash(plan));
  });

  it.each([
    '{ rolloutNeeds: deployed }',
    '{ checklist: [rehearsed] }',
    '{ approvals: { required: 1, starterMayApprove: true } }',
  ])('has no deployment %s to ask for', (deployment) => {
    const problems = problemsOf(`${SHOP}    deployment: ${deployment}\n`);
    expect(problems).toEqual([
      expect.objectContaining({
        path: 'environments[0].deployment',
        problem: expect.stringMatching(/no meaning without infrastructure/) as string,
        remedy: 'remove the key, or add infrastructure with app, directory and stacks to the plan',
      }),
    ]);
  });

  it('keeps no template that could prove an item of the checklist', () => {
    const text = SHOP.replace('text: The way back was rehearsed', '$&, proof: rollback-template-kept');
    expect(problemsOf(text).map(({ path }) => path)).toEqual(['environments[0].checklist[0].proof']);
  });

  it.each(['infrastructure:', 'infrastructure: []', 'infrastructure: {}'])('is not one with %j', (written) => {
    expect(problemsOf(`${SHOP}\n${written}\n`).length).toBeGreaterThan(0);
  });
});
