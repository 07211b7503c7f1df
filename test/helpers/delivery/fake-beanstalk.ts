import type { ElasticBeanstalkClient } from '@aws-sdk/client-elastic-beanstalk';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Delivery } from '../../../rules/delivery/delivery';
import { PAVI_KEYS } from '../../../pavi/flag';
import { VARIABLES } from '../../../rules/delivery/beanstalk';

interface Input {
  readonly EnvironmentName?: string;
  readonly EnvironmentNames?: readonly string[];
  readonly OptionSettings?: readonly { readonly OptionName: string; readonly Value: string }[];
  readonly NextToken?: string;
}

type Variables = Readonly<Record<string, string>>;

/**
 * Elastic Beanstalk as its API reference describes it, in the shapes of its answers: no emulator has it. An update takes
 * until the test ends it; while one runs another is refused in AWS's own words; an abort takes it back. Beside it the
 * health of its one instance, which names no instance and uses the deployed variables, as PAVI's does.
 */
export class FakeBeanstalk {
  status: 'Ready' | 'Updating' | 'Aborting' = 'Ready';
  deployed: Variables = { OTHER: 'kept' };
  pending: Variables | undefined;
  /** PAVI's compose file hands no variable on. */
  handsOn = true;
  instances: string[] = ['i-1'];
  readonly calls: string[] = [];
  private readonly health: Server;

  private constructor() {
    this.health = createServer((_request, answer) => answer.end(JSON.stringify(this.said())));
  }

  static async start(client: ElasticBeanstalkClient): Promise<FakeBeanstalk> {
    const fake = new FakeBeanstalk();
    await new Promise<void>((resolve) => fake.health.listen(0, '127.0.0.1', resolve));
    client.send = ((command: { readonly constructor: { readonly name: string }; readonly input: Input }) =>
      fake.answer(command.constructor.name.replace('Command', ''), command.input)) as never;
    return fake;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.health.address() as AddressInfo).port}/api/health`;
  }

  /** As a plan names it. */
  get delivery(): Delivery {
    const to = { kind: 'elastic-beanstalk', environment: 'PAVI-api-main' } as const;
    const report = { address: this.address, instanceField: 'instance' };
    return { to, variables: PAVI_KEYS, report, withinMs: 30_000 };
  }

  stop(): void {
    this.health.closeAllConnections();
    this.health.close();
  }

  /** The update that runs has ended. */
  end(): void {
    if (this.status === 'Updating') this.deployed = this.pending ?? this.deployed;
    this.pending = undefined;
    this.status = 'Ready';
  }

  private said(): object {
    const of = this.handsOn ? this.deployed : {};
    const on = of['USE_STEP_FUNCTIONS'] === 'true';
    const percentage = Number(of['STEP_FUNCTIONS_ROLLOUT_PERCENTAGE'] ?? 0);
    const rollout = of['ENABLE_STEP_FUNCTIONS_ROLLOUT'] === 'true' ? { rollout: { enabled: true, percentage } } : {};
    return { status: 'up', environment: 'prod', execution_mode: on ? 'step_functions' : 'nextflow', ...rollout };
  }

  private async answer(name: string, input: Input): Promise<object> {
    if (/Update/.test(name)) this.calls.push(name);
    switch (name) {
      case 'DescribeEnvironments':
        return { Environments: input.EnvironmentNames?.[0] === 'PAVI-api-main' ? [this.environment()] : [] };
      case 'DescribeConfigurationSettings':
        return { ConfigurationSettings: this.settings() };
      case 'DescribeInstancesHealth':
        return this.page(input.NextToken);
      case 'UpdateEnvironment': {
        if (this.status !== 'Ready') throw refused('Must be Ready.');
        const settings = (input.OptionSettings ?? []).map(({ OptionName, Value }) => [OptionName, Value] as const);
        this.pending = { ...this.deployed, ...Object.fromEntries(settings) };
        this.status = 'Updating';
        return this.environment();
      }
      case 'AbortEnvironmentUpdate':
        if (this.status !== 'Updating') throw refused('Must be pending deployment.');
        this.status = 'Aborting';
        return {};
      default:
        throw new Error(`nobody recorded ${name}`);
    }
  }

  private environment() {
    const AbortableOperationInProgress = this.status === 'Updating';
    return {
      ApplicationName: 'PAVI-api',
      EnvironmentName: 'PAVI-api-main',
      Status: this.status,
      AbortableOperationInProgress,
    };
  }

  private settings() {
    const set = (DeploymentStatus: string, variables: Variables) => ({
      DeploymentStatus,
      OptionSettings: [
        { Namespace: 'aws:autoscaling:asg', OptionName: 'MaxSize', Value: '1' },
        ...Object.entries(variables).map(([OptionName, Value]) => ({ Namespace: VARIABLES, OptionName, Value })),
      ],
    });
    const draft = this.pending === undefined ? [] : [set('pending', this.pending)];
    return [...draft, set('deployed', this.deployed)];
  }

  /** One a page. */
  private page(token: string | undefined) {
    const at = Number(token ?? 0);
    const NextToken = at + 1 < this.instances.length ? { NextToken: String(at + 1) } : {};
    return { InstanceHealthList: this.instances.slice(at, at + 1).map((InstanceId) => ({ InstanceId })), ...NextToken };
  }
}

const refused = (must: string): Error =>
  Object.assign(new Error(`Environment named PAVI-api-main is in an invalid state for this operation. ${must}`), {
    name: 'InvalidParameterValueException',
  });
