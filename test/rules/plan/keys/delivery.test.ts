import { PAVI_KEYS } from '../../../../pavi/flag';
import { WEIGHT } from '../../../../rules/delivery/weights';
import { flagPlaceIn } from '../../../../rules/plan/flag-place';
import { checkPlan } from '../../../../rules/plan/plan';
import { PLAN_SHAPE, shapeProblem } from '../../../../rules/plan/shape';
import { environmentPlan } from '../../../../rules/plan/resolve';
import { type Edit, editedText, problemsAfter } from '../broken-plan';

const beanstalk = { elasticBeanstalk: { environment: 'PAVI-api-{env}' } };
const ecs = { ecs: { cluster: 'pavi', service: 'api-{env}', container: 'api' } };
const alias = { function: 'checkout-{env}', alias: 'live', versions: { new: '7', old: '6' } };
const elb = (resource: string, region = 'us-east-1'): string =>
  `arn:aws:elasticloadbalancing:${region}:100225593120:${resource}`;
const balancer = {
  listenerRule: elb('listener-rule/app/shop/50dc6c495c0c9188/0467ef3c8400ae65/9683b2d02a6cabee'),
  targetGroups: { new: elb('targetgroup/shop-v2/73e2d6bc24d8a067'), old: elb('targetgroup/shop-v1/6d0ecf831eec9f09') },
};
const own = (to: unknown): Edit => ({ at: ['environments', 0, 'delivery'], to });
const shared = (to: unknown): Edit => ({ at: ['flag', 'delivery'], to });
/** dev and staging have no address of an API in the plan. */
const elsewhere: readonly Edit[] = [0, 1].map((i) => ({ at: ['environments', i, 'delivery'], to: 'none' }));

function resolved(text: string, environment: string) {
  const checked = checkPlan(text);
  const plan = checked.ok ? environmentPlan(checked.plan, environment) : checked;
  if (!plan.ok) throw new Error(JSON.stringify(plan.problems));
  // A workflow refuses an input of another shape.
  expect(shapeProblem(plan.plan, PLAN_SHAPE, 'plan')).toBeUndefined();
  return plan.plan;
}

