import { randomUUID } from 'node:crypto';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { DeleteParameterCommand } from '@aws-sdk/client-ssm';
import { startApi } from '../../../sandbox/api/start-api';
import { executionArn } from '../../../sandbox/aws/client-config';
import { minimalJob, mustFailJob, variantJob } from '../../../sandbox/pipeline/sample-jobs';
import { names, PipelineApi, until } from '../../helpers/samples/pipeline-api';

let world: PipelineApi;

beforeAll(async () => {
  world = await PipelineApi.start();
});
afterAll(() => world.stop());

const jsonOf = async (answer: Promise<Response>): Promise<unknown> => (await answer).json();

describe('health', () => {
  it('says Nextflow and why while there is no flag parameter', async () => {
    const other = await startApi({
      environment: 'prod',
      aws: world.aws,
      flagParameter: '/pavi/none',
      flagRefreshMs: 50,
    });
    const answer = await fetch(`${other.url}/api/health`);
    const body: unknown = await answer.json();
    await other.close();
    expect(answer.status).toBe(200);
    expect(body).toEqual({
      status: 'up',
      execution_mode: 'nextflow',
      environment: 'prod',
      reads_by: 'job',
      flags: { source: 'fallback', why: expect.stringContaining('could not be read') as string },
    });
  });

  it.each([
    [0, 'nextflow', undefined],
    [25, 'step_functions', { enabled: true, percentage: 25 }],
    [100, 'step_functions', { enabled: true, percentage: 100 }],
  ])('at %i %% says %s', async (percentage, mode, rollout) => {
    const generation = await world.setPercentage(percentage);
    const health = await world.health();
    expect(health).toMatchObject({
      status: 'up',
      execution_mode: mode,
      environment: 'prod',
      flags: { source: 'parameter', generation },
    });
    expect(health.rollout).toEqual(rollout);
  });

  it('keeps the last flags when the parameter is deleted', async () => {
    await world.setPercentage(100);
    await world.clients.ssm.send(new DeleteParameterCommand({ Name: names.flagParameter }));
    await until(async () => (await world.health()).flags.source === 'last-good');
    expect((await world.submit(minimalJob)).backend).toBe('step-functions');
  });
});

describe('deployment status', () => {
  it('counts the Step Functions side as disabled at 0 %, and names what is not there above', async () => {
    await world.setPercentage(0);
    expect(await jsonOf(world.get('/api/deployment-status'))).toMatchObject({
      overall_status: 'healthy',
      components: { api: { status: 'healthy' }, step_functions: { status: 'disabled' } },
    });
    await world.setPercentage(100);
    expect(await jsonOf(world.get('/api/deployment-status'))).toMatchObject({
      overall_status: 'unknown',
      components: {
        step_functions: { status: 'healthy' },
        dynamodb: { status: 'healthy' },
        batch: { status: 'not_found' },
        s3_results: { status: 'not_found' },
      },
    });
  });
});

