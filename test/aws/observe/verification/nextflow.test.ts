import { resolve } from 'node:path';
import { CreateStateMachineCommand, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { createNextflowJobs } from '../../../../activities/act/jobs/test-jobs';
import { createAwsFor } from '../../../../activities/aws';
import { createNextflowObservations } from '../../../../activities/observe/verification/nextflow';
import { activityEnvironment } from '../../../helpers/activity-environment';
import { PipelineApi } from '../../../helpers/samples/pipeline-api';

const TEST_JOB = resolve(__dirname, '../../../../plans/pavi-test-job.json');
const { awaitNextflow, listInFlight } = createNextflowObservations(createAwsFor());
const { completeOnNextflow } = createNextflowJobs();

let world: PipelineApi;
beforeAll(async () => {
  world = await PipelineApi.start();
});
afterAll(() => world.stop());

const said = (withinMs: number, ...instances: readonly string[]) =>
  activityEnvironment().run(awaitNextflow, { instances, withinMs }) as ReturnType<typeof awaitNextflow>;

describe('every instance of the API', () => {
  it('is asked until its own health says nextflow', async () => {
    await world.setPercentage(100);
    expect(await said(0, world.api.url)).toEqual({ all: false, why: `${world.api.url} says step_functions` });
    const asked = said(30_000, world.api.url);
    await world.setPercentage(0);
    expect(await asked).toEqual({ all: true, why: `${world.api.url} says nextflow` });
  });

  it('counts as not told while it does not answer', async () => {
    await world.setPercentage(0);
    const { all, why } = await said(0, world.api.url, 'http://127.0.0.1:9');
    expect([all, why]).toEqual([false, expect.stringMatching(/says nextflow; http:\/\/127\.0\.0\.1:9 says nothing/)]);
  });
});

it('jobs are submitted, completed and read back on Nextflow, and nowhere else', async () => {
  const run = () =>
    activityEnvironment().run(completeOnNextflow, {
      verification: { monitorMs: 0, apiUrl: world.api.url, testJob: TEST_JOB },
    });
  await world.setPercentage(0);
  expect(await run()).toMatchObject({ passed: true, why: expect.stringMatching(/mode nextflow; completed with both/) });
  await world.setPercentage(100);
  expect(await run()).toMatchObject({ passed: false, why: expect.stringContaining('not on Nextflow') });
});

it('what still runs on Step Functions is named, and can be waited for', async () => {
  const { sfn } = world.clients;
  const definition = { StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 600, End: true } } };
  const { stateMachineArn } = await sfn.send(
    new CreateStateMachineCommand({
      name: 'slow',
      roleArn: 'arn:aws:iam::1:role/test',
      definition: JSON.stringify(definition),
    }),
  );
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, name: 'job-7', input: '{}' }));
  const list = (drainWithinMs?: number) =>
    activityEnvironment().run(listInFlight, {
      aws: world.aws,
      stateMachines: ['slow'],
      drainWithinMs,
    });
  expect(await list()).toEqual(['job-7']);
  const drained = list(30_000);
  await sfn.send(new StopExecutionCommand({ executionArn }));
  expect(await drained).toEqual([]);
});
