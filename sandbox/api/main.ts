/**
 * The sample PAVI API as a process, for containers and for trying it alone. From the environment: PAVI_ENVIRONMENT,
 * AWS_ACCOUNT_ID (both needed), AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL; PORT (8080), HOST (127.0.0.1),
 * FLAG_PARAMETER, FLAG_RELAY_URL, FLAG_RELAY_TOKEN, NEXTFLOW_MS, TRAFFIC_PER_SECOND (0: no traffic), TRAFFIC_SEED; and PAVI's own
 * STEP_FUNCTIONS_STATE_MACHINE_ARN, BATCH_JOB_QUEUE_ARN, DYNAMODB_JOBS_TABLE, PAVI_RESULTS_BUCKET. With
 * FLAGS_FROM=variables it uses PAVI's own USE_STEP_FUNCTIONS, ENABLE_STEP_FUNCTIONS_ROLLOUT and
 * STEP_FUNCTIONS_ROLLOUT_PERCENTAGE; INSTANCE_ID sets the id it reports.
 */
import { pipelineNames } from '../../infra/pavi/names';
import { stateMachineArn } from '../aws/client-config';
import { applySfnMockConfig } from '../pipeline/mock-responses';
import { startTraffic } from './traffic';
import { startApi } from './start-api';
import { messageOf } from '../process/user-error';

const read = (name: string): string | undefined => process.env[name] || undefined;

function needed(name: string): string {
  const value = read(name);
  if (value === undefined) throw new Error(`Set ${name}.`);
  return value;
}

function numberFrom(name: string, standard: number): number {
  const value = Number(read(name) ?? standard);
  if (!Number.isFinite(value) || value < 0) throw new Error(`${name} must be a number from 0, and is ${read(name)}.`);
  return value;
}

async function main(): Promise<void> {
  const environment = needed('PAVI_ENVIRONMENT');
  const aws = {
    account: needed('AWS_ACCOUNT_ID'),
    region: read('AWS_REGION') ?? 'us-east-1',
    profile: read('AWS_PROFILE'),
  };
  const endpoint = read('AWS_ENDPOINT_URL');
  if (endpoint !== undefined) await applySfnMockConfig(endpoint);
  const machine =
    read('STEP_FUNCTIONS_STATE_MACHINE_ARN') ?? stateMachineArn(aws, pipelineNames(environment).stateMachine);
  const relayUrl = read('FLAG_RELAY_URL');
  const api = await startApi({
    environment,
    aws,
    relay: relayUrl === undefined ? undefined : { url: relayUrl, token: read('FLAG_RELAY_TOKEN') },
    stateMachineArn: machine,
    jobQueueArn: read('BATCH_JOB_QUEUE_ARN'),
    jobsTable: read('DYNAMODB_JOBS_TABLE'),
    resultsBucket: read('PAVI_RESULTS_BUCKET'),
    flagParameter: read('FLAG_PARAMETER'),
    instance: read('INSTANCE_ID'),
    ...(read('FLAGS_FROM') === 'variables' ? { variables: process.env } : {}),
    host: read('HOST') ?? '127.0.0.1',
    port: numberFrom('PORT', 8080),
    nextflowMs: numberFrom('NEXTFLOW_MS', 3_000),
  });
  const ratePerSecond = numberFrom('TRAFFIC_PER_SECOND', 0);
  const seed = numberFrom('TRAFFIC_SEED', 1);
  const traffic =
    ratePerSecond > 0
      ? startTraffic({ apiUrl: api.url, aws, stateMachineArn: machine, ratePerSecond, seed })
      : undefined;
  process.stdout.write(`PAVI sample API of ${environment} at ${api.url}/api\n`);
  const stop = (): void => {
    void Promise.resolve(traffic?.stop())
      .then(() => api.close())
      .then(() => process.exit(0));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});
