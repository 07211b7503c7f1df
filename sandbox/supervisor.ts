import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { readPlan } from '../client/input/plan-file';
import { interceptors } from '../client/temporal/connect';
import { prod, staging } from '../infra/pavi/environments';
import { pipelineNames } from '../infra/pavi/names';
import type { EnvironmentPlan } from '../rules/plan/environment-plan';
import { startApi } from './api/start-api';
import { type AwsEmulator, startAwsEmulator } from './aws/emulator';
import { stateMachineArn } from './aws/client-config';
import { bootstrapAccount } from './bootstrap';
import { createComputeThroughApi } from './pipeline/batch-resources';
import { type Containers, startContainers } from './pipeline/container-results';
import { deploy, setUp } from './aws/deploy-stacks';
import { useSandboxAws, useSandboxTemporal } from './own-environment';
import { freePort } from './process/free-port';
import { ProcessList } from './process/process-list';
import type { Screen } from './screen';
import type { Served } from './environment-handle';
import { removeInfo, type SandboxInfo, type StateFolder, writeInfo } from './process/state-folder';
import { startTemporal, type TemporalServer } from './temporal/server';
import { startTraffic, type TrafficOptions } from './api/traffic';
import { verify } from './verify';
import { startWorker } from './temporal/worker';

interface Servers {
  readonly temporal: TemporalServer;
  readonly aws: AwsEmulator;
}

/** What every service needs here. */
export interface Base extends Servers {
  readonly client: Client;
  /** Names the addresses of the service for other programs: everything is up. */
  readonly publish: (api: SandboxInfo['api']) => void;
  /** Stopped before what is here. */
  readonly onStop: (stop: () => Promise<void>) => void;
}

export interface Running extends Servers {
  readonly client: Client;
  readonly staging: Served;
  readonly prod: Served;
}

type Jobs = Pick<TrafficOptions, 'seed' | 'ratePerSecond'>;

export interface StartOptions {
  readonly verified: boolean;
  /** To each sample API; default: 8. */
  readonly jobsPerSecond?: number;
}

const JOBS_PER_SECOND = 8;
const SERVED = { staging, prod } as const;
type ServedName = keyof typeof SERVED;

/** Starts everything in order and remembers how to stop it. */
export class Supervisor {
  private readonly processes: ProcessList;
  private readonly stops: (() => Promise<void>)[] = [];

  constructor(
    private readonly folder: StateFolder,
    private readonly screen: Screen,
    /** Called when a part ended that the rest needs. */
    private readonly onBroken: (why: string) => void,
  ) {
    this.processes = new ProcessList(folder);
  }

  /** Temporal, AWS and a worker alone, for a service that deploys itself. Its addresses are published as `api`. */
  async startWith(file: string, plans: readonly EnvironmentPlan[]): Promise<Base> {
    const servers = await this.startServers(plans);
    const [client] = await this.screen.step('worker', () => Promise.all([this.connect(), this.startWorker(file)]));
    return {
      ...servers,
      client,
      publish: (api) => this.publishBeside(servers, api),
      onStop: (stop) => this.stops.push(stop),
    };
  }

  async start({ verified, jobsPerSecond = JOBS_PER_SECOND }: StartOptions): Promise<Running> {
    const { screen } = this;
    const plans = { dev: planOf('dev'), staging: planOf('staging'), prod: planOf('prod') };
    const { temporal, aws } = await this.startServers(Object.values(plans));
    const containers = await startContainers(aws.endpoint);
    this.stops.push(containers.close);
    const [client] = await screen.step('worker; accounts prepared for CDK, compute created', (progress) =>
      Promise.all([
        this.connect(),
        this.startWorker('plans/sandbox.yaml', { AWS_ENDPOINT_URL_SFN: containers.url }),
        prepareAccounts([plans.staging, plans.prod], progress),
      ]),
    );
    await screen.step('flag, alarm push and guardian created by the workflow `setup`', async () => {
      await Promise.all([setUp(client, plans.staging), setUp(client, plans.prod)]);
    });
    await screen.step('stacks of staging and prod deployed by the workflow `deployment`', async (progress) => {
      await Promise.all([deploy(client, plans.staging, progress), deploy(client, plans.prod, progress)]);
    });
    const served = await screen.step('sample API and its traffic', async () => ({
      staging: await this.serve(plans.staging, containers, { seed: 1, ratePerSecond: jobsPerSecond }),
      prod: await this.serve(plans.prod, containers, { seed: 2, ratePerSecond: jobsPerSecond }),
    }));
    if (verified)
      await screen.step('both verified by the workflow `verification`', async (progress) => {
        await Promise.all(Object.values(served).map((one) => verify(client, one, progress)));
      });
    this.publishBeside({ temporal, aws }, { staging: served.staging.apiUrl, prod: served.prod.apiUrl });
    return { temporal, aws, client, ...served };
  }

