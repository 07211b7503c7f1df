import fc from 'fast-check';
import { zeroByHand } from '../../../rules/delivery/manual-zero';
import { nextOnBeanstalk } from '../../../rules/delivery/beanstalk';
import { otherThan, placeWords } from '../../../rules/delivery/delivery';
import {
  aliasWeights,
  nextGroups,
  ruleSettings,
  ruleWeightsFor,
  settingsFor,
  unhealthyGroup,
  WEIGHT,
} from '../../../rules/delivery/weights';
import { PAVI_KEYS } from '../../../pavi/flag';
import { asksFor, judgeReports, type Report } from '../../../rules/delivery/reports';
import { variablesIn, withVariables } from '../../../rules/delivery/task-definition';

const ready = { status: 'Ready', abortable: false, deployed: { PCT: '25' } };
const wanted = { PCT: '0' };

describe('nextOnBeanstalk', () => {
  it.each([
    ['sets what differs', ready, 0, 'update'],
    ['does nothing when all is set', { ...ready, deployed: { PCT: '0', OTHER: 'x' } }, 0, 'nothing'],
    ['sets what is not there', { ...ready, deployed: {} }, 0, 'update'],
    ['ends any other update for 0 %', { ...ready, status: 'Updating', abortable: true }, 0, 'abort'],
    ['ends a raise under way', { ...ready, status: 'Updating', abortable: true, pending: { PCT: '50' } }, 0, 'abort'],
    [
      'lets the update go on that brings 0 %',
      { ...ready, status: 'Updating', abortable: true, pending: wanted },
      0,
      'wait',
    ],
    ['waits for what cannot be ended', { ...ready, status: 'Updating' }, 0, 'wait'],
    ['waits for an abort', { ...ready, status: 'Aborting', pending: wanted }, 0, 'wait'],
    ['waits with a raise for anything else', { ...ready, status: 'Updating', abortable: true }, 25, 'wait'],
    ['waits with a raise for a launch', { ...ready, status: 'Launching' }, 25, 'wait'],
  ] as const)('%s', (_name, found, percentage, expected) => {
    expect(nextOnBeanstalk(found, wanted, percentage).do).toBe(expected);
  });
});

describe('the variables of a task definition', () => {
  const containers = [
    {
      name: 'api',
      environment: [
        { name: 'A', value: '1' },
        { name: 'PCT', value: '25' },
      ],
    },
    { name: 'sidecar', environment: [{ name: 'PCT', value: '25' }] },
  ];

  it('are changed in one container only, and kept where they are right already', () => {
    const changed = withVariables(containers, 'api', wanted);
    expect(changed.map((one) => variablesIn([one], one.name))).toEqual([{ A: '1', PCT: '0' }, { PCT: '25' }]);
    expect(withVariables(changed, 'api', wanted)).toBe(changed);
    expect(variablesIn(containers, 'nobody')).toBeUndefined();
    expect(otherThan(wanted, {})).toEqual(['PCT is not set']);
  });
});

describe('judgeReports', () => {
  const says = (ok: boolean, instance?: string): Report => ({
    ok,
    why: ok ? 'up' : 'at 25 %',
    instance,
  });
  const judged = (instances: string[], reports: Report[], more: object = {}) =>
    judgeReports({ instances, reports, desired: instances.length, settled: true, percentage: 0, ...more });

  it.each([
    ['all of them', ['a', 'b'], [says(true, 'a'), says(true, 'b')], {}, [2, 2, true]],
    ['the newest answer of each', ['a'], [says(false, 'a'), says(true, 'a')], {}, [1, 1, true]],
    ['one that says something else', ['a', 'b'], [says(true, 'a'), says(false, 'b')], {}, [1, 2, false]],
    ['one that was not heard', ['a', 'b'], [says(true, 'a'), says(true, 'a')], {}, [1, 2, false]],
    ['the only one, which has no name', ['a'], [says(true)], {}, [1, 1, true]],
    ['several without a name', ['a', 'b'], [says(true), says(true), says(true)], {}, [0, 2, false]],
    ['one unknown to AWS', ['a'], [says(true, 'z')], {}, [0, 1, false]],
    ['one that has not started', ['a'], [says(true, 'a')], { desired: 2 }, [1, 2, false]],
    ['AWS still at work', ['a'], [says(true, 'a')], { settled: 'being set' }, [1, 1, false]],
    ['nobody, at 0 %', [], [], { desired: 0 }, [0, 0, true]],
    ['nobody, at 25 %', [], [], { desired: 0, percentage: 25 }, [0, 0, false]],
  ] as const)('counts %s', (...[, instances, reports, more, [reporting, of, complete]]) => {
    const found = judged([...instances], [...reports], more);
    expect(found).toMatchObject({ reporting, of, complete });
    expect(found.why).not.toBe('');
  });

  it('never counts a delivery whose instances did not all say so themselves', () => {
    const id = fc.constantFrom('a', 'b', 'c', 'd');
    const report = fc.record({ instance: fc.option(id, { nil: undefined }), ok: fc.boolean(), why: fc.constant('x') });
    fc.assert(
      fc.property(fc.uniqueArray(id), fc.array(report), fc.nat({ max: 5 }), (instances, reports, desired) => {
        const found = judgeReports({ instances, reports, desired, settled: true, percentage: 10 });
        if (!found.complete) return;
        expect(instances.length).toBeGreaterThanOrEqual(Math.max(1, desired));
        for (const each of instances) {
          const own = reports.filter(
            ({ instance }) => instance === each || (instance === undefined && instances.length === 1),
          );
          expect(own.at(-1)?.ok).toBe(true);
        }
      }),
    );
    expect(asksFor(0)).toBeGreaterThan(0);
  });
});

