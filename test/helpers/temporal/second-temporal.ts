import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { LISTED } from '../../../workflows/messages';
import { indexedAs } from './rig';
import type { RunningSandbox } from '../processes/running-sandbox';
import { until } from '../until';

/** Another Temporal as the rollouts see it: a namespace of its own with its own worker, over the AWS of the sandbox. */
export interface SecondTemporal {
  readonly client: Client;
  /** The sandbox from a terminal that names that namespace. */
  readonly seenFrom: RunningSandbox;
  readonly stop: () => Promise<void>;
}

/** @param ssm Address its worker reaches SSM by. */
export async function startSecondTemporal(
  sandbox: RunningSandbox,
  { namespace, ssm }: { readonly namespace: string; readonly ssm: string },
): Promise<SecondTemporal> {
  const { address } = sandbox.temporal;
  const connection = await Connection.connect({ address });
  await makeNamespace(connection, namespace);
  const env = { ...sandbox.env, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
  const worker = await startWorker({ ...env, ...awsOf(sandbox), AWS_ENDPOINT_URL_SSM: ssm });
  return {
    client: new Client({ connection, namespace }),
    seenFrom: { ...sandbox, env },
    stop: async () => {
      worker.kill('SIGTERM');
      if (worker.exitCode === null) await once(worker, 'exit');
      await connection.close();
    },
  };
}

/** With the search attributes a rollout sets. Temporal takes some seconds until it knows a new namespace everywhere. */
async function makeNamespace({ workflowService, operatorService }: Connection, namespace: string): Promise<void> {
  const { RegisterNamespaceRequest } = temporal.api.workflowservice.v1;
  const workflowExecutionRetentionPeriod = { seconds: 86_400 };
  await workflowService.registerNamespace(
    RegisterNamespaceRequest.fromObject({ namespace, workflowExecutionRetentionPeriod }),
  );
  const searchAttributes = Object.fromEntries(LISTED.map(({ name, type }) => [name, indexedAs(type)]));
  const known = (): Promise<boolean> =>
    operatorService.addSearchAttributes({ namespace, searchAttributes }).then(
      () => true,
      () => false,
    );
  await until(known, 'the namespace is known');
}

const awsOf = ({ aws: { endpoint, configFile, credentialsFile } }: RunningSandbox): NodeJS.ProcessEnv => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_CONFIG_FILE: configFile,
  AWS_SHARED_CREDENTIALS_FILE: credentialsFile,
  AWS_REGION: 'us-east-1',
});

async function startWorker(env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--require', './register.cjs', 'worker/main.ts'], {
    cwd: resolve(__dirname, '../../..'),
    env: { ...env, ROLLOUT_PLAN: 'plans/sandbox.yaml' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const ready = (): boolean => {
    if (child.exitCode !== null) throw new Error(`the worker ended:\n${printed}`);
    return printed.includes('worker is ready');
  };
  try {
    await until(ready, 'the worker is ready');
  } catch (error) {
    child.kill();
    throw new Error(`${String(error)}\n${printed}`, { cause: error });
  }
  return child;
}
