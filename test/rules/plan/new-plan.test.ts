import fc from 'fast-check';
import { newPlan, type NewPlan, withPlaceholder } from '../../../rules/plan/new-plan';
import { checkPlan } from '../../../rules/plan/plan';
import { planProblems } from '../../../rules/plan/problems/problems';
import { environmentPlan } from '../../../rules/plan/resolve';
import { workerPolicy } from '../../../rules/plan/worker-policy';

const answers: NewPlan = {
  service: 'checkout',
  environments: ['staging', 'prod'],
  aws: { account: '111111111111', region: 'eu-west-1' },
  parameter: '/checkout/{env}/rollout',
  alarms: ['checkout-5xx-prod'],
  schema: 'https://example.org/plan.schema.json',
};

function planOf(changes: Partial<NewPlan>, environment: string) {
  const checked = checkPlan(newPlan({ ...answers, ...changes }));
  if (!checked.ok) throw new Error(planProblems('rollout.yaml', checked.problems));
  const resolved = environmentPlan(checked.plan, environment);
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
  return resolved.plan;
}

describe('a new plan', () => {
  it.each<[string, Partial<NewPlan>, string, object]>([
    ['names its alarms for each environment', {}, 'staging', { watch: { alarms: [{ name: 'checkout-5xx-staging' }] } }],
    ['asks for the alarm as it is called', {}, 'prod', { watch: { alarms: [{ name: 'checkout-5xx-prod' }] } }],
    [
      'keeps an alarm that names no environment',
      { alarms: ['CheckoutErrors', 'slow-{env}'] },
      'prod',
      { watch: { alarms: [{ name: 'CheckoutErrors' }, { name: 'slow-prod' }] } },
    ],
    [
      'names an alarm of two environments once',
      { alarms: ['5xx-staging', '5xx-prod'] },
      'staging',
      { watch: { alarms: [{ name: '5xx-staging' }] } },
    ],
    ['has the parameter', { parameter: '/shop/prod/flag' }, 'staging', { flag: { parameter: '/shop/staging/flag' } }],
    ['may use a profile', { aws: { ...answers.aws, profile: "o'hara" } }, 'prod', { aws: { profile: "o'hara" } }],
    ['quotes what YAML reads otherwise', { service: 'no', environments: ['on'] }, 'on', { service: 'no' }],
    ['deploys nothing', {}, 'prod', { infrastructure: undefined, deployment: undefined }],
  ])('%s', (_case, changes, environment, plan) => {
    expect(planOf(changes, environment)).toMatchObject(plan);
  });

  it('has a comment for every key, and names its schema to editors', () => {
    const lines = newPlan(answers).split('\n');
    expect(lines[0]).toBe('# yaml-language-server: $schema=https://example.org/plan.schema.json');
    const keys = lines.filter((line) => /^ *[a-zA-Z]+:/.test(line));
    expect(keys.filter((line) => !line.includes(' # '))).toEqual([]);
  });

  it.each<[string, Partial<NewPlan>, RegExp]>([
    ['a service', { service: 'Check Out' }, /^f:5:\d+ service is 'Check Out': must be lower-case.*; write a name/],
    ['an account', { aws: { ...answers.aws, account: '12' } }, /aws\.account is '12': must be 12 digits/],
    ['a region', { aws: { ...answers.aws, region: 'Ireland' } }, /aws\.region is 'Ireland': must be the name/],
    ['a parameter', { parameter: '/checkout' }, /flag\.parameter is '\/checkout': must contain \{env\}/],
    ['an environment', { environments: ['Prod'] }, /environments\[0\]\.name is 'Prod'/],
    ['an environment twice', { environments: ['prod', 'prod'] }, /environments\[1\]\.name is prod: is already/],
  ])('is refused for %s that a plan cannot have, with what to write', (_case, changes, problem) => {
    const checked = checkPlan(newPlan({ ...answers, ...changes }));
    expect(checked.ok ? '' : planProblems('f', checked.problems)).toMatch(problem);
  });

  it('is always readable, and is the plan that was asked for, whatever is typed', () => {
    const typed = fc.string({ minLength: 1, unit: 'grapheme' });
    fc.assert(
      fc.property(
        typed,
        typed,
        typed,
        fc.array(typed, { minLength: 1, maxLength: 3 }),
        (service, profile, env, alarms) => {
          const aws = { ...answers.aws, profile };
          const text = newPlan({ ...answers, service, aws, environments: [env], alarms });
          const checked = checkPlan(text);
          if (!checked.ok) expect(checked.problems.filter(({ path }) => path === '')).toEqual([]);
          else expect(checked.plan).toMatchObject({ service, environments: [{ name: env, aws }] });
        },
      ),
    );
  });
});

it.each([
  ['checkout-5xx-prod', ['prod'], 'checkout-5xx-{env}'],
  ['prod/checkout/prod', ['prod'], '{env}/checkout/{env}'],
  ['production-5xx', ['prod'], 'production-5xx'],
  ['5xx-eu-prod', ['prod', 'eu-prod'], '5xx-{env}'],
  ['a-{env}-prod', ['prod'], 'a-{env}-prod'],
  ['a.b-5xx', ['a.b'], '{env}-5xx'],
])('the placeholder in %s for %j makes %s', (text, environments, expected) => {
  expect(withPlaceholder(text, environments)).toBe(expected);
});

it('the policy of its worker names its own parameters and queue, in the partition of the region', () => {
  const { Statement } = workerPolicy(planOf({ aws: { account: '111111111111', region: 'us-gov-west-1' } }, 'prod'));
  const resources = Statement.flatMap(({ Resource }) => Resource);
  const ssm = 'arn:aws-us-gov:ssm:us-gov-west-1:111111111111:parameter';
  for (const name of ['/checkout/prod/rollout', '/checkout/prod/rollout-owner', '/checkout/prod/rollout-freezes'])
    expect(resources).toContain(`${ssm}${name}`);
  expect(resources).toContain('arn:aws-us-gov:sqs:us-gov-west-1:111111111111:checkout-rollout-alarms-prod');
});