describe('the weights of a Lambda alias', () => {
  const to = { kind: 'lambda-alias', function: 'f', alias: 'a', versions: { new: '7', old: '6' } } as const;

  it('are read back as the percentage that was set', () => {
    const percentages = fc.integer({ min: 1, max: 10_000 }).map((hundredths) => hundredths / 100);
    fc.assert(
      fc.property(percentages, (percentage) => {
        const wanted = settingsFor({ to, variables: WEIGHT }, percentage);
        expect(otherThan(wanted, aliasWeights(to, '6', { '7': percentage / 100 }))).toEqual([]);
      }),
    );
  });

  it.each([
    ['6', {}, { weight: '0', version: '6' }],
    ['7', {}, { weight: '100', version: '7' }],
    ['7', { '6': 0.25 }, { weight: '75', version: '7' }],
    ['9', { '7': 0.5 }, { weight: '50', version: '9' }],
    ['6', { '9': 0.5 }, { weight: '0', version: '6 and 9' }],
  ])('of version %s with %j are %j', (version, weights, settings) => {
    expect(aliasWeights(to, version, weights)).toEqual(settings);
  });

  it('are right at 0 % behind any version but the new one', () => {
    const zero = settingsFor({ to, variables: WEIGHT }, 0);
    expect(otherThan(zero, aliasWeights(to, '9', {}))).toEqual([]);
    expect(otherThan(zero, aliasWeights(to, '7', {}))).toEqual(['weight is 100']);
  });
});

