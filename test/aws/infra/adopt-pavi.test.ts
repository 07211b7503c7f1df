import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { createProbe } from '../../../activities/act/jobs/probe';
import { createVerifyJobs } from '../../../activities/act/jobs/verify-jobs';
import { createAwsFor } from '../../../activities/aws';
import { createHealthObservations } from '../../../activities/observe/api-health';
import type { Probed } from '../../../rules/rollout/state/gates';
import type { Found as Judged } from '../../../rules/verification/health';
import { type Containers, startContainers } from '../../../sandbox/pipeline/container-results';
import { activityEnvironment } from '../../helpers/activity-environment';
import { names, PipelineApi } from '../../helpers/samples/pipeline-api';
import { PAVI_KEYS, PAVI_SIDES } from '../../../pavi/flag';
import { PAVI_JOBS, PAVI_KIND } from '../../../pavi/jobs';

/*
 * docs/adopt-pavi.md, change by change, on an API of PAVI's shapes (test/helpers/apps/adopted_api.py): with all of them the probe and
 * the verification pass, and with any one of them left out one of the two names it.
 */
const ROOT = resolve(__dirname, '../../..');
const plans = (file: string): string => join(ROOT, 'plans', file);
const awsFor = createAwsFor();
const { probeReads } = createProbe(awsFor, [PAVI_KIND]);
const { checkHealth } = createHealthObservations(awsFor);
const { submitVerificationJob, followVerificationJob } = createVerifyJobs(awsFor, [PAVI_KIND]);
const folder = mkdtempSync(join(tmpdir(), 'adopted-'));
const PAGE = readFileSync(join(ROOT, 'docs/adopt-pavi.md'), 'utf8');

let world: PipelineApi;
let containers: Containers;
const processes: ChildProcess[] = [];
beforeAll(async () => {
  world = await PipelineApi.start();
  containers = await startContainers(process.env['AWS_ENDPOINT_URL']!, () => world.resultsBucket);
  mkdirSync(join(folder, 'golden'));
  mkdirSync(join(folder, 'results'));
  copyFileSync(plans('pavi-test-job-golden.aln'), join(folder, 'golden/alignment-output.aln'));
  copyFileSync(plans('pavi-test-job-golden.json'), join(folder, 'golden/aligned_seq_info.json'));
  await world.setPercentage(0);
});
afterEach(() => {
  for (const process of processes.splice(0)) process.kill('SIGKILL');
});
afterAll(async () => {
  await world.stop();
  await containers.close();
  rmSync(folder, { recursive: true });
});

type Variables = Readonly<Record<string, string | undefined>>;

/** What docs/adopt-pavi.md wants in the container. */
const asDocumented = (): Variables => ({
  PAVI_ENVIRONMENT: 'prod',
  STEP_FUNCTIONS_STATE_MACHINE_ARN: world.machineArn,
  BATCH_JOB_QUEUE_ARN: `arn:aws:batch:us-east-1:${world.aws.account}:job-queue/${names.jobQueue}`,
  DYNAMODB_JOBS_TABLE: names.jobsTable,
  PAVI_RESULTS_BUCKET: world.resultsBucket,
  AWS_DEFAULT_REGION: 'us-east-1',
});