describe('flag.delivery', () => {
  it("goes to Elastic Beanstalk by PAVI's names, and is reported where the verification asks", () => {
    const text = editedText(shared(beanstalk), ...elsewhere);
    expect(resolved(text, 'prod').delivery).toEqual({
      to: { kind: 'elastic-beanstalk', environment: 'PAVI-api-prod' },
      variables: PAVI_KEYS,
      report: { address: 'https://api.pavi.alliancegenome.org/api/health', instanceField: 'instance' },
      withinMs: 900_000,
    });
    expect(resolved(text, 'dev')).not.toHaveProperty('delivery');
    expect(resolved(text, 'prod').flag).toEqual({
      parameter: expect.any(String),
      salt: 'pavi-prod',
      format: PAVI_KEYS,
      sides: expect.anything(),
    });
  });

  it('goes to a Lambda alias by its versions, with no address to ask and with any share', () => {
    const plan = resolved(
      editedText(shared({ lambdaAlias: alias, within: '5m' }), { at: ['steps', 0, 'percentage'], to: 0.5 }),
      'dev',
    );
    expect(plan.delivery).toEqual({
      to: { kind: 'lambda-alias', ...alias, function: 'checkout-dev' },
      variables: WEIGHT,
      withinMs: 300_000,
    });
  });

  it('goes to the target groups of a listener rule, with no address to ask', () => {
    const plan = resolved(
      editedText(own({ loadBalancer: balancer }), { at: ['steps', 0, 'percentage'], to: 12.5 }),
      'dev',
    );
    expect(plan.delivery).toEqual({ to: { kind: 'load-balancer', ...balancer }, variables: WEIGHT, withinMs: 900_000 });
  });

  it('goes to ECS by names, address, field and bound of its own, in one environment', () => {
    const own = {
      ...{
        ecs: { cluster: 'pavi', service: 'api', container: 'web' },
        variables: { STEP_FUNCTIONS_ROLLOUT_PERCENTAGE: 'PERCENT' },
      },
      ...{ healthUrl: 'http://api/health', instanceField: 'task', within: '1h' },
    };
    const plan = resolved(editedText({ at: ['environments', 0, 'delivery'], to: own }), 'dev');
    expect(plan.delivery).toEqual({
      to: { kind: 'ecs', cluster: 'pavi', service: 'api', container: 'web' },
      variables: { ...PAVI_KEYS, percentage: 'PERCENT' },
      report: { address: 'http://api/health', instanceField: 'task' },
      withinMs: 3_600_000,
    });
  });

  it.each<[string, readonly Edit[], RegExp]>([
    ['no target', [shared({ within: '5m' }), ...elsewhere], /none of elasticBeanstalk, ecs, lambdaAlias, loadBalancer/],
    ['two targets', [shared({ ...beanstalk, ...ecs }), ...elsewhere], /has elasticBeanstalk and ecs/],
    ['an environment without an address', [shared(beanstalk), ...elsewhere.slice(1)], /no address .* of dev/],
    ['a name that all would share', [shared({ elasticBeanstalk: { environment: 'api' } }), ...elsewhere], /\{env\}/],
    [
      'a name too long',
      [shared({ elasticBeanstalk: { environment: `a${'b'.repeat(36)}{env}` } }), ...elsewhere],
      /allows 40/,
    ],
    [
      'a variable with a space',
      [shared({ ...ecs, variables: { USE_STEP_FUNCTIONS: 'A B' } }), ...elsewhere],
      /environment variable/,
    ],
    ['a variable for no key', [shared({ ...ecs, variables: { use: 'USE' } }), ...elsewhere], /is no key of the flag/],
    ['an alias by its version', [shared({ lambdaAlias: { ...alias, alias: '7' } })], /not only digits/],
    [
      'one version twice',
      [shared({ lambdaAlias: { ...alias, versions: { new: '7', old: '7' } } })],
      /one version twice/,
    ],
    [
      'the latest version',
      [shared({ lambdaAlias: { ...alias, versions: { new: '$LATEST', old: '6' } } })],
      /published/,
    ],
    ['two targets', [shared({ ...ecs, lambdaAlias: alias })], /has ecs and lambdaAlias/],
    [
      'a rule of another region',
      [own({ loadBalancer: { ...balancer, listenerRule: balancer.listenerRule.replace('us-east-1', 'eu-west-1') } })],
      /is in eu-west-1, account 100225593120, and the environment in us-east-1/,
    ],
    ['one rule for all environments', [shared({ loadBalancer: balancer })], /one rule for more than one environment/],
    [
      'one target group twice',
      [
        own({
          loadBalancer: { ...balancer, targetGroups: { ...balancer.targetGroups, old: balancer.targetGroups.new } },
        }),
      ],
      /one target group twice/,
    ],
    [
      'the rule of a network load balancer',
      [own({ loadBalancer: { ...balancer, listenerRule: balancer.listenerRule.replace('/app/', '/net/') } })],
      /rule of an Application Load Balancer/,
    ],
    [
      'a target group by its name',
      [own({ loadBalancer: { ...balancer, targetGroups: { ...balancer.targetGroups, new: 'shop-v2' } } })],
      /must be the ARN of a target group/,
    ],
    [
      'a share that no two weights give',
      [own({ loadBalancer: balancer }), { at: ['steps', 0, 'percentage'], to: 0.01 }],
      /two weights from 0 to 999 cannot express/,
    ],
    ['an unknown key', [shared({ ...ecs, wihtin: '5m' }), ...elsewhere], /unknown key/],
    ['a bound of no time', [shared({ ...ecs, within: '1s' }), ...elsewhere], /from 5s to 1d/],
    ['a fraction', [shared(ecs), ...elsewhere, { at: ['steps', 0, 'percentage'], to: 12.5 }], /whole number/],
    ['a word that is none', [{ at: ['environments', 0, 'delivery'], to: 'nowhere' }], /must be/],
  ])('is a problem with %s', (_name, edits, problem) => {
    const problems = problemsAfter(...edits);
    expect(problems.map((one) => `${one.path}: ${one.problem}`).join('\n')).toMatch(problem);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.remedy).not.toBe('');
  });

  it('does not block the way to the flag when it is broken', () => {
    expect(flagPlaceIn(editedText(shared('broken')), 'prod')).toMatchObject({ flag: { salt: 'pavi-prod' } });
  });
});
