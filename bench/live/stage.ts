import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { ROOT } from '../../client/installed';
import { interceptors } from '../../client/temporal/connect';
import type { AwsTarget } from '../../rules/plan/environment-plan';
import { type AwsEmulator, startAwsEmulator } from '../../sandbox/aws/emulator';
import { type Child, startChild } from '../../sandbox/process/child-process';
import { ProcessList } from '../../sandbox/process/process-list';
import type { StateFolder } from '../../sandbox/process/state-folder';
import { type ServerPlace, startTemporal, type TemporalServer } from '../../sandbox/temporal/server';

/** One account and region, as a large team has it. */
export const TARGET: AwsTarget & { readonly profile: string } = {
  account: '700000000007',
  region: 'us-east-1',
  profile: 'bench',
};

/** As in an account with higher throughput of Parameter Store: else its quota of 40 reads a second bounds how fast rollouts start. */
const HIGHER_THROUGHPUT = 'GetParameter=10000';

interface WorkOptions {
  readonly program?: string;
  /** A module that is loaded before the program. */
  readonly preload?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** A real Temporal server and the AWS emulator, each in a process of its own, for one run. */
export class Stage {
  private readonly children: Child[] = [];

  private constructor(
    readonly place: ServerPlace,
    private readonly parts: { readonly temporal: TemporalServer; readonly emulator: AwsEmulator },
    readonly client: Client,
    readonly aws: ReturnType<typeof patientClients>,
  ) {}

  /** Of Temporal. */
  get address(): string {
    return this.parts.temporal.address;
  }

  static async open(): Promise<Stage> {
    const place = emptyPlace();
    const [temporal, emulator] = await Promise.all([startTemporal(place), emulatorFor(place)]);
    const connection = await Connection.connect({ address: temporal.address, interceptors });
    const stage = new Stage(place, { temporal, emulator }, new Client({ connection }), patientClients());
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => void stage.close().finally(() => process.exit(1)));
    return stage;
  }

  /** The worker's own program, as in production, or another one that says that it is ready. */
  async work(plan: string, { program = 'worker/main.ts', preload, env = {} }: WorkOptions = {}): Promise<Child> {
    const required = ['./register.cjs', ...(preload === undefined ? [] : [preload])];
    const child = await startChild({
      name: `worker-${this.children.length}`,
      command: [process.execPath, ...required.flatMap((module) => ['--require', module]), program],
      cwd: ROOT,
      env: {
        ...process.env,
        ROLLOUT_AWS_QUOTAS: HIGHER_THROUGHPUT,
        ...env,
        NODE_ENV: 'production',
        TEMPORAL_ADDRESS: this.parts.temporal.address,
        ROLLOUT_PLAN: plan,
      },
      logs: this.place.folder.logs,
      processes: this.place.processes,
      isReady: (printed) => printed().includes('worker is ready'),
      graceMs: 1_000,
      onUnexpectedEnd: this.place.onUnexpectedEnd,
    });
    this.children.push(child);
    return child;
  }

  async close(): Promise<void> {
    await Promise.all(this.children.map((child) => child.stop()));
    await this.client.connection.close();
    await Promise.all([this.parts.temporal.stop(), this.parts.emulator.stop()]);
    clear(this.place);
  }
}

export function emptyPlace(): ServerPlace {
  const path = mkdtempSync(join(tmpdir(), 'rollout-bench-'));
  const folder: StateFolder = { path, logs: join(path, 'logs') };
  const onUnexpectedEnd = (how: string): void => {
    console.error(`a part of the bench ended (${how}); its logs are in ${folder.logs}`);
    process.exitCode = 1;
  };
  return { folder, processes: new ProcessList(folder), onUnexpectedEnd };
}

/** The logs of a bench that failed are left. */
export function clear({ folder }: ServerPlace): void {
  if (process.exitCode === undefined) rmSync(folder.path, { recursive: true, force: true });
}

/** The AWS clients of this process, and of those that it starts, ask it from now on. */
export async function emulatorFor(place: ServerPlace): Promise<AwsEmulator> {
  const emulator = await startAwsEmulator(place, [TARGET]);
  process.env['AWS_ENDPOINT_URL'] = emulator.endpoint;
  process.env['AWS_CONFIG_FILE'] = emulator.configFile;
  process.env['AWS_SHARED_CREDENTIALS_FILE'] = emulator.credentialsFile;
  return emulator;
}

/** The bench's own requests are retried, because it may bring the emulator to its limits. */
function patientClients() {
  const { region, profile } = TARGET;
  const config = { region, profile };
  return {
    cloudformation: new CloudFormationClient(config),
    cloudwatch: new CloudWatchClient(config),
    sfn: new SFNClient(config),
    sns: new SNSClient(config),
    sqs: new SQSClient(config),
    ssm: new SSMClient(config),
  };
}

/** Work for many, at most so many at a time. */
export async function atMost<T>(
  atOnce: number,
  items: readonly T[],
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const queue = [...items];
  const take = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: atOnce }, take));
}