/** Starts an instance without those changes, and returns its address. */
async function startApi(without: readonly string[] = [], variables: Variables = {}): Promise<string> {
  const own = { AWS_PROFILE: world.aws.profile, STEP_FUNCTIONS_ENDPOINT: containers.url };
  const results = { RESULTS: join(folder, 'results'), GOLDEN: join(folder, 'golden') };
  const child = spawn(
    join(ROOT, '.sandbox/venv-aws/bin/python'),
    ['-B', join(ROOT, 'test/helpers/apps/adopted_api.py'), ...without],
    {
      env: { ...process.env, ...asDocumented(), ...own, ...results, ...variables },
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  processes.push(child);
  const [port] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const url = `http://127.0.0.1:${port}`;
  // A reader asks for its document when it is first asked, and answers before it has it.
  while ((await (await fetch(`${url}/api/health`)).text()).includes('was not read yet')) await sleep(50);
  return url;
}

/** What a rollout finds out at 0 %, before its first raise: by the probe, and by the health of each instance. */
async function found(apiUrl: string, instances?: readonly string[]): Promise<Found> {
  const verification = {
    ...{ monitorMs: 0, jobs: PAVI_JOBS, apiUrl, instances, testJob: plans('pavi-test-job.json'), probeJobs: 2 },
    ...{ stateMachine: names.stateMachine, answersMs: 100 },
    golden: { alignment: plans('pavi-test-job-golden.aln'), seqInfo: plans('pavi-test-job-golden.json') },
  };
  const order = { aws: world.aws, verification, percentage: 10 };
  const { verdict, why } = (await activityEnvironment().run(probeReads, order)) as Probed;
  const flag = { parameter: names.flagParameter, salt: names.flagSalt, format: PAVI_KEYS, sides: PAVI_SIDES };
  const addresses = (instances ?? [apiUrl]).map((instance) => `${instance}/api/health`);
  const healthOrder = { aws: world.aws, flag, environment: 'prod', addresses, withinMs: 0 };
  const health = (await activityEnvironment().run(checkHealth, healthOrder)) as Judged;
  return { verdict, why, health: health.ok ? 'ok' : health.why };
}

interface Found {
  readonly verdict: string;
  readonly why: string;
  readonly health: string;
}

it('passes with every change, and says so of each', async () => {
  const { verdict, why, health } = await found(await startApi());
  expect([verdict, health]).toEqual(['reads-by-job', 'ok']);
  expect(why).toMatch(
    /^2 probe jobs on both sides completed.*1 of 1 say that they read by the job; each with the golden/,
  );
  expect(why).not.toContain('docs/adopt-pavi.md');
});

/** Change left out, what the probe then says, and what else is to be seen. */
const OMISSIONS: readonly (readonly [string, RegExp, Partial<Found>])[] = [
  ['reader', /no x-pavi-routed-id shows which id decided .* \(docs\/adopt-pavi\.md, changes 1 and 2\)/, {}],
  ['probe header', /ignores the header x-rollout-probe.*change 2\)/, { verdict: 'refused' }],
  ['backend header', /no answer has x-pavi-backend \(docs\/adopt-pavi\.md, changes 2 and 5\)/, {}],
  ['id', /was routed by another id.*change 3\)/, { verdict: 'refused' }],
  ['status by the job', /on nextflow was accepted and then answered 404/, { verdict: 'refused' }],
  ['alignment by the job', /on nextflow: .*alignment.*404/, { verdict: 'refused' }],
  ['seq-info by the job', /on nextflow: .*seq.*404/, { verdict: 'refused' }],
  ['logs by the job', /logs of job .* on nextflow from the other side.*change 5\)/, { verdict: 'refused' }],
  [
    'id as text',
    /answered 500.*is the id given as text, and the answer converted.*change 5\)/,
    { verdict: 'not-known' },
  ],
  [
    'conversion',
    /answered 500.*is the id given as text, and the answer converted.*change 5\)/,
    { verdict: 'not-known' },
  ],
  [
    'health',
    /0 of 1 instances report which flag document they follow.*change 6\)/,
    { health: 'execution_mode is "step_functions"' },
  ],
];

it.each(OMISSIONS)('names the change "%s" when it is left out', async (change, why, others) => {
  const seen = await found(await startApi([change]));
  expect(seen.why).toMatch(why);
  expect(seen.verdict).toBe(others.verdict ?? 'reads-by-job');
  expect(seen.health).toContain(others.health ?? 'ok');
});

/** The same where the variable says Nextflow, as on the way back of PAVI's runbook. */
const OFF: readonly (readonly [string, RegExp])[] = [
  ['job service', /says running, but Step Functions has no execution .* own memory \(.*change 4\)/],
  ['status by the job', /on step-functions was accepted and then answered 404/],
  ['alignment by the job', /on step-functions: .*alignment.*404/],
  ['logs by the job', /logs of job .* on step-functions from the other side.*change 5\)/],
];

