import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import { awsClient } from '../../../sandbox/aws/client-config';
import { type RunningApi, startApi } from '../../../sandbox/api/start-api';

export const ECS = { cluster: 'pavi', service: 'pavi-api-prod', container: 'api' } as const;

const POLL_MS = 100;

/**
 * A service of ECS in the emulator, which keeps its tasks as records and runs no containers. So this plays the container agent and
 * the load balancer: for every task that runs there is a sample API with the variables of its task definition and the id of
 * the task, and each request to `url` goes to the next of them.
 */
export class EcsFleet {
  private readonly apis = new Map<string, RunningApi>();
  private readonly client: ECSClient;
  private turn = 0;
  private stopped = false;
  private agent: Promise<void> | undefined;
  /** Tasks whose API hangs at its start. */
  slow: (variables: Readonly<Record<string, string>>) => boolean = () => false;

  private constructor(
    private readonly aws: AwsTarget,
    private readonly balancer: Server,
  ) {
    this.client = new ECSClient(awsClient(aws));
  }

  static async start(aws: AwsTarget, tasks: number, variables: Readonly<Record<string, string>>): Promise<EcsFleet> {
    const balancer = createServer((incoming, outgoing) => {
      const api = fleet.next();
      if (api === undefined) return outgoing.writeHead(503).end('no healthy target');
      request(`${api.url}${incoming.url}`, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      })
        .on('error', () => outgoing.writeHead(502).end())
        .end();
    });
    const fleet = new EcsFleet(aws, balancer);
    await new Promise<void>((resolve) => balancer.listen(0, '127.0.0.1', resolve));
    await fleet.create(tasks, variables);
    fleet.agent = fleet.follow();
    return fleet;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.balancer.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.agent;
    this.balancer.closeAllConnections();
    await new Promise((resolve) => this.balancer.close(resolve));
    await Promise.all([...this.apis.values()].map((api) => api.close()));
    this.client.destroy();
  }

  private next(): RunningApi | undefined {
    const apis = [...this.apis.values()];
    this.turn += 1;
    return apis[this.turn % Math.max(1, apis.length)];
  }

  private async create(desiredCount: number, variables: Readonly<Record<string, string>>): Promise<void> {
    const { cluster, service, container } = ECS;
    const environment = Object.entries({ OTHER: 'kept', ...variables }).map(([name, value]) => ({ name, value }));
    const secrets = [{ name: 'TOKEN', valueFrom: 'arn:aws:ssm:us-east-1:111111111111:parameter/token' }];
    await this.client.send(new CreateClusterCommand({ clusterName: cluster }));
    await this.client.send(
      new RegisterTaskDefinitionCommand({
        family: service,
        containerDefinitions: [
          { name: container, image: 'pavi/api', memory: 512, environment, secrets },
          { name: 'sidecar', image: 'proxy', memory: 64 },
        ],
      }),
    );
    const made = { cluster, serviceName: service, taskDefinition: service, desiredCount };
    await this.client.send(new CreateServiceCommand(made));
  }

  private async follow(): Promise<void> {
    while (!this.stopped) {
      await this.reconcile();
      await sleep(POLL_MS);
    }
  }

  private async reconcile(): Promise<void> {
    const { cluster, service: serviceName } = ECS;
    const { taskArns = [] } = await this.client.send(new ListTasksCommand({ cluster, serviceName }));
    for (const [arn, api] of this.apis) {
      if (taskArns.includes(arn)) continue;
      this.apis.delete(arn);
      await api.close();
    }
    if (taskArns.length === 0) return;
    const { tasks = [] } = await this.client.send(new DescribeTasksCommand({ cluster, tasks: taskArns }));
    for (const { taskArn = '', taskDefinitionArn } of tasks) {
      if (this.apis.has(taskArn)) continue;
      const variables = await this.variablesOf(taskDefinitionArn);
      if (this.slow(variables)) continue;
      const instance = taskArn.split('/').at(-1) ?? '';
      this.apis.set(taskArn, await startApi({ environment: 'prod', aws: this.aws, variables, instance }));
    }
  }

  /** What the container would find in its environment. */
  async variablesOf(taskDefinition: string | undefined): Promise<Record<string, string>> {
    const asked = new DescribeTaskDefinitionCommand({ taskDefinition });
    const { taskDefinition: found } = await this.client.send(asked);
    const own = found?.containerDefinitions?.find(({ name }) => name === ECS.container);
    return Object.fromEntries((own?.environment ?? []).map(({ name = '', value = '' }) => [name, value]));
  }
}
