import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateStateMachineCommand, ListExecutionsCommand } from '@aws-sdk/client-sfn';
import type { FoundJob } from '../../../../activities/act/jobs/verify-jobs';
import { createVerifyJobs } from '../../../../activities/act/jobs/verify-jobs';
import { createAwsFor } from '../../../../activities/aws';
import { PAVI_JOBS, PAVI_KIND } from '../../../../pavi/jobs';
import type { Verification } from '../../../../rules/plan/environment-plan';
import { awsClient } from '../../../../sandbox/aws/client-config';
import { type Containers, startContainers } from '../../../../sandbox/pipeline/container-results';
import { variantJob } from '../../../../sandbox/pipeline/sample-jobs';
import { activityEnvironment } from '../../../helpers/activity-environment';
import { names, PipelineApi } from '../../../helpers/samples/pipeline-api';
import { startResultsProxy } from '../../../helpers/aws/results-proxy';

/** All tests share the names of buckets: other tests need the pipeline's own to be absent. */
const BUCKET = 'verification-tests';
const plans = (file: string): string => resolve(__dirname, '../../../../plans', file);
const golden = { alignment: plans('pavi-test-job-golden.aln'), seqInfo: plans('pavi-test-job-golden.json') };

let world: PipelineApi;
let containers: Containers;
let jobs: ReturnType<typeof createVerifyJobs>;

beforeAll(async () => {
  world = await PipelineApi.start({ bucket: BUCKET });
  containers = await startContainers(process.env['AWS_ENDPOINT_URL'] ?? '', () => BUCKET);
  process.env['AWS_ENDPOINT_URL_SFN'] = containers.url;
  jobs = createVerifyJobs(createAwsFor(), [PAVI_KIND]);
  const s3 = new S3Client({ ...awsClient(world.aws), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  s3.destroy();
});
afterAll(async () => {
  delete process.env['AWS_ENDPOINT_URL_SFN'];
  await containers.close();
  await world.stop();
});

const verification = (changes: Partial<Verification> = {}): Verification => ({
  ...{ monitorMs: 0, jobs: PAVI_JOBS, apiUrl: world.api.url, testJob: plans('pavi-test-job.json'), golden },
  ...{ failingJob: { job: plans('pavi-failing-job.json'), says: 'failure_test_seq_id' } },
  ...{ badJob: plans('pavi-bad-job.json'), stateMachine: names.stateMachine },
  ...{ limits: { answersMs: 1_000, jobsMs: 20_000 } },
  ...changes,
});

/** A file of its own beside the system's temporary ones. */
function fileOf(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'verification-')), 'file');
  writeFileSync(path, text);
  return path;
}

const submitted = async (job: string): Promise<string> => {
  const order = { verification: { apiUrl: `${world.api.url}/`, jobs: PAVI_JOBS }, job };
  const one: Awaited<ReturnType<typeof jobs.submitVerificationJob>> = await activityEnvironment().run(
    jobs.submitVerificationJob,
    order,
  );
  if ('refused' in one) throw new Error(one.refused);
  return one.uuid;
};

const follow = (
  uuid: string,
  percentage: number,
  expects: 'golden-results' | 'failure',
  changes: Partial<Verification> = {},
): Promise<FoundJob> => {
  const plan = { aws: world.aws, verification: verification(changes) };
  return activityEnvironment().run(jobs.followVerificationJob, { plan, uuid, percentage, expects });
};