it.each(OFF)('names the change "%s" when it is left out and USE_STEP_FUNCTIONS is false', async (change, why) => {
  const seen = await found(await startApi([change], { USE_STEP_FUNCTIONS: 'false' }));
  expect([seen.verdict, seen.why]).toEqual(['refused', expect.stringMatching(why)]);
});

it('names by the test job of the verification that the variables decide', async () => {
  const apiUrl = await startApi(['reader']);
  const submitted = await activityEnvironment().run(submitVerificationJob, {
    verification: { apiUrl, jobs: PAVI_JOBS },
    job: plans('pavi-test-job.json'),
  });
  const { uuid } = submitted as { readonly uuid: string };
  const verification = { monitorMs: 0, jobs: PAVI_JOBS, apiUrl, stateMachine: names.stateMachine };
  const order = { plan: { aws: world.aws, verification }, uuid, percentage: 0, expects: 'golden-results' as const };
  const { ok, why } = (await activityEnvironment().run(followVerificationJob, order)) as Judged;
  expect([ok, why]).toEqual([
    false,
    expect.stringMatching(/at 0 % it must run on nextflow, but it ran on step-functions/),
  ]);
});

/** Change 7: what has to reach the container. */
const anything = /^/;
const VARIABLES: readonly (readonly [string, Variables, RegExp, RegExp])[] = [
  [
    'PAVI_ENVIRONMENT',
    {},
    anything,
    /environment is "local" and not prod; it follows no flag document: .*PAVI_ENVIRONMENT is not set/,
  ],
  ['DYNAMODB_JOBS_TABLE', {}, /answered 500.*does it reach its table, by the right name.*changes 3 and 7\)/, anything],
  ['STEP_FUNCTIONS_STATE_MACHINE_ARN', {}, /failed: .*state machine ARN not configured/, anything],
  ['AWS_DEFAULT_REGION', { AWS_CONFIG_FILE: '/dev/null' }, anything, /follows no flag document: .*region/],
];

it.each(VARIABLES)('names the variable %s when it does not reach the container', async (name, others, why, health) => {
  const seen = await found(await startApi([], { ...others, [name]: undefined }));
  expect([seen.verdict, seen.why, seen.health]).toEqual([
    expect.stringMatching(/refused|not-known/),
    expect.stringMatching(why),
    expect.stringMatching(health),
  ]);
});

it.each([
  [
    'another environment',
    { PAVI_ENVIRONMENT: 'staging' },
    /environment is "staging" and not prod; it follows \/pavi\/staging\//,
  ],
  ['one that PAVI does not know', { PAVI_ENVIRONMENT: 'production' }, /PAVI_ENVIRONMENT is 'production'/],
  ['another parameter', { PAVI_FLAG_PARAMETER: '/mine' }, /it follows \/mine and not \/pavi\/prod\//],
])('names %s', async (_name, variables, health) => {
  expect((await found(await startApi([], variables))).health).toMatch(health);
});

it('names a second instance, which does not know the jobs in the memory of the first', async () => {
  const [one, two] = [await startApi(), await startApi()];
  const { verdict, why } = await found(one, [one, two]);
  expect([verdict, why]).toEqual(['refused', expect.stringMatching(/on nextflow answers 404 at http/)]);
});

it('serves results of Nextflow after a restart, and no longer their status', async () => {
  const api = await startApi();
  const body = readFileSync(plans('pavi-test-job.json'), 'utf8');
  const posted = await fetch(`${api}/api/pipeline-job/`, { method: 'POST', body });
  const { uuid } = (await posted.json()) as { readonly uuid: string };
  const status = async (at: string): Promise<unknown> => {
    const answer = await fetch(`${at}/api/pipeline-job/${uuid}`);
    return answer.status === 200 ? ((await answer.json()) as { readonly status: string }).status : answer.status;
  };
  while ((await status(api)) !== 'completed') await new Promise((done) => setTimeout(done, 50));
  const again = await startApi();
  expect(await status(again)).toBe(404);
  expect((await fetch(`${again}/api/pipeline-job/${uuid}/result/alignment`)).status).toBe(200);
});

it('has each change of the page in the table', () => {
  const numbers = [...PAGE.matchAll(/^## (\d+)\. /gm)].map(([, number]) => Number(number));
  expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});
