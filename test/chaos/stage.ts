import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { Client, Connection } from '@temporalio/client';
import { typeWord } from '../../rules/listed';
import type { AwsTarget } from '../../rules/plan/environment-plan';
import { writeSfnMockConfig } from '../../sandbox/pipeline/mock-responses';
import { LISTED } from '../../workflows/messages';
import { freePort } from '../../sandbox/process/free-port';
import type { Counts } from './counts';
import { type Breaker, FaultProxy } from './fault-proxy';
import { Part } from './part';

const ROOT = resolve(__dirname, '../..');
const VENV = (program: string): string => join(ROOT, '.sandbox', program);

export const TARGET: AwsTarget & { readonly profile: string } = {
  account: '700000000088',
  region: 'us-east-1',
  profile: 'chaos',
};
/** Faults are what is measured here, and not the quotas of an account. */
const QUOTAS =
  'GetParameter=10000,DescribeAlarms=10000,DescribeAlarmHistory=10000,ListExecutions=10000,DescribeExecution=10000';

export interface StageOptions {
  readonly counts: Counts;
  readonly next: () => number;
  readonly breaker?: Breaker | undefined;
  /** Whether Temporal gives each build of the worker work of its own. */
  readonly versioning: boolean;
}

interface StageParts {
  readonly folder: string;
  readonly temporal: Part;
  readonly emulator: Part;
  readonly proxy: FaultProxy;
  readonly client: Client;
  readonly aws: ReturnType<typeof clientsOf>;
  readonly env: NodeJS.ProcessEnv;
}

/** Every process of the product, each of which may be lost, and the faulty way from it to AWS. */
export class Stage {
  readonly workers: Part[] = [];
  readonly clocks: string[] = [];

  private constructor(private readonly parts: StageParts) {}

  get folder(): string {
    return this.parts.folder;
  }

  get temporal(): Part {
    return this.parts.temporal;
  }

  get emulator(): Part {
    return this.parts.emulator;
  }

  get proxy(): FaultProxy {
    return this.parts.proxy;
  }

  get client(): Client {
    return this.parts.client;
  }

  /** As the world outside sees AWS: past the proxy. */
  get aws(): ReturnType<typeof clientsOf> {
    return this.parts.aws;
  }

  /** Of each program of the product. */
  get env(): NodeJS.ProcessEnv {
    return this.parts.env;
  }

  static async open({ counts, next, breaker, versioning }: StageOptions): Promise<Stage> {
    const folder = mkdtempSync(join(tmpdir(), 'rollout-chaos-'));
    const profiles = writeProfiles(folder);
    const [temporalPort, awsPort] = [await freePort(), await freePort()];
    const endpoint = `http://127.0.0.1:${awsPort}`;
    const address = `127.0.0.1:${temporalPort}`;
    const temporal = temporalPart(folder, temporalPort, [await freePort(), await freePort()]);
    const emulator = emulatorPart(folder, awsPort);
    const proxy = new FaultProxy(endpoint, counts, next, breaker);
    const [proxied] = await Promise.all([proxy.listen(), temporal.start(), emulator.start()]);
    const env = {
      ...foreign(),
      ...profiles,
      NODE_ENV: 'production',
      NO_COLOR: '1',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      AWS_REGION: TARGET.region,
      AWS_ENDPOINT_URL: proxied,
      TEMPORAL_ADDRESS: address,
      ROLLOUT_AWS_QUOTAS: QUOTAS,
      ROLLOUT_WORKER_VERSIONING: versioning ? 'on' : 'off',
      ROLLOUT_ACTOR: 'chaos',
    };
    // The answers of this process's own clients come from the emulator itself.
    Object.assign(process.env, profiles);
    const client = new Client({ connection: Connection.lazy({ address }) });
    return new Stage({ folder, temporal, emulator, proxy, client, aws: clientsOf(endpoint), env });
  }

  /** Two workers of two builds: of this checkout, and of the next version. */
  async work(plan: string): Promise<void> {
    for (const kind of ['present', 'next']) {
      const clock = join(this.folder, `clock-${kind}`);
      writeFileSync(clock, '0');
      this.clocks.push(clock);
      const preloads = ['./register.cjs', './test/helpers/processes/shifted-clock.cjs'];
      const required = preloads.flatMap((module) => ['--require', module]);
      const command = [...required, 'test/helpers/temporal/changed-build.ts', kind];
      const part = this.part(`worker-${kind}`, command, {
        env: { ROLLOUT_PLAN: plan, CLOCK_OFF_FILE: clock },
        isReady: (log) => log.includes('worker is ready'),
      });
      this.workers.push(part);
      await part.start();
    }
  }

