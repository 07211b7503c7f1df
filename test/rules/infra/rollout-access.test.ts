import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { prod } from '../../../infra/pavi/environments';
import { RolloutAccessStack, SERVICE } from '../../../infra/pavi/access-stack';
import { accessNames } from '../../../infra/rollout-access';
import { checkPlan } from '../../../rules/plan/plan';
import { workerPolicy } from '../../../rules/plan/worker-policy';
import { environmentPlan } from '../../../rules/plan/resolve';
import { allows, askedByTheWorker, type Statement, statementsIn } from '../../helpers/infra/policies';
import { anApp } from '../../helpers/infra/an-app';
import { templateOf } from '../../helpers/infra/template-of';

const ROOT = resolve(__dirname, '../../..');
const topic = 'arn:aws:sns:us-east-1:100225593120:pavi-on-call';
/** With a topic, which PAVI's plan does not name today. */
const template = templateOf(new RolloutAccessStack(anApp(), 'Access', { ...prod, noticeTopics: [topic] }));
const names = accessNames('pavi', 'prod');

const statementsOf = (name: string): readonly Statement[] => statementsIn(template, name);
const mayDo = (name: string, action: string): boolean => allows(statementsOf(name), action);
const on = (name: string, action: string): readonly string[] =>
  statementsOf(name)
    .filter(({ Action }) => Action.includes(action))
    .flatMap(({ Resource }) => Resource);

const plan = (() => {
  const checked = checkPlan(readFileSync(resolve(ROOT, 'plans/pavi.yaml'), 'utf8'));
  const resolved = checked.ok ? environmentPlan(checked.plan, 'prod') : checked;
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
  return resolved.plan;
})();
const ssm = (name: string): string => `arn:aws:ssm:us-east-1:${prod.account}:parameter${name}`;
const FLAG = ssm(plan.flag.parameter);

/** Asked of the own identity, which AWS always allows. */
const FREE = new Set(['sts:GetCallerIdentity']);
/**
 * Those of a delivery are in `delivery-access.test.ts`, those of checks in `check-access.test.ts`, those of the audit record in
 * `audit-access.test.ts`; `rollout init` asks as the operator.
 */
const asked = askedByTheWorker().filter(
  ([action, file]) =>
    !/^(elasticbeanstalk|ecs|lambda|elasticloadbalancing):/.test(action) &&
    file !== 'alarm-list.ts' &&
    !/audit(\/|\.ts$)/.test(file),
);

describe('the API', () => {
  it('may read the one parameter, and nothing else', () =>
    expect(statementsOf(names.reader)).toEqual([{ Effect: 'Allow', Action: ['ssm:GetParameter'], Resource: [FLAG] }]));
});

describe('who breaks the glass', () => {
  it('may write the one parameter, read its history, and take away a label that is in the way', () =>
    expect(statementsOf(names.breakGlass)).toEqual([
      {
        Effect: 'Allow',
        Action: [
          'GetParameter',
          'GetParameterHistory',
          'PutParameter',
          'LabelParameterVersion',
          'UnlabelParameterVersion',
        ].map((action) => `ssm:${action}`),
        Resource: [FLAG],
      },
    ]));
});

