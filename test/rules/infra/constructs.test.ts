import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Duration, Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { transformSync } from 'esbuild';
import * as infra from '../../../infra';
import { AlarmPush, RolloutAccess, RolloutFlag, RolloutStack, RolloutWorker, Watchdog } from '../../../infra';
import { accessNames } from '../../../infra/rollout-access';
import { constructText } from '../../../rules/plan/construct-text';
import { newPlan, NO_ACCOUNT } from '../../../rules/plan/new-plan';
import { checkPlan } from '../../../rules/plan/plan';
import { environmentPlan } from '../../../rules/plan/resolve';
import { rolloutPartsOf } from '../../../rules/plan/rollout-parts';
import { workerPolicy } from '../../../rules/plan/worker-policy';
import { HEALTH_EVERY_MS, HEALTH_STALE_AFTER_MS, HEALTHY_WITHIN_MS, SHUTDOWN } from '../../../rules/worker-process';
import { showHealth } from '../../../worker/health-file';
import { statementsIn } from '../../helpers/infra/policies';
import { anApp } from '../../helpers/infra/an-app';
import { templateOf } from '../../helpers/infra/template-of';

const at = { service: 'shop', environment: 'prod' };
const ALARM = 'shop-5xx-prod';
const FLAG = '/shop/prod/rollout';
const QUEUE = 'shop-rollout-alarms-prod';

const plan = (() => {
  const aws = { account: NO_ACCOUNT, region: 'us-east-1' };
  const text = newPlan({ service: 'shop', environments: ['prod'], aws, parameter: FLAG, alarms: [ALARM], schema: '' });
  const checked = checkPlan(text);
  const resolved = checked.ok ? environmentPlan(checked.plan, 'prod') : checked;
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
  return resolved.plan;
})();
const parts = rolloutPartsOf(plan);
const env = { account: NO_ACCOUNT, region: 'us-east-1' };

/** As docs/production.md builds it. */
function ownStack() {
  const stack = new Stack(anApp(), 'Shop', { env });
  const flag = new RolloutFlag(stack, 'Flag', { parameter: FLAG, salt: parts.flag.salt });
  const push = new AlarmPush(stack, 'Push', QUEUE);
  push.carryByEvents([ALARM]);
  const lastSoak = Duration.millis(parts.fullForMs);
  new Watchdog(stack, 'Watchdog', { ...at, flag, push, rollbackAlarms: [ALARM], lastSoak });
  return templateOf(stack);
}

const resources = (template: ReturnType<typeof ownStack>, type: string): readonly unknown[] =>
  Object.values(template.findResources(type)).map(({ Properties }) => Properties as unknown);
const guardianIn = (template: ReturnType<typeof ownStack>): unknown =>
  (resources(template, 'AWS::Lambda::Function')[0] as { Environment: { Variables: { GUARDIAN: string } } }).Environment
    .Variables.GUARDIAN;

describe('flag, push and watchdog in a stack of the service', () => {
  const made = ownStack();
  const bySetup = templateOf(new RolloutStack(anApp(), parts, { env }));

  it.each(['AWS::SSM::Parameter', 'AWS::CloudWatch::Alarm', 'AWS::SQS::Queue', 'AWS::Events::Rule'])(
    'make the same %s as `rollout setup` from the plan, by name and settings',
    (type) => {
      const literal = (template: typeof made): unknown => {
        const text = JSON.stringify(resources(template, type)).replaceAll(
          /"(Ref|Fn::GetAtt)":(\[[^\]]*\]|"[^"]*")/g,
          '',
        );
        return (JSON.parse(text) as { readonly Tags?: unknown }[])
          .map(({ Tags: _tags, ...rest }) => JSON.stringify(rest))
          .toSorted();
      };
      expect(literal(made)).toEqual(literal(bySetup));
      expect(literal(made)).not.toEqual([]);
    },
  );

  it('give the guardian the settings and the code that `rollout setup` gives it', () => {
    expect(JSON.parse(String(guardianIn(made)))).toEqual(JSON.parse(String(guardianIn(bySetup))));
    const code = (template: typeof made) =>
      resources(template, 'AWS::Lambda::Function').map((one) => (one as { Code: unknown }).Code);
    expect(code(made)).toEqual(code(bySetup));
  });
});

