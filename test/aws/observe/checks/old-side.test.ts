import { resolve } from 'node:path';
import { CreateStateMachineCommand, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { createAwsFor } from '../../../../activities/aws';
import { createChecks } from '../../../../activities/observe/checks/run-check';
import { PAVI_JOBS, PAVI_KIND } from '../../../../pavi/jobs';
import { checkOf, type CheckResult } from '../../../../rules/checks/check';
import type { EnvironmentPlan } from '../../../../rules/plan/environment-plan';
import { activityEnvironment } from '../../../helpers/activity-environment';
import { PipelineApi } from '../../../helpers/samples/pipeline-api';
import { aPlan } from '../../../helpers/samples/plans';

const TEST_JOB = resolve(__dirname, '../../../../plans/pavi-test-job.json');
const { runCheck } = createChecks(createAwsFor(), { jobKinds: [PAVI_KIND] });

let world: PipelineApi;
beforeAll(async () => {
  world = await PipelineApi.start();
});
afterAll(() => world.stop());

function ask(
  kind: 'instances-on-old-side' | 'none-in-flight' | 'jobs-on-old-side',
  changes: Partial<EnvironmentPlan>,
  againForMs = 0,
): Promise<CheckResult> {
  const plan = aPlan({ aws: world.aws, ...changes });
  return activityEnvironment().run(runCheck, { plan, check: checkOf('step', { kind }), sinceMs: 0, againForMs });
}

describe('every instance of the API', () => {
  const said = (againForMs: number, ...instances: readonly string[]) =>
    ask('instances-on-old-side', { verification: { monitorMs: 0, instances } }, againForMs);

  it('is asked until its own health reports the old side', async () => {
    await world.setPercentage(100);
    const { url } = world.api;
    expect(await said(0, url)).toMatchObject({ outcome: 'no', why: `${url} says step_functions` });
    const asked = said(30_000, url);
    await world.setPercentage(0);
    expect(await asked).toMatchObject({ outcome: 'yes', why: `${url} says nextflow` });
  });

  it('does not count while it does not answer', async () => {
    await world.setPercentage(0);
    const { outcome, why } = await said(0, world.api.url, 'http://127.0.0.1:9');
    expect([outcome, why]).toEqual([
      'no',
      expect.stringMatching(/says nextflow; http:\/\/127\.0\.0\.1:9 says nothing/),
    ]);
  });

  it('is not known without an address', async () =>
    expect(await ask('instances-on-old-side', { verification: { monitorMs: 0 } })).toMatchObject({
      outcome: 'unknown',
      why: expect.stringContaining('by hand'),
    }));
});

it('jobs are submitted, completed and read back on the old side, and nowhere else', async () => {
  const verification = { monitorMs: 0, jobs: PAVI_JOBS, apiUrl: world.api.url, testJob: TEST_JOB };
  await world.setPercentage(0);
  expect(await ask('jobs-on-old-side', { verification })).toMatchObject({
    outcome: 'yes',
    why: expect.stringMatching(/mode nextflow; completed with both/),
  });
  await world.setPercentage(100);
  expect(await ask('jobs-on-old-side', { verification })).toMatchObject({
    outcome: 'no',
    why: 'the API does not send jobs to nextflow: healthy in mode step_functions',
  });
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
  const guard = { name: 'jobs', kind: 'executions', stateMachine: 'slow', userErrors: [], onBreach: 'hold' } as const;
  const watch = { ...aPlan().watch, guards: [{ ...guard, breach: { successRateBelow: 95 } }] };
  expect(await ask('none-in-flight', { watch })).toMatchObject({
    outcome: 'no',
    why: expect.stringContaining('1 still run and may finish: job-7'),
    evidence: { executions: ['job-7'] },
  });
  const drained = ask('none-in-flight', { watch }, 30_000);
  await sfn.send(new StopExecutionCommand({ executionArn }));
  expect(await drained).toMatchObject({ outcome: 'yes', why: 'none runs' });
});

it('what runs is not known without a state machine', async () =>
  expect(await ask('none-in-flight', {})).toMatchObject({ outcome: 'unknown' }));
