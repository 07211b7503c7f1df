/** Jest's global set-up of the project `aws`: one AWS emulator for all its test files, on a port of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pipelineNames } from '../../../infra/pavi/names';
import { SANDBOX_STATE_MACHINES, writeSfnMockConfig } from '../../../sandbox/pipeline/mock-responses';
import { warmUp } from './warm-up';
import { freePort } from '../../../sandbox/process/free-port';

export interface Emulator {
  readonly endpoint: string;
  readonly process: ChildProcess;
  /** Mock file, log and the profiles of the test accounts. */
  readonly directory: string;
}

declare global {
  var awsEmulator: Emulator | undefined;
}

/** Those the emulator answers for: the sandbox's and the one of `pipeline-app.ts`. */
const stateMachines = [...SANDBOX_STATE_MACHINES, pipelineNames('tests').stateMachine];
const READY_WITHIN_MS = 20_000;

// Jest takes the function itself from the module.
module.exports = async function startEmulator(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'rollout-aws-'));
  mkdirSync(join(directory, 'profiles'));
  const port = await freePort();
  const log = openSync(join(directory, 'ministack.log'), 'w');
  const child = spawn(resolve('.sandbox/venv-aws/bin/ministack'), [], {
    cwd: directory,
    stdio: ['ignore', log, log],
    env: {
      ...process.env,
      BIND_HOST: '127.0.0.1',
      // Listens on every interface, whatever BIND_HOST says.
      IOT_MTLS_ENABLED: '0',
      MINISTACK_HOST: '127.0.0.1',
      // As Lambda's own runtime for Node brings it: the AWS SDK.
      NODE_PATH: resolve('node_modules'),
      GATEWAY_PORT: String(port),
      ...writeSfnMockConfig(join(directory, 'sfn-mock.json'), stateMachines),
    },
  });
  const endpoint = `http://127.0.0.1:${port}`;
  await ready(endpoint, child);
  await warmUp(endpoint);
  globalThis.awsEmulator = { endpoint, process: child, directory };
  process.env['AWS_ENDPOINT_URL'] = endpoint;
  process.env['AWS_REGION'] = 'us-east-1';
  process.env['AWS_EMULATOR_DIRECTORY'] = directory;
  // Nothing of the developer's own account may reach a test.
  for (const name of ['AWS_PROFILE', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'])
    delete process.env[name];
};

async function ready(endpoint: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    const answer = await fetch(`${endpoint}/_ministack/health`).catch(() => undefined);
    if (answer?.ok) return;
    if (child.exitCode !== null) throw new Error(`the AWS emulator ended with ${child.exitCode}`);
    if (Date.now() > deadline) throw new Error(`the AWS emulator did not answer within ${READY_WITHIN_MS} ms`);
    await sleep(100);
  }
}
