import type { AwsTarget, EnvironmentPlan } from '../../../../rules/plan/environment-plan';
import { alarmQueuesOf, countersOf, receiversOf } from '../../../../rules/rollout/outside/alarm-queues';
import { aPlan } from '../../../helpers/samples/plans';

const HERE = { account: '111111111111', region: 'us-east-1' };

const planOf = (
  environment: string,
  {
    queue,
    alarms = [],
    aws = HERE,
  }: { queue?: string; alarms?: readonly (string | [string, AwsTarget])[]; aws?: AwsTarget },
): EnvironmentPlan => {
  const plan = aPlan({ service: 'shop', environment, aws });
  const watched = alarms.map((alarm) => {
    const [name, elsewhere] = typeof alarm === 'string' ? [alarm, undefined] : alarm;
    return { name, onBreach: 'rollback' as const, aws: elsewhere };
  });
  return { ...plan, watch: { ...plan.watch, pushQueue: queue, alarms: watched } };
};
const environments = (plans: readonly EnvironmentPlan[]) => plans.map(({ environment }) => environment);

describe('the queues that a worker listens to', () => {
  it('are one for all environments of an account and region that name it, and none without a name', () => {
    const plans = [
      planOf('dev', {}),
      planOf('staging', { queue: 'all' }),
      planOf('prod', { queue: 'all' }),
      planOf('own', { queue: 'own' }),
      planOf('other-region', { queue: 'all', aws: { ...HERE, region: 'eu-west-1' } }),
      planOf('other-account', { queue: 'all', aws: { ...HERE, account: '222222222222' } }),
      planOf('other-profile', { queue: 'all', aws: { ...HERE, profile: 'ops' } }),
    ];
    expect(alarmQueuesOf(plans).map((queue) => [queue.name, environments(queue.plans)])).toEqual([
      ['all', ['staging', 'prod']],
      ['own', ['own']],
      ['all', ['other-region']],
      ['all', ['other-account']],
      ['all', ['other-profile']],
    ]);
  });
});

describe('an alarm change of a queue that environments share', () => {
  const plans = [
    planOf('staging', { queue: 'all', alarms: ['5xx-staging', 'database'] }),
    planOf('prod', { queue: 'all', alarms: ['5xx-prod', 'database', ['edge', { ...HERE, region: 'eu-west-1' }]] }),
  ];
  const [queue] = alarmQueuesOf(plans);
  const arnOf = (region: string) => `arn:aws:cloudwatch:${region}:111111111111:alarm:edge`;

  it.each<[string, { alarm: string; arn?: string }, readonly string[]]>([
    ['goes to the environment that watches the alarm', { alarm: '5xx-prod' }, ['prod']],
    ['goes to each that watches it', { alarm: 'database' }, ['staging', 'prod']],
    ["goes to the environment whose dead man's alarm it is", { alarm: 'shop-rollout-unwatched-staging' }, ['staging']],
    ['goes to none when no plan watches it', { alarm: 'cart' }, []],
    ['goes to none when its alarm has that name in another region', { alarm: 'edge', arn: arnOf('us-east-1') }, []],
    ['goes to the one of its account and region', { alarm: 'edge', arn: arnOf('eu-west-1') }, ['prod']],
  ])('%s', (_name, change, expected) => {
    expect(queue && environments(receiversOf(queue, change))).toEqual(expected);
  });

  it('goes to the only environment of a queue, whose rollout may have begun with other alarms', () => {
    const [own] = alarmQueuesOf([planOf('prod', { queue: 'own', alarms: [] })]);
    expect(own && environments(receiversOf(own, { alarm: 'any' }))).toEqual(['prod']);
  });
});

describe('an execution that failed', () => {
  const counts = (environment: string, stateMachine: string, aws?: AwsTarget): EnvironmentPlan => {
    const plan = planOf(environment, { queue: 'all' });
    const named = { name: 'jobs', kind: 'executions', onBreach: 'rollback', userErrors: [], breach: {} } as const;
    return { ...plan, watch: { ...plan.watch, guards: [{ ...named, stateMachine, aws }] } };
  };
  const [queue] = alarmQueuesOf([
    counts('staging', 'orders'),
    counts('prod', 'orders'),
    counts('cart', 'cart'),
    counts('far', 'orders', { ...HERE, region: 'eu-west-1' }),
  ]);
  const ended = { ...HERE, execution: 'job-1', status: 'FAILED', atMs: 7 } as const;

  it.each<[string, { stateMachine: string; region?: string; account?: string }, readonly string[]]>([
    ['goes to each that counts the state machine', { stateMachine: 'orders' }, ['staging', 'prod']],
    ['goes to the one that counts it in another region', { stateMachine: 'orders', region: 'eu-west-1' }, ['far']],
    ['goes to none of another account', { stateMachine: 'orders', account: '222222222222' }, []],
    ['goes to none when no guard counts it', { stateMachine: 'other' }, []],
  ])('%s', (_name, where, expected) => {
    expect(queue && environments(countersOf(queue, { ...ended, ...where }))).toEqual(expected);
  });
});
