import {
  CreateStateMachineCommand,
  ListExecutionsCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { startStatesMetrics } from '../../../sandbox/pipeline/states-metrics';
import { startTraffic } from '../../../sandbox/api/traffic';
import { PipelineApi, until } from '../../helpers/samples/pipeline-api';

let world: PipelineApi;

beforeAll(async () => {
  world = await PipelineApi.start();
});
afterAll(() => world.stop());

/** As AWS counts them, from the list. */
async function executionsSince(fromMs: number): Promise<object> {
  const { executions = [] } = await world.clients.sfn.send(
    new ListExecutionsCommand({ stateMachineArn: world.machineArn }),
  );
  const since = executions.filter(({ startDate }) => startDate!.getTime() >= fromMs);
  const count = (wanted: string): number => since.filter(({ status }) => status === wanted).length;
  const [succeeded, failed, timedOut, aborted] = ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'].map(count);
  return { started: since.length, succeeded, failed, timedOut, aborted };
}

it('publishes what the executions did, and its failures put the alarm into ALARM', async () => {
  await world.setPercentage(50);
  const beganAtMs = Date.now();
  const traffic = startTraffic({
    apiUrl: world.api.url,
    aws: world.aws,
    stateMachineArn: world.machineArn,
    ratePerSecond: 20,
    seed: 7,
    pollMs: 100,
  });
  await until(() => traffic.stats().executions.succeeded > 5);
  expect(await world.alarmState()).toBe('OK');
  expect(traffic.stats()).toMatchObject({ refused: 0, lost: 0, skipped: 0, stepFunctions: { failed: 0 } });
  await world.post('/sandbox/regression', '{"on":true}');
  await until(async () => (await world.alarmState()) === 'ALARM');
  await world.setPercentage(0);
  await until(() => traffic.stats().stepFunctions.running === 0);
  await traffic.stop();
  await world.post('/sandbox/regression', '{"on":false}');
  const { executions, stepFunctions, nextflow, lost } = traffic.stats();
  expect(executions).toEqual(await executionsSince(beganAtMs));
  expect(executions).toMatchObject({ succeeded: stepFunctions.completed, failed: stepFunctions.failed });
  expect([lost, nextflow.failed]).toEqual([0, 0]);
  expect(nextflow.completed).toBeGreaterThan(0);
});

it('continues when the API does not answer, and reports it', async () => {
  const traffic = startTraffic({
    apiUrl: 'http://127.0.0.1:9',
    aws: world.aws,
    stateMachineArn: world.machineArn,
    ratePerSecond: 50,
    seed: 1,
  });
  await until(() => traffic.stats().refused > 3);
  await traffic.stop();
  expect(traffic.stats()).toMatchObject({ submitted: 0, lost: 0, trouble: expect.any(String) as string });
});

it('counts an execution once, however long it runs and however it was started', async () => {
  const { sfn } = world.clients;
  const { stateMachineArn } = await sfn.send(
    new CreateStateMachineCommand({
      name: 'waits',
      roleArn: `arn:aws:iam::${world.aws.account}:role/pipeline`,
      definition: JSON.stringify({ StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 86_400, End: true } } }),
    }),
  );
  const metrics = startStatesMetrics({
    aws: world.aws,
    stateMachineArn: stateMachineArn!,
    intervalMs: 30,
    overlapMs: 100,
  });
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn }));
  await until(() => metrics.counts().started === 1);
  // Longer than the overlap: it is no longer among the young ones of the list.
  await new Promise((resolve) => setTimeout(resolve, 500));
  await sfn.send(new StopExecutionCommand({ executionArn }));
  await until(() => metrics.counts().aborted === 1);
  await metrics.stop();
  expect(metrics.counts()).toEqual({ started: 1, succeeded: 0, failed: 0, timedOut: 0, aborted: 1 });
  expect(metrics.trouble()).toBeUndefined();
});

it('has nothing to count, and no trouble, while the state machine is not deployed', async () => {
  const missing = `${world.machineArn}-missing`;
  const metrics = startStatesMetrics({ aws: world.aws, stateMachineArn: missing, intervalMs: 30 });
  await metrics.stop();
  expect([metrics.counts().started, metrics.trouble()]).toEqual([0, undefined]);
});