  /** Stops everything in reverse order of starting, including a part that is just starting. */
  async stop(): Promise<void> {
    this.processes.close();
    removeInfo(this.folder);
    for (const stop of this.stops.splice(0).reverse())
      await stop().catch((error: unknown) => this.screen.say(String(error)));
    while ((await this.processes.stopLeftovers()).length > 0);
  }

  private publish: (workerPid: number) => void = () => undefined;
  private workerPid: () => number = () => 0;
  /** The same for every worker that is started again. */
  private relayPort = 0;

  /** For other programs, now and whenever the worker is restarted. */
  private publishBeside({ temporal, aws }: Servers, api: SandboxInfo['api']): void {
    this.publish = (workerPid) => {
      if (this.processes.isClosed) return;
      writeInfo(this.folder, {
        pid: process.pid,
        temporal: { address: temporal.address, namespace: temporal.namespace, ui: temporal.ui },
        aws: { endpoint: aws.endpoint, configFile: aws.configFile, credentialsFile: aws.credentialsFile },
        api,
        workerPid,
      });
    };
    this.publish(this.workerPid());
  }

  private async startServers(plans: readonly EnvironmentPlan[]): Promise<Servers> {
    const temporal = await this.screen.step('Temporal server', () => this.startTemporal());
    const aws = await this.screen.step('AWS emulator', () => this.startAws(plans));
    return { temporal, aws };
  }

  private async startTemporal(): Promise<TemporalServer> {
    const { folder, processes } = this;
    const onUnexpectedEnd = (how: string): void => this.onBroken(`The Temporal server ended (${how}).`);
    const temporal = await startTemporal({ folder, processes, onUnexpectedEnd });
    this.stops.push(temporal.stop);
    useSandboxTemporal(temporal, folder);
    return temporal;
  }

  private async startAws(plans: readonly EnvironmentPlan[]): Promise<AwsEmulator> {
    const { folder, processes } = this;
    const onUnexpectedEnd = (how: string): void => this.onBroken(`The AWS emulator ended (${how}).`);
    const aws = await startAwsEmulator(
      { folder, processes, onUnexpectedEnd },
      plans.map((plan) => plan.aws),
    );
    this.stops.push(aws.stop);
    useSandboxAws(aws);
    return aws;
  }

  private async startWorker(plan: string, env: NodeJS.ProcessEnv = {}): Promise<void> {
    const { folder, processes, screen } = this;
    this.relayPort ||= await freePort();
    const worker = await startWorker({
      folder,
      processes,
      plan,
      env: { ...env, ROLLOUT_RELAY_PORT: String(this.relayPort) },
      say: (text) => screen.say(text),
      onRestart: () => this.publish(worker.pid()),
      onGivenUp: (why) => this.onBroken(why),
    });
    this.workerPid = worker.pid;
    this.stops.push(worker.stop);
  }

  private async connect(): Promise<Client> {
    const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
    const connection = await Connection.connect({ ...connectionOptions, interceptors });
    this.stops.push(() => connection.close());
    return new Client({ connection, namespace });
  }

  /** In this process: it answers as long as the supervisor lives, and needs no separate clean-up. */
  private async serve(plan: EnvironmentPlan, containers: Containers, jobs: Jobs): Promise<Served> {
    const { aws, environment } = plan;
    const relay = { url: `http://127.0.0.1:${this.relayPort}` };
    const api = await startApi({ environment, aws, relay, regression: containers.regressionOf(environment) });
    this.stops.push(api.close);
    const machine = stateMachineArn(aws, pipelineNames(environment).stateMachine);
    const traffic = startTraffic({
      apiUrl: api.url,
      aws,
      stateMachineArn: machine,
      ...jobs,
      variantShare: 0.9,
    });
    this.stops.push(traffic.stop);
    return { plan, apiUrl: api.url, traffic };
  }
}

const planOf = (environment: string): EnvironmentPlan => readPlan(environment, { sandbox: true }).plan;

async function prepareAccounts(plans: readonly EnvironmentPlan[], progress: (text: string) => void): Promise<void> {
  for (const { aws, environment } of plans) {
    progress(`CDK bootstrap of account ${aws.account} (${environment})`);
    await bootstrapAccount({ account: aws.account, region: aws.region, profile: aws.profile ?? 'default' });
    await createComputeThroughApi(aws, SERVED[environment as ServedName]);
  }
}