/** Runs constructs as they are printed; the code names its stacks `rollout` and `access`. */
function stacksOf(printed: string): Record<'rollout' | 'access', Stack> {
  const { code } = transformSync(printed, { loader: 'ts', format: 'cjs' });
  const given: Readonly<Record<string, unknown>> = { 'rollout-orchestrator/cdk': infra };
  const use = (name: string): unknown => given[name] ?? (jest.requireActual(name) as unknown);
  const made = new Function('require', `${code}; return { rollout, access };`) as (
    use: unknown,
  ) => Record<'rollout' | 'access', Stack>;
  return made(use);
}

it('the constructs of docs/production.md run as they are', () => {
  const page = readFileSync(resolve(__dirname, '../../../docs/production.md'), 'utf8');
  const { rollout, access } = stacksOf(/```ts\n(import[\s\S]*?)```/.exec(page)![1]!);
  const guardian = JSON.parse(String(guardianIn(templateOf(rollout)))) as object;
  expect(guardian).toMatchObject({ parameter: FLAG, alarms: [ALARM], unwatched: 'shop-rollout-unwatched-prod' });
  expect(statementsIn(templateOf(access), 'shop-rollout-break-glass-prod')).not.toEqual([]);
});

it('the constructs that `rollout init` prints run as they are, and make what `rollout setup` makes', () => {
  const { rollout, access } = stacksOf(constructText(plan));
  const bySetup = templateOf(new RolloutStack(anApp(), parts, { env }));
  expect(JSON.parse(String(guardianIn(templateOf(rollout))))).toEqual(JSON.parse(String(guardianIn(bySetup))));
  expect(JSON.stringify(templateOf(rollout).toJSON())).toContain(`"alarmName":["${ALARM}"]`);
  for (const { Action, Resource } of workerPolicy(plan).Statement) {
    const statements = statementsIn(templateOf(access), accessNames('shop', 'prod').worker);
    for (const action of Action)
      expect(statements.filter((one) => one.Action.includes(action)).flatMap((one) => one.Resource)).toEqual(
        expect.arrayContaining([...Resource]),
      );
  }
});

it('RolloutAccess with nothing but the flag and the queue gives no right without a resource', () => {
  const stack = new Stack(anApp(), 'Access', { env });
  new RolloutAccess(stack, 'Access', { ...at, flagParameter: FLAG, pushQueue: QUEUE });
  const template = templateOf(stack);
  for (const name of Object.values(accessNames('shop', 'prod'))) {
    const statements = statementsIn(template, name);
    expect(statements.length).toBeGreaterThan(0);
    expect(statements.filter(({ Resource }) => Resource.length === 0)).toEqual([]);
  }
});

/** A VPC as it is known without asking AWS. */
const vpcOf = (stack: Stack, zones: readonly string[]) =>
  Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-1',
    availabilityZones: [...zones],
    privateSubnetIds: zones.map((zone) => `subnet-${zone}`),
  });

function worker(zones: readonly string[] = ['us-east-1a', 'us-east-1b'], withRelay = false, metricsPort?: number) {
  const stack = new Stack(anApp(), 'Workers', { env });
  const access = new RolloutAccess(stack, 'Access', { ...at, flagParameter: FLAG, pushQueue: QUEUE });
  new RolloutWorker(stack, 'Worker', {
    ...at,
    vpc: vpcOf(stack, zones),
    image: ContainerImage.fromRegistry('example.com/worker:1'),
    plans: ['/app/rollout.yaml'],
    temporal: {
      address: 'us-east-1.aws.api.temporal.io:7233',
      namespace: 'rollouts.a1b2c',
      apiKey: Secret.fromSecretNameV2(stack, 'Key', 'rollout/temporal'),
    },
    policies: [access.worker],
    relay: withRelay ? relayIn(stack) : undefined,
    metricsPort,
    alarmTopics: [new Topic(stack, 'OnCall')],
  });
  return templateOf(stack);
}

