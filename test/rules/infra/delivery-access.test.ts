import type { DeliveryPlace } from '../../../infra/delivery-access';
import { prod } from '../../../infra/pavi/environments';
import { RolloutAccessStack } from '../../../infra/pavi/access-stack';
import { accessNames } from '../../../infra/rollout-access';
import { DELIVERY_ACTIONS } from '../../../infra/delivery-access';
import { WEIGHT } from '../../../rules/delivery/weights';
import { workerPolicy } from '../../../rules/plan/worker-policy';
import { allows, askedByTheWorker, type Statement, statementsIn } from '../../helpers/infra/policies';
import { aPlan } from '../../helpers/samples/plans';
import { anApp } from '../../helpers/infra/an-app';
import { templateOf } from '../../helpers/infra/template-of';

const roles = ['task', 'execution'].map((name) => `arn:aws:iam::${prod.account}:role/pavi-api-${name}`);
const places = {
  ecs: { kind: 'ecs', cluster: 'pavi', service: 'pavi-api-prod', family: 'pavi-api', roles },
  'elastic-beanstalk': { kind: 'elastic-beanstalk', application: 'PAVI-api', environment: 'PAVI-api-prod' },
} as const;
const KINDS = [
  ['ecs', 'ecs'],
  ['elastic-beanstalk', 'elasticbeanstalk'],
] as const;

function workerOf(delivery?: DeliveryPlace): readonly Statement[] {
  const props = delivery === undefined ? prod : { ...prod, delivery };
  return statementsIn(templateOf(new RolloutAccessStack(anApp(), 'Access', props)), accessNames('pavi', 'prod').worker);
}

const without = new Set(workerOf().map((statement) => JSON.stringify(statement)));
/** What a delivery adds. */
const added = (delivery: DeliveryPlace): readonly Statement[] =>
  workerOf(delivery).filter((statement) => !without.has(JSON.stringify(statement)));
const asked = (): readonly string[] => [...new Set(askedByTheWorker().map(([action]) => action))].toSorted();
const arn = (service: string, resource: string): string => `arn:aws:${service}:us-east-1:${prod.account}:${resource}`;

describe('a worker that delivers the flags as environment variables', () => {
  it.each(KINDS)('may do all that its code asks of %s, and exactly what the list of rights says', (kind, service) => {
    const asked = askedByTheWorker().filter(([action]) => action.startsWith(`${service}:`));
    expect(asked.length).toBeGreaterThan(4);
    expect(asked.filter(([action]) => !allows(added(places[kind]), action))).toEqual([]);
    const actions = added(places[kind]).flatMap(({ Action }) => Action);
    expect(actions.toSorted()).toEqual([...DELIVERY_ACTIONS[kind]].toSorted());
    // What is no call of its own: what a new revision of a task definition needs beside it.
    const uncalled = DELIVERY_ACTIONS[kind].filter((action) => !asked.some(([one]) => one === action));
    expect(uncalled).toEqual(kind === 'ecs' ? ['ecs:TagResource', 'iam:PassRole'] : []);
  });

  it('may read and change the aliases of one Lambda function, and invoke none', () => {
    const actions = ['lambda:GetAlias', 'lambda:UpdateAlias'];
    expect(asked()).toEqual(expect.arrayContaining(actions));
    expect(added({ kind: 'lambda-alias', function: 'checkout' })).toEqual([
      { Effect: 'Allow', Action: actions, Resource: [arn('lambda', 'function:checkout')] },
    ]);
  });

  it('may change one listener rule, and read what AWS cannot narrow', () => {
    const reading = ['elasticloadbalancing:DescribeRules', 'elasticloadbalancing:DescribeTargetHealth'];
    const actions = [...reading, 'elasticloadbalancing:ModifyRule'];
    expect(asked().filter((action) => action.startsWith('elasticloadbalancing:'))).toEqual(actions);
    const listenerRule = arn('elasticloadbalancing', 'listener-rule/app/shop/1/2/3');
    expect(added({ kind: 'load-balancer', listenerRule })).toEqual([
      { Effect: 'Allow', Action: reading, Resource: ['*'] },
      { Effect: 'Allow', Action: ['elasticloadbalancing:ModifyRule'], Resource: [listenerRule] },
    ]);
  });

  it.each([
    { kind: 'lambda-alias', function: 'checkout', alias: 'live', versions: { new: '7', old: '6' } },
    {
      kind: 'load-balancer',
      listenerRule: arn('elasticloadbalancing', 'listener-rule/app/shop/1/2/3'),
      targetGroups: { new: 'new', old: 'old' },
    },
  ] as const)('has the same rights in the policy that `rollout init` and `rollout setup` print: $kind', (to) => {
    const plan = aPlan({ aws: { account: prod.account, region: 'us-east-1' } });
    const delivery = { to, variables: WEIGHT, withinMs: 1 };
    const printed = workerPolicy({ ...plan, delivery }).Statement.slice(workerPolicy(plan).Statement.length);
    expect(printed).toEqual(added(to));
    expect(printed.flatMap(({ Action }) => Action).length).toBeGreaterThan(1);
  });

  it('may change one Elastic Beanstalk environment, and look at no other', () =>
    expect(added(places['elastic-beanstalk'])).toEqual([
      {
        Effect: 'Allow',
        Action: DELIVERY_ACTIONS['elastic-beanstalk'],
        Resource: [arn('elasticbeanstalk', 'environment/PAVI-api/PAVI-api-prod')],
      },
    ]));

  it('may change one ECS service, by revisions of one family, whose roles it may hand to tasks only', () => {
    const revisions = [arn('ecs', 'task-definition/pavi-api:*')];
    expect(added(places.ecs)).toEqual([
      {
        Effect: 'Allow',
        Action: ['ecs:DescribeServices', 'ecs:UpdateService'],
        Resource: [arn('ecs', 'service/pavi/pavi-api-prod')],
      },
      { Effect: 'Allow', Action: ['ecs:DescribeTaskDefinition'], Resource: ['*'] },
      { Effect: 'Allow', Action: ['ecs:RegisterTaskDefinition'], Resource: revisions },
      {
        Effect: 'Allow',
        Action: ['ecs:ListTasks'],
        Resource: ['*'],
        Condition: { ArnEquals: { 'ecs:cluster': arn('ecs', 'cluster/pavi') } },
      },
      {
        Effect: 'Allow',
        Action: ['ecs:TagResource'],
        Resource: revisions,
        Condition: { StringEquals: { 'ecs:CreateAction': 'RegisterTaskDefinition' } },
      },
      {
        Effect: 'Allow',
        Action: ['iam:PassRole'],
        Resource: roles,
        Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
      },
    ]);
  });

  it('may hand over no role where the task definition names none', () => {
    const actions = added({ ...places.ecs, roles: [] }).flatMap(({ Action }) => Action);
    expect(actions).not.toContain('iam:PassRole');
  });

  it.each(KINDS)('has a policy that IAM takes, of 6,144 characters at most, also with %s', (kind) =>
    expect(JSON.stringify(workerOf(places[kind])).length).toBeLessThan(6_144),
  );
});

it('gives a worker of an environment that names no delivery no right of one', () => {
  const actions = workerOf().flatMap(({ Action }) => Action);
  expect(
    actions.filter((action) => /^(ecs|elasticbeanstalk|elasticloadbalancing):|^iam:PassRole$/.test(action)),
  ).toEqual([]);
});