  /** A Node program of this checkout. */
  part(
    name: string,
    words: readonly string[],
    more: {
      readonly env?: NodeJS.ProcessEnv;
      readonly isReady?: (log: string) => Promise<boolean> | boolean;
      again?: boolean;
    },
  ): Part {
    return new Part({
      ...{ name, cwd: ROOT, log: join(this.folder, `${name}.log`) },
      command: [process.execPath, ...words],
      env: { ...this.env, ...more.env },
      isReady: more.isReady ?? (() => true),
      again: more.again ?? true,
    });
  }

  /** Everything goes on, at the right time, with room on its disk. */
  calm(): void {
    this.proxy.spells = [];
    this.proxy.refuse(false);
    for (const clock of this.clocks) writeFileSync(clock, '0');
    for (const part of [this.temporal, this.emulator, ...this.workers]) part.thaw();
  }

  /** The folder of a failed run is left. */
  async close(keep: boolean): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop()));
    await this.client.connection.close();
    await Promise.all([this.temporal.stop(), this.emulator.stop()]);
    await this.proxy.close();
    if (!keep) rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Nothing of what the shell says of AWS, Temporal or a rollout: that may be a real account. */
const foreign = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AWS|TEMPORAL|ROLLOUT)_/.test(name)));

function temporalPart(folder: string, port: number, [http, metrics]: readonly number[]): Part {
  return new Part({
    name: 'temporal',
    command: [
      VENV('venv-temporal/bin/temporal'),
      ...['server', 'start-dev', '--headless', '--ip', '127.0.0.1', '--port', String(port)],
      ...['--http-port', String(http), '--metrics-port', String(metrics), '--log-level', 'error'],
      ...['--db-filename', join(folder, 'temporal.db')],
      ...['--dynamic-config-value', 'history.transferProcessorMaxPollRPS=2000'],
      ...LISTED.flatMap(({ name, type }) => ['--search-attribute', `${name}=${typeWord({ type })}`]),
    ],
    cwd: folder,
    env: foreign(),
    log: join(folder, 'temporal.log'),
    again: true,
    isReady: async () => {
      const connection = await Connection.connect({ address: `127.0.0.1:${port}`, connectTimeout: 1_000 });
      try {
        await connection.workflowService.describeNamespace({ namespace: 'default' });
        return true;
      } finally {
        await connection.close();
      }
    },
  });
}

/** It keeps its state only when it is stopped by SIGTERM, so that is how it is lost. */
function emulatorPart(folder: string, port: number): Part {
  return new Part({
    name: 'emulator',
    command: [VENV('venv-aws/bin/python'), '-m', 'ministack'],
    cwd: folder,
    env: {
      ...foreign(),
      ...writeSfnMockConfig(join(folder, 'sfn-mock.json')),
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      PERSIST_STATE: '1',
      STATE_DIR: join(folder, 'aws'),
      S3_DATA_DIR: join(folder, 's3'),
    },
    log: join(folder, 'emulator.log'),
    again: false,
    isReady: async () =>
      (await fetch(`http://127.0.0.1:${port}/_ministack/health`, { signal: AbortSignal.timeout(1_000) })).ok,
  });
}

function writeProfiles(folder: string): Record<string, string> {
  const [config, credentials] = [join(folder, 'config'), join(folder, 'credentials')];
  writeFileSync(config, `[profile ${TARGET.profile}]\nregion = ${TARGET.region}\n`);
  writeFileSync(
    credentials,
    `[${TARGET.profile}]\naws_access_key_id = ${TARGET.account}\naws_secret_access_key = chaos\n`,
  );
  return { AWS_CONFIG_FILE: config, AWS_SHARED_CREDENTIALS_FILE: credentials };
}

const GONE = /ECONNREFUSED|ECONNRESET|EPIPE|socket hang up/;
const BACK_WITHIN_MS = 60_000;

interface Stack {
  add(middleware: (next: never) => never, options: { readonly step: 'initialize' }): void;
}

/** They are of the world outside, and wait while the emulator is away. */
function patient<T extends { readonly middlewareStack: unknown }>(client: T): T {
  const waiting = (next: (args: unknown) => Promise<unknown>) => async (args: unknown) => {
    const deadlineMs = Date.now() + BACK_WITHIN_MS;
    for (;;) {
      try {
        return await next(args);
      } catch (error) {
        if (!GONE.test(String(error)) || Date.now() > deadlineMs) throw error;
        await sleep(300);
      }
    }
  };
  (client.middlewareStack as Stack).add(waiting as never, { step: 'initialize' });
  return client;
}

function clientsOf(endpoint: string) {
  const { region, account: accessKeyId } = TARGET;
  const config = { region, endpoint, credentials: { accessKeyId, secretAccessKey: 'chaos' } };
  return {
    cloudformation: patient(new CloudFormationClient(config)),
    cloudwatch: patient(new CloudWatchClient(config)),
    sfn: patient(new SFNClient(config)),
    sns: patient(new SNSClient(config)),
    sqs: patient(new SQSClient(config)),
    ssm: patient(new SSMClient(config)),
  };
}