describe('the test job through the API', () => {
  beforeEach(() => world.setPercentage(0));

  it.each([
    [0, 'nextflow', 'on nextflow, by the missing execution in Step Functions'],
    [100, 'step-functions', 'on step-functions, by its execution in Step Functions'],
  ])('at %i %% completes on %s with the golden results', async (percentage, backend, by) => {
    await world.setPercentage(percentage);
    const found = await follow(await submitted(plans('pavi-test-job.json')), percentage, 'golden-results');
    expect(found).toMatchObject({ ok: true, backend, why: expect.stringContaining(`with the golden results (${by})`) });
  });

  it('fails on the other backend, though it completed', async () => {
    await world.setPercentage(0);
    const found = await follow(await submitted(plans('pavi-test-job.json')), 100, 'golden-results');
    expect(found).toMatchObject({
      ...{ ok: false, backend: 'nextflow' },
      why: expect.stringContaining('at 100 % it must run on step-functions, but it ran on nextflow'),
    });
  });

  it('fails by other results, and shows where they differ', async () => {
    const other = fileOf('CLUSTAL O(1.2.4)\n\ntest-001  MFCDC\ntest-003  MFCDC\n');
    const found = await follow(await submitted(plans('pavi-test-job.json')), 0, 'golden-results', {
      golden: { ...golden, alignment: other },
    });
    expect(found).toMatchObject({ ok: false, why: expect.stringContaining('its results differ') });
    expect(found.differences).toEqual([
      'sequence test-003 is missing',
      'sequence test-002 is unexpected',
      expect.stringMatching(/^test-001 differs from column 6: golden …MFCDC…, got …MFCDCFAHVW/),
    ]);
  });

  it('says so when nothing is compared, and when the job fails', async () => {
    const uuid = await submitted(plans('pavi-test-job.json'));
    const plan = { aws: world.aws, verification: verification() };
    const { golden: _golden, ...without } = plan.verification;
    const order = { plan: { ...plan, verification: without }, uuid, expects: 'golden-results' as const };
    expect(await activityEnvironment().run(jobs.followVerificationJob, order)).toMatchObject({
      ok: true,
      why: expect.stringContaining('its results are not compared: the plan names no verification.golden'),
    });
    expect(await follow(await submitted(plans('pavi-failing-job.json')), 0, 'golden-results')).toMatchObject({
      ok: false,
      why: expect.stringContaining('failed: sequence_retrieval: KeyError'),
    });
  });

  it('is remembered by another attempt, and not submitted again', async () => {
    const order = { verification: verification(), job: plans('pavi-test-job.json') };
    const again = activityEnvironment({ attempt: 2, heartbeatDetails: { uuid: 'job-7' } });
    expect(await again.run(jobs.submitVerificationJob, order)).toEqual({ uuid: 'job-7' });
    const cutOff = activityEnvironment({ attempt: 2 });
    expect(await cutOff.run(jobs.submitVerificationJob, order)).toMatchObject({ perhapsTwice: true });
  });

  it('is put on Step Functions by the header at 0 %, and told where the API does not follow it', async () => {
    await world.setPercentage(0);
    const deaf = await world.another({ takesProbes: false });
    const ask = (apiUrl: string) =>
      activityEnvironment().run(jobs.submitVerificationJob, {
        ...{ verification: verification({ apiUrl }), job: plans('pavi-test-job.json'), side: 'new' as const },
      });
    const [asked, elsewhere] = await Promise.all([ask(world.api.url), ask(deaf.url)]);
    await deaf.close();
    expect(elsewhere).toMatchObject({ side: 'old' });
    expect(asked).toMatchObject({ side: 'new' });
    const plan = { aws: world.aws, verification: verification() };
    const order = { plan, uuid: (asked as { uuid: string }).uuid, side: 'new' as const };
    const found = await activityEnvironment().run(jobs.followVerificationJob, {
      ...{ ...order, percentage: 0, expects: 'golden-results' as const },
    });
    expect(found).toMatchObject({
      ok: true,
      backend: 'step-functions',
      why: expect.stringContaining('golden results'),
    });
  });

  it('without a taker is reported', async () => {
    const order = {
      verification: verification({ apiUrl: 'http://127.0.0.1:9' }),
      job: plans('pavi-test-job.json'),
    };
    expect(await activityEnvironment().run(jobs.submitVerificationJob, order)).toMatchObject({
      refused: expect.stringContaining('not answered'),
    });
  });
});

describe('the job that must fail', () => {
  it('fails on Nextflow and on Step Functions, and says why', async () => {
    for (const percentage of [0, 100]) {
      await world.setPercentage(percentage);
      expect(await follow(await submitted(plans('pavi-failing-job.json')), percentage, 'failure')).toMatchObject({
        ...{ ok: true, backend: percentage === 0 ? 'nextflow' : 'step-functions' },
        why: expect.stringContaining("sequence 'FAILURE_TEST_SEQ_ID' not present"),
      });
    }
  });

  it.each([
    [0, {}, true, /says no reason; note: on nextflow/],
    [100, {}, false, /failed as it must, and says no reason/],
    [100, { reason: 'optional' as const }, true, /note: the plan says that it need not/],
  ])('without an error text at %i %%, with %j in the plan, is as it must be: %s', async (percentage, more, ok, why) => {
    await world.setPercentage(percentage);
    const silent = await startResultsProxy(world.api.url);
    silent.body = (text) => text.replace(/,"error_message":"(?:[^"\\]|\\.)*"/, '');
    const failingJob = { job: plans('pavi-failing-job.json'), says: 'failure_test_seq_id', ...more };
    const uuid = await submitted(failingJob.job);
    const found = await follow(uuid, percentage, 'failure', { apiUrl: silent.url, failingJob });
    await silent.close();
    expect(found).toMatchObject({ ok, why: expect.stringMatching(why) });
  });

  it('is not as it must be when it completes, or fails by something else', async () => {
    await world.setPercentage(0);
    expect(await follow(await submitted(plans('pavi-test-job.json')), 0, 'failure')).toMatchObject({
      ok: false,
      why: expect.stringContaining('has to fail, and completed'),
    });
    const failingJob = { job: plans('pavi-failing-job.json'), says: 'out of memory' };
    expect(await follow(await submitted(failingJob.job), 0, 'failure', { failingJob })).toMatchObject({
      ok: false,
      why: expect.stringContaining('its error does not say "out of memory"'),
    });
  });
});