describe('the worker', () => {
  it('may do all that its code asks of AWS, and as a rollout only what needs no deployment', () => {
    expect(asked.length).toBeGreaterThan(60);
    const denied = asked.filter(([action]) => !FREE.has(action) && !mayDo(names.worker, action));
    const stacks = denied.filter(([action]) => /^(cloudformation:|ecr:|s3:PutObject$)/.test(action));
    expect(denied.filter((one) => !stacks.includes(one))).toEqual([]);
    expect(stacks.filter(([action]) => !mayDo(names.deployer, action))).toEqual([]);
  });

  it('may do at least what `rollout init` prints, on the same resources but for the stack of PAVI', () => {
    const printed = workerPolicy(plan).Statement;
    expect(printed.length).toBeGreaterThan(3);
    for (const { Action, Resource } of printed)
      for (const action of Action) expect(on(names.worker, action)).toEqual(expect.arrayContaining([...Resource]));
  });

  it('may do nothing that its code does not ask for', () => {
    const used = new Set(asked.map(([action]) => action));
    const more = statementsOf(names.worker)
      .flatMap(({ Action }) => Action)
      .filter((action) => !used.has(action));
    expect(more).toEqual(['kms:Decrypt']);
  });

  it('writes no parameter but those of its rollouts, and deletes none but the owner', () => {
    const { service, environment } = plan;
    expect(service).toBe(SERVICE);
    expect(on(names.worker, 'ssm:PutParameter').toSorted()).toEqual(
      [
        FLAG,
        `${FLAG}-owner`,
        ssm(plan.freezeParameter ?? ''),
        ssm(`/${service}/${environment}/rollout-findings`),
        ssm(`/rollout/${service}/${environment}/deployed`),
      ].toSorted(),
    );
    expect(on(names.worker, 'ssm:DeleteParameter')).toEqual([`${FLAG}-owner`]);
  });

  it('is allowed what the plan of PAVI names: queue, dashboard, logs, machine, bucket and webhook', () => {
    const { watch, diagnosis, notify = [], verification } = plan;
    const resources = JSON.stringify(statementsOf(names.worker));
    const groups = watch.guards.flatMap((guard) =>
      guard.kind === 'logs' || guard.kind === 'comparison' ? [guard.group] : [],
    );
    const wanted = [
      `:${watch.pushQueue}"`,
      `:dashboard/${watch.dashboard}"`,
      `:stateMachine:${verification.stateMachine}"`,
      `:::${diagnosis?.bucket}/*"`,
      ...[...groups, ...(diagnosis?.logGroups ?? [])].map((group) => `:log-group:${group}:*"`),
      topic,
      ...notify.flatMap((channel) => ('webhook' in channel ? [JSON.stringify(channel.webhook).slice(14, -2)] : [])),
    ];
    for (const one of wanted) expect(resources).toContain(one);
  });

  it('names its resources wherever AWS can tell them apart', () => {
    const wide = statementsOf(names.worker).filter(({ Resource }) => Resource.includes('*'));
    expect(wide.flatMap(({ Action }) => Action).filter((action) => !/^(cloudwatch|batch):/.test(action))).toEqual([]);
  });
});

describe('a worker that deploys', () => {
  it('changes the stacks of this environment only, and resources by the role of CloudFormation only', () => {
    const stacks = [...(plan.infrastructure?.stacks ?? []), 'RolloutStack-pavi-prod'].map(
      (name) => `arn:aws:cloudformation:us-east-1:${prod.account}:stack/${name}/*`,
    );
    for (const action of ['CreateChangeSet', 'ExecuteChangeSet', 'UpdateStack', 'RollbackStack'])
      expect(on(names.deployer, `cloudformation:${action}`).toSorted()).toEqual(stacks.toSorted());
    const passing = statementsOf(names.deployer).filter(({ Action }) => Action.includes('iam:PassRole'));
    expect(passing).toMatchObject([
      { Condition: { StringEquals: { 'iam:PassedToService': 'cloudformation.amazonaws.com' } } },
    ]);
    expect(passing[0]?.Resource.join()).toContain(':role/cdk-hnb659fds-cfn-exec-role-');
  });

  it('may not touch the flag by this: a deployment has nothing to say about the percentage', () => {
    expect(JSON.stringify(statementsOf(names.deployer))).not.toContain(plan.flag.parameter);
    const changing = statementsOf(names.deployer)
      .filter(({ Resource }) => Resource.includes('*'))
      .flatMap(({ Action }) => Action);
    expect(changing.filter((action) => !/:(Describe|Get|List)/.test(action))).toEqual([]);
  });
});

it('is taken by IAM: a managed policy has 6,144 characters at most', () => {
  for (const name of Object.values(names)) expect(JSON.stringify(statementsOf(name)).length).toBeLessThan(6_144);
});

it('gives no part a permission for everything', () => {
  for (const name of Object.values(names))
    for (const { Effect, Action } of statementsOf(name)) {
      expect(Effect).toBe('Allow');
      expect(Action.filter((action) => /^\*$|:\*$/.test(action))).toEqual([]);
    }
});

it('a worker may read a secret of Secrets Manager that notify names, through SSM, and no other', () => {
  const noticeSecrets = ['pavi/prod/pagerduty'];
  const withSecret = statementsIn(
    templateOf(new RolloutAccessStack(anApp(), 'Access', { ...prod, noticeTopics: [topic], noticeSecrets })),
    names.worker,
  );
  const before = new Set(statementsOf(names.worker).map((statement) => JSON.stringify(statement)));
  expect(withSecret.filter((statement) => !before.has(JSON.stringify(statement)))).toEqual([
    {
      Effect: 'Allow',
      Action: ['ssm:GetParameter'],
      Resource: [ssm('/aws/reference/secretsmanager/pavi/prod/pagerduty')],
    },
    {
      Effect: 'Allow',
      Action: ['secretsmanager:GetSecretValue'],
      Resource: [`arn:aws:secretsmanager:us-east-1:${prod.account}:secret:pavi/prod/pagerduty-??????`],
    },
  ]);
});