const relayIn = (stack: Stack) => {
  const [token, certificate, key] = ['token', 'certificate', 'key'].map((name) =>
    Secret.fromSecretNameV2(stack, `Relay-${name}`, `rollout/relay-${name}`),
  ) as [ISecret, ISecret, ISecret];
  return { token, certificate, key, urls: ['https://relay.shop.internal:8443'] };
};

interface Container {
  readonly HealthCheck: { readonly Command: readonly string[]; readonly StartPeriod: number };
  readonly StopTimeout: number;
}

describe('RolloutWorker', () => {
  const template = worker();
  const task = resources(template, 'AWS::ECS::TaskDefinition')[0] as { ContainerDefinitions: readonly Container[] };
  const container = task.ContainerDefinitions[0]!;

  it('runs two tasks in private subnets of two zones, without a port, and takes a bad version back', () => {
    template.hasResourceProperties('AWS::ECS::Service', {
      DesiredCount: 2,
      LaunchType: 'FARGATE',
      AvailabilityZoneRebalancing: 'ENABLED',
      DeploymentConfiguration: {
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
        MinimumHealthyPercent: 100,
        MaximumPercent: 200,
      },
      NetworkConfiguration: {
        AwsvpcConfiguration: { AssignPublicIp: 'DISABLED', Subnets: ['subnet-us-east-1a', 'subnet-us-east-1b'] },
      },
    });
    template.hasResourceProperties('AWS::EC2::SecurityGroup', { SecurityGroupIngress: Match.absent() });
    expect(JSON.stringify(task)).not.toContain('PortMappings');
  });

  it('has a port only with a relay, whose token, certificate and key are secrets', () => {
    const [withRelay] = resources(worker(undefined, true), 'AWS::ECS::TaskDefinition') as [typeof task];
    expect(withRelay.ContainerDefinitions[0]).toMatchObject({
      PortMappings: [{ ContainerPort: 8_443, Protocol: 'tcp' }],
      Environment: expect.arrayContaining([
        { Name: 'ROLLOUT_RELAY_HOST', Value: '0.0.0.0' },
        { Name: 'ROLLOUT_RELAY_PORT', Value: '8443' },
        { Name: 'ROLLOUT_RELAY_URL', Value: 'https://relay.shop.internal:8443' },
      ]) as unknown,
      Secrets: ['TEMPORAL_API_KEY', 'ROLLOUT_RELAY_TOKEN', 'ROLLOUT_RELAY_TLS_CERT', 'ROLLOUT_RELAY_TLS_KEY'].map(
        (Name) => expect.objectContaining({ Name }) as unknown,
      ),
    });
  });

  it('serves metrics at a port only when it is asked to', () => {
    const [measured] = resources(worker(undefined, false, 9_464), 'AWS::ECS::TaskDefinition') as [typeof task];
    expect(measured.ContainerDefinitions[0]).toMatchObject({
      PortMappings: [{ ContainerPort: 9_464, Protocol: 'tcp' }],
      Environment: expect.arrayContaining([{ Name: 'ROLLOUT_METRICS', Value: '0.0.0.0:9464' }]) as unknown,
    });
    expect(JSON.stringify(task)).not.toContain('ROLLOUT_METRICS');
  });

  it('is refused in a VPC with private subnets in one zone only', () =>
    expect(() => worker(['us-east-1a'])).toThrow('1 availability zone, and the two tasks need two'));

  it('has the key from Secrets Manager, which only the execution role may read', () => {
    expect(container).toMatchObject({
      Environment: expect.arrayContaining([
        { Name: 'ROLLOUT_PLAN', Value: '/app/rollout.yaml' },
        { Name: 'TEMPORAL_ADDRESS', Value: 'us-east-1.aws.api.temporal.io:7233' },
        { Name: 'TEMPORAL_NAMESPACE', Value: 'rollouts.a1b2c' },
        { Name: 'TEMPORAL_TLS', Value: 'true' },
      ]) as unknown,
      Secrets: [{ Name: 'TEMPORAL_API_KEY' }],
    });
    const policies = Object.values(template.findResources('AWS::IAM::Policy'));
    expect(policies).toHaveLength(1);
    const [policy] = policies.map(({ Properties }) => JSON.stringify(Properties));
    expect(policy).toContain('secretsmanager:GetSecretValue');
    expect(policy).toContain('ExecutionRole');
  });

  it('gives the task role the rights of the worker and no other', () => {
    const roles = Object.entries(template.findResources('AWS::IAM::Role'));
    const taskRole = roles.find(([id]) => id.includes('TaskRole'))![1]!['Properties'] as object;
    expect(taskRole).toMatchObject({ ManagedPolicyArns: [{ Ref: expect.stringContaining('AccessWorker') as string }] });
    expect(taskRole).not.toHaveProperty('Policies');
  });

  it('waits at a stop for longer than the worker takes', () => {
    expect(SHUTDOWN.forceMs).toBeGreaterThan(SHUTDOWN.graceMs);
    expect(container.StopTimeout * 1_000).toBeGreaterThan(SHUTDOWN.forceMs);
    const create = readFileSync(resolve(__dirname, '../../../worker/create.ts'), 'utf8');
    expect(create).toContain('shutdownGraceTime: SHUTDOWN.graceMs');
    expect(create).toContain('shutdownForceTime: SHUTDOWN.forceMs');
  });

  it('keeps its logs for 90 days', () =>
    template.hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: '/rollout/shop-rollout-worker-prod',
      RetentionInDays: 90,
    }));

  it.each([
    ['absent', 1],
    ['reduced', 2],
  ])('has an alarm %s, below %d tasks and without any report', (name, Threshold) =>
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: `shop-rollout-worker-prod-${name}`,
      ComparisonOperator: 'LessThanThreshold',
      Threshold,
      Statistic: 'SampleCount',
      TreatMissingData: 'breaching',
      AlarmActions: [Match.anyValue()],
    }),
  );

  describe('its health check', () => {
    let folder: string;
    let file: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'rollout-health-'));
      file = join(folder, 'health');
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    /** As Docker runs it: without a shell. */
    function isHealthy(): boolean {
      const [kind, , ...words] = container.HealthCheck.Command;
      expect(kind).toBe('CMD');
      return spawnSync(process.execPath, words, { env: { ROLLOUT_HEALTH_FILE: file } }).status === 0;
    }

    it('holds as long as the worker writes its file, and gives it time to replay first', () => {
      expect(container.HealthCheck.StartPeriod * 1_000).toBe(HEALTHY_WITHIN_MS);
      expect(HEALTH_STALE_AFTER_MS).toBeGreaterThan(3 * HEALTH_EVERY_MS);
      expect(isHealthy()).toBe(false);
      writeFileSync(file, '');
      expect(isHealthy()).toBe(true);
      const old = Date.now() / 1_000 - HEALTH_STALE_AFTER_MS / 1_000 - 1;
      utimesSync(file, old, old);
      expect(isHealthy()).toBe(false);
    });

    it('sees a worker that runs, and none that stops or cannot write', async () => {
      let state: 'RUNNING' | 'DRAINING' = 'RUNNING';
      const end = showHealth({ getState: () => state }, file, 5);
      const written = async (): Promise<boolean> => {
        for (let tries = 0; tries < 2_000 && !isThere(); tries += 1) await new Promise((done) => setTimeout(done, 5));
        return isThere();
      };
      const isThere = (): boolean => {
        try {
          return readFileSync(file, 'utf8') !== '';
        } catch {
          return false;
        }
      };
      expect(await written()).toBe(true);
      state = 'DRAINING';
      rmSync(file);
      await new Promise((done) => setTimeout(done, 50));
      expect(isThere()).toBe(false);
      state = 'RUNNING';
      expect(await written()).toBe(true);
      end();
      expect(isThere()).toBe(false);
      const endUnwritable = showHealth({ getState: () => state }, join(folder, 'missing/health'), 5);
      await new Promise((done) => setTimeout(done, 50));
      expect(endUnwritable).not.toThrow();
    });
  });
});