describe('input that is no job', () => {
  const refuse = (job: string) => activityEnvironment().run(jobs.refuseBadInput, { verification: verification(), job });
  it('is refused with 4xx', async () => {
    expect(await refuse(plans('pavi-bad-job.json'))).toMatchObject({
      ok: true,
      why: expect.stringMatching(/^refused with 422: .*Field required/),
    });
  });
  it('must not be taken', async () => {
    expect(await refuse(plans('pavi-test-job.json'))).toMatchObject({
      ok: false,
      why: expect.stringMatching(/answered with 201 and has to be refused/),
    });
  });
});

describe('the test job on Step Functions, started directly', () => {
  const run = (name: string, changes: Partial<Verification> = {}): Promise<FoundJob> => {
    const plan = { aws: world.aws, verification: verification(changes), diagnosis: { jobQueue: names.jobQueue } };
    return activityEnvironment().run(jobs.runVerificationExecution, { plan, name });
  };
  const started = async (): Promise<string[]> => {
    const list = new ListExecutionsCommand({ stateMachineArn: world.machineArn });
    return ((await world.clients.sfn.send(list)).executions ?? []).map(({ name = '' }) => name);
  };

  it('succeeds with the golden results in the bucket, and is started once, however often it is asked for', async () => {
    const [first, second] = await Promise.all([run('verification-1'), run('verification-1')]);
    expect(first).toMatchObject({
      ...{ ok: true, way: 'direct', backend: 'step-functions', execution: 'verification-1' },
      why: 'execution verification-1, started directly, succeeded with the golden results',
    });
    expect(second).toEqual(first);
    expect(await run('verification-1')).toEqual(first);
    expect((await started()).filter((name) => name === 'verification-1')).toHaveLength(1);
  });

  it('fails with the words of the execution while the pipeline has a fault', async () => {
    containers.regressionOf('prod').on = true;
    const found = await run('verification-2', { testJob: fileOf(JSON.stringify(variantJob)) });
    containers.regressionOf('prod').on = false;
    expect(found).toMatchObject({ ok: false, why: expect.stringMatching(/ended FAILED: PipelineError: .*clustalo/) });
  });

  it.each([
    ['names none', {}, /does not name its results/],
    [
      'names a place where they are not',
      { result_s3_uri: `s3://${BUCKET}/none/` },
      /none\/alignment-output.aln cannot/,
    ],
  ])('fails when the state machine says that it succeeded, and of the results %s', async (_what, Result, why) => {
    const name = `idle-${Object.keys(Result).length}`;
    const definition = JSON.stringify({ StartAt: 'Done', States: { Done: { Type: 'Pass', Result, End: true } } });
    await world.clients.sfn.send(
      new CreateStateMachineCommand({ name, roleArn: 'arn:aws:iam::1:role/test', definition }),
    );
    const found = await run('verification-3', { stateMachine: name });
    expect(found).toMatchObject({ ok: false, why: expect.stringMatching(why) });
  });

  it.each([
    ['the alignment, as PAVI reads it', 'golden/alignment-output.aln', 'golden/'],
    ['the alignment under another name', 'other/result.aln', 'other/'],
    ['a folder', 'folder/', 'folder/'],
    ['a folder without its slash', 'bare', 'bare/'],
  ])('reads its results where result_s3_uri is %s', async (_what, key, folder) => {
    const s3 = new S3Client({ ...awsClient(world.aws), forcePathStyle: true });
    const aln = key.endsWith('.aln') ? key : `${folder}alignment-output.aln`;
    for (const [Key, file] of [
      [aln, golden.alignment],
      [`${folder}aligned_seq_info.json`, golden.seqInfo],
    ] as const)
      await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: readFileSync(file, 'utf8') }));
    s3.destroy();
    const name = `place-${folder.slice(0, -1)}`;
    const Result = { result_s3_uri: `s3://${BUCKET}/${key}` };
    const definition = JSON.stringify({ StartAt: 'Done', States: { Done: { Type: 'Pass', Result, End: true } } });
    await world.clients.sfn.send(
      new CreateStateMachineCommand({ name, roleArn: 'arn:aws:iam::1:role/test', definition }),
    );
    expect(await run('verification-6', { stateMachine: name })).toMatchObject({
      ...{ ok: true, why: expect.stringContaining('with the golden results') },
    });
  });

  it('is asked again by Temporal when Step Functions does not know the machine or does not answer', async () => {
    await expect(run('verification-5', { stateMachine: 'nowhere' })).rejects.toMatchObject({
      message: expect.stringContaining('StateMachineDoesNotExist'),
    });
  });
});