describe('the weights of a listener rule', () => {
  const arn = (name: string): string => `arn:aws:elasticloadbalancing:eu-west-1:111111111111:targetgroup/${name}/0a`;
  const to = {
    kind: 'load-balancer',
    listenerRule: 'arn:aws:elasticloadbalancing:eu-west-1:111111111111:listener-rule/app/shop/1/2/3',
    targetGroups: { new: arn('v2'), old: arn('v1') },
  } as const;
  const group = (name: string, Weight?: number) => ({ TargetGroupArn: arn(name), Weight });

  it('are whole numbers up to 999 that give a percentage of one decimal exactly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), (tenths) => {
        const percentage = tenths / 10;
        const weights = ruleWeightsFor(percentage);
        if (weights === undefined) throw new Error(`no weights for ${percentage}`);
        for (const weight of Object.values(weights)) {
          expect(Number.isInteger(weight)).toBe(true);
          expect(weight >= 0 && weight <= 999).toBe(true);
        }
        const groups = nextGroups(to, [group('v1', 1)], weights);
        const wanted = settingsFor({ to, variables: WEIGHT }, percentage);
        expect(otherThan(wanted, ruleSettings(to, groups))).toEqual([]);
      }),
    );
    expect([0, 25, 12.5, 12.25, 100].map(ruleWeightsFor)).toEqual([
      { new: 0, old: 100 },
      { new: 25, old: 75 },
      { new: 125, old: 875 },
      { new: 49, old: 351 },
      { new: 100, old: 0 },
    ]);
    expect(ruleWeightsFor(0.01)).toBeUndefined();
  });

  it('leave the new target group nothing at 0 %, keep what others have, and send the traffic somewhere', () => {
    const some = fc.uniqueArray(
      fc.record({ TargetGroupArn: fc.constantFrom('v1', 'v2', 'v3', 'v4').map(arn), Weight: fc.nat({ max: 999 }) }),
      { selector: ({ TargetGroupArn }) => TargetGroupArn, minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(some, (groups) => {
        const next = nextGroups(to, groups, { new: 0, old: 100 });
        expect(next.reduce((sum, { Weight = 1 }) => sum + Weight, 0)).toBeGreaterThan(0);
        expect(otherThan(settingsFor({ to, variables: WEIGHT }, 0), ruleSettings(to, next))).toEqual([]);
        const ours: readonly string[] = Object.values(to.targetGroups);
        const strangers = groups.filter(({ TargetGroupArn }) => !ours.includes(TargetGroupArn));
        expect(next).toEqual(expect.arrayContaining(strangers));
      }),
    );
  });

  it.each([
    [[group('v1')], { weight: '0', rest: 'v1' }],
    [[group('v1', 0), group('v2', 1)], { weight: '100', rest: 'v1' }],
    [[group('v2')], { weight: '100', rest: 'nothing else' }],
    [[group('v1', 3), group('v2', 1), group('v3', 0)], { weight: '25', rest: 'v1' }],
    [[group('v3', 1), group('v2', 1), group('v1', 0)], { weight: '50', rest: 'v1 and v3' }],
    [[group('v1', 0), group('v2', 0)], { weight: undefined, rest: 'v1' }],
    [undefined, { weight: '0', rest: 'nothing: it does not forward' }],
  ])('of %j are %j', (groups, settings) => {
    expect(ruleSettings(to, groups)).toEqual(settings);
  });

  it.each([
    [[], 'target group v2 has no target'],
    [
      [
        { id: 'i-1', state: 'unhealthy' },
        { id: 'i-2', state: 'healthy' },
      ],
      undefined,
    ],
    [[{ id: 'f', state: 'unavailable', reason: 'Target.HealthCheckDisabled' }], undefined],
    [
      [
        { id: 'i-1', state: 'initial', reason: 'Elb.RegistrationInProgress' },
        { id: 'i-2', state: 'unhealthy' },
      ],
      'target group v2 has no healthy target: i-1 is initial (Elb.RegistrationInProgress), i-2 is unhealthy',
    ],
    [
      ['a', 'b', 'c', 'd'].map((id) => ({ id, state: 'draining' })),
      'target group v2 has no healthy target: a is draining, b is draining, c is draining and others',
    ],
  ])('with targets %j wait because: %s', (targets, why) => {
    expect(unhealthyGroup(to.targetGroups.new, targets)).toBe(why);
  });

  it('are set to 0 % by hand in one command, which names what it replaces', () => {
    const [first = '', then = ''] = zeroByHand({ to, variables: WEIGHT, withinMs: 1 }, 'eu-west-1');
    expect(first).toContain(`describe-rules --region eu-west-1 --rule-arns ${to.listenerRule}`);
    const [, actions = ''] = /modify-rule .* --actions '(.*)'$/.exec(then) ?? [];
    const TargetGroups = [group('v2', 0), group('v1', 100)];
    expect(JSON.parse(actions)).toEqual([{ Type: 'forward', ForwardConfig: { TargetGroups } }]);
    expect(placeWords(to)).toBe('rule 3 of load balancer shop');
  });
});

describe('0 % by hand', () => {
  const place = {
    variables: PAVI_KEYS,
    report: { address: 'https://api/health', instanceField: 'id' },
    withinMs: 1,
  };

  it('sets all three variables of an Elastic Beanstalk environment, once nothing else is under way', () => {
    const to = { kind: 'elastic-beanstalk', application: 'PAVI', environment: 'PAVI-api-prod' } as const;
    const [first = '', then = ''] = zeroByHand({ to, ...place }, 'us-east-1');
    expect(first).toMatch(/abort-environment-update --region us-east-1 --environment-name PAVI-api-prod$/);
    expect(then).toContain('--application-name PAVI --environment-name PAVI-api-prod --option-settings ');
    const set = Array.from(then.matchAll(/OptionName=(\w+),Value=(\w+)/g), ([, name, value]) => `${name}=${value}`);
    expect(set).toEqual([
      'USE_STEP_FUNCTIONS=false',
      'ENABLE_STEP_FUNCTIONS_ROLLOUT=false',
      'STEP_FUNCTIONS_ROLLOUT_PERCENTAGE=0',
    ]);
  });

  it('takes the new version from a Lambda alias in one command', () => {
    const to = { kind: 'lambda-alias', function: 'checkout', alias: 'live', versions: { new: '7', old: '6' } } as const;
    expect(zeroByHand({ to, variables: WEIGHT, withinMs: 1 }, 'eu-west-1')).toEqual([
      'aws lambda update-alias --region eu-west-1 --function-name checkout --name live --function-version 6 --routing-config AdditionalVersionWeights={}',
    ]);
  });

  it('names container, values and service of ECS', () => {
    const to = { kind: 'ecs', cluster: 'pavi', service: 'api-prod', container: 'api' } as const;
    const variables = {
      percentage: 'PCT',
      switches: ['USE', 'ON'].map((name) => ({ name, above: true, atZero: false, whileOff: 0 as const })),
    };
    expect(zeroByHand({ to, ...place, variables }, 'eu-west-1')).toEqual([
      expect.stringContaining('describe-services --region eu-west-1 --cluster pavi --services api-prod'),
      'register it again with USE=false, ON=false, PCT=0 in container api',
      expect.stringContaining('update-service --region eu-west-1 --cluster pavi --service api-prod'),
    ]);
  });
});