describe('jobs', () => {
  it('on Nextflow run through to a result', async () => {
    await world.setPercentage(0);
    const { view, backend } = await world.submit(minimalJob);
    expect(backend).toBe('nextflow');
    expect(view).toEqual({ uuid: view.uuid, status: 'pending', name: `pavi-job-${view.uuid}` });
    expect((await world.get(`/api/pipeline-job/${view.uuid}/result/alignment`)).status).toBe(404);
    expect((await world.get(`/api/pipeline-job/${view.uuid}/logs`)).status).toBe(400);
    expect(await world.ended(view.uuid)).toMatchObject({ status: 'completed', stage: 'done' });
    expect(await (await world.get(`/api/pipeline-job/${view.uuid}/logs`)).text()).toContain('[alignment] COMPLETED');
  });

  it('on Step Functions are real executions under the id they were routed by', async () => {
    await world.setPercentage(100);
    const { view, backend } = await world.submit(variantJob);
    expect(backend).toBe('step-functions');
    expect(view).toEqual({
      uuid: view.uuid,
      status: 'pending',
      name: `pavi-job-${view.uuid}`,
      stage: 'INITIALIZING',
      input_count: 2,
    });
    expect(await world.ended(view.uuid)).toMatchObject({ status: 'completed', stage: 'DONE', sequences_processed: 2 });
    const execution = await world.clients.sfn.send(
      new DescribeExecutionCommand({ executionArn: executionArn(world.machineArn, view.name) }),
    );
    expect(execution.status).toBe('SUCCEEDED');
    expect(JSON.parse(execution.input ?? '')).toEqual({
      job_id: view.uuid,
      seq_regions: variantJob,
      job_queue_arn: `arn:aws:batch:us-east-1:${world.aws.account}:job-queue/${names.jobQueue}`,
    });
    expect((await world.get(`/api/pipeline-job/${view.uuid}/logs`)).status).toBe(501);
  });

  it('give the same result on both backends', async () => {
    const results: string[] = [];
    for (const percentage of [0, 100]) {
      await world.setPercentage(percentage);
      const { uuid } = (await world.submit(variantJob)).view;
      await world.ended(uuid);
      for (const name of ['alignment', 'seq-info'])
        results.push(await (await world.get(`/api/pipeline-job/${uuid}/result/${name}`)).text());
    }
    expect(results[0]).toMatch(/^CLUSTAL O/);
    expect(results.slice(0, 2)).toEqual(results.slice(2));
  });

  it('are split by the percentage, and each is still read where it runs after the percentage went to 0', async () => {
    await world.setPercentage(50);
    const jobs = await Promise.all(Array.from({ length: 60 }, () => world.submit(minimalJob)));
    const onStepFunctions = jobs.filter(({ backend }) => backend === 'step-functions');
    // Further off than this once in two million runs.
    expect(onStepFunctions.length).toBeGreaterThan(10);
    expect(onStepFunctions.length).toBeLessThan(50);
    await world.setPercentage(0);
    for (const { view, backend } of jobs) {
      const response = await world.get(`/api/pipeline-job/${view.uuid}`);
      expect([response.status, response.headers.get('x-pavi-backend')]).toEqual([200, backend]);
    }
  });

  it('on Step Functions are still known to a restarted API', async () => {
    await world.setPercentage(100);
    const { uuid } = (await world.submit(minimalJob)).view;
    const other = await startApi({ environment: 'prod', aws: world.aws });
    const { status } = await fetch(`${other.url}/api/pipeline-job/${uuid}`);
    await other.close();
    expect(status).toBe(200);
  });

  it.each([0, 100])('whose input is at fault fail at %i %%, quickly', async (percentage) => {
    await world.setPercentage(percentage);
    const { uuid } = (await world.submit(mustFailJob)).view;
    const view = await world.ended(uuid);
    expect(view.status).toBe('failed');
    expect(view.error_message).toContain("sequence 'FAILURE_TEST_SEQ_ID' not present");
    expect((await world.get(`/api/pipeline-job/${uuid}/result/alignment`)).status).toBe(percentage === 0 ? 404 : 400);
  });

  it('with a variant fail on Step Functions alone while the regression is on', async () => {
    expect(await (await world.post('/sandbox/regression', '{"on":true}')).json()).toEqual({ on: true });
    await world.setPercentage(100);
    const [broken, fine] = [await world.submit(variantJob), await world.submit(minimalJob)];
    await world.setPercentage(0);
    const elsewhere = await world.submit(variantJob);
    await world.post('/sandbox/regression', '{"on":false}');
    expect(await world.ended(broken.view.uuid)).toMatchObject({
      status: 'failed',
      stage: 'ERROR',
      error_message: expect.stringContaining('PipelineError') as string,
    });
    expect((await world.ended(fine.view.uuid)).status).toBe('completed');
    expect((await world.ended(elsewhere.view.uuid)).status).toBe('completed');
  });
});

describe('what the API refuses', () => {
  const without = (field: string): string => {
    const { [field]: _left, ...rest } = minimalJob[0] as Record<string, unknown>;
    return JSON.stringify([rest]);
  };
  const withField = (field: string, value: unknown): string => JSON.stringify([{ ...minimalJob[0], [field]: value }]);

  it.each([
    ['no JSON', '[{', 'json_invalid', ['body', 0]],
    ['nothing', '', 'missing', ['body']],
    ['an object around the list', JSON.stringify({ seq_regions: minimalJob }), 'list_type', ['body']],
    ['a list of texts', '["C54H2.5.1"]', 'model_attributes_type', ['body', 0]],
    ['a missing field', without('seq_id'), 'missing', ['body', 0, 'seq_id']],
    ['a number for a text', withField('seq_strand', 1), 'string_type', ['body', 0, 'seq_strand']],
    ['a text for a list', withField('variant_ids', 'rs1'), 'list_type', ['body', 0, 'variant_ids']],
    ['a number for a region', withField('exon_seq_regions', [7]), 'union_type', ['body', 0, 'exon_seq_regions', 0]],
  ])('%s: 422 with where and why', async (_name, body, type, loc) => {
    const response = await world.post('/api/pipeline-job/', body);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ detail: [{ type, loc }] });
  });

  it('an unknown job with 404, and an id that is none with 422', async () => {
    const unknown = await world.get(`/api/pipeline-job/${randomUUID()}`);
    expect([unknown.status, await unknown.json()]).toEqual([404, { detail: 'Job not found.' }]);
    expect((await world.get('/api/pipeline-job/none')).status).toBe(422);
  });
});
