import { resolve } from 'node:path';
import type { ProbeOrder } from '../../../activities/act/jobs/probe';
import { createProbe } from '../../../activities/act/jobs/probe';
import { PAVI_JOBS, PAVI_KIND } from '../../../pavi/jobs';
import type { Probed } from '../../../rules/rollout/state/gates';
import type { RunningApi } from '../../../sandbox/api/start-api';
import { minimalJob } from '../../../sandbox/pipeline/sample-jobs';
import { activityEnvironment } from '../../helpers/activity-environment';
import { PipelineApi } from '../../helpers/samples/pipeline-api';
import { type ResultFault, startResultsProxy } from '../../helpers/aws/results-proxy';

const plans = (file: string): string => resolve(__dirname, '../../../plans', file);
const golden = { alignment: plans('pavi-test-job-golden.aln'), seqInfo: plans('pavi-test-job-golden.json') };
const testJob = resolve(__dirname, '../../../plans/pavi-test-job.json');
const { probeReads } = createProbe(undefined, [PAVI_KIND]);

let world: PipelineApi;
let asPavi: RunningApi;
let bySwitch: RunningApi;
beforeAll(async () => {
  world = await PipelineApi.start();
  // Every rollout begins here. The reads of jobs on Nextflow work then, and hide the defect.
  await world.setPercentage(0);
  asPavi = await world.another({ readsBy: 'switch', takesProbes: false });
  bySwitch = await world.another({ readsBy: 'switch' });
});
afterAll(() => Promise.all([world.stop(), asPavi.close(), bySwitch.close()]));

const probe = (apiUrl: string, changes: Partial<ProbeOrder['verification']> = {}, memory?: object): Promise<Probed> => {
  const verification = { monitorMs: 0, jobs: PAVI_JOBS, apiUrl, testJob, probeJobs: 4, ...changes };
  const environment = activityEnvironment({ heartbeatDetails: memory });
  return environment.run(probeReads, { verification, percentage: 10 });
};

it('passes an API whose reads follow the job, on both sides and at 0 %', async () => {
  expect(await probe(`${world.api.url}/`)).toEqual({
    verdict: 'reads-by-job',
    why: expect.stringMatching(/^4 probe jobs on both sides completed, read from the API; 1 of 1 say .* by the job/),
  });
});

it("refuses an API with PAVI's defect: what was put on Step Functions answers 404", async () => {
  const { verdict, why } = await probe(bySwitch.url);
  expect(verdict).toBe('refused');
  expect(why).toMatch(
    /^2 of 4 probe jobs lost: job [0-9a-f-]{36} on step-functions was accepted and then answered 404/,
  );
  expect(why).toContain('90 % of the new jobs would be lost at 10 %');
});

it('refuses an API that puts a probe where it likes, as PAVI does: nothing could be seen', async () => {
  const { verdict, why } = await probe(asPavi.url);
  expect(verdict).toBe('refused');
  expect(why).toMatch(/^a probe job for step-functions went to nextflow: .*header x-rollout-probe/);
});

it('refuses when one instance does not find what another took', async () => {
  const { verdict, why } = await probe(world.api.url, { instances: [world.api.url, bySwitch.url] });
  expect(verdict).toBe('refused');
  expect(why).toMatch(/answers 404 at http/);
});

it('does not submit again what another attempt has submitted', async () => {
  const { uuid } = (await world.submit(minimalJob)).view;
  const jobs = [{ id: uuid, side: 'old' }];
  const { verdict, why } = await probe(world.api.url, { probeJobs: 2 }, { jobs });
  expect([verdict, why]).toEqual(['reads-by-job', expect.stringMatching(/^2 probe jobs/)]);
  const remembered = [...jobs, { id: '00000000-0000-4000-8000-000000000000', side: 'new' }];
  expect((await probe(world.api.url, { probeJobs: 2 }, { jobs: remembered })).why).toContain('1 of 2 probe jobs lost');
});

describe('completed is not correct: results', () => {
  const quick = { limits: { answersMs: 1_500, jobsMs: 60_000 } };
  const behind = async (fault: ResultFault, changes: Partial<ProbeOrder['verification']> = {}): Promise<Probed> => {
    const proxy = await startResultsProxy(world.api.url, fault);
    try {
      return await probe(proxy.url, { probeJobs: 2, golden, ...quick, ...changes });
    } finally {
      await proxy.close();
    }
  };
  const other = 'CLUSTAL O(1.2.4)\n\ntest-003  MFCDC\n';

  it('that are the golden ones on both sides pass', async () => {
    expect(await behind(() => undefined)).toEqual({
      verdict: 'reads-by-job',
      why: expect.stringMatching(
        /^2 probe jobs on both sides completed, read from the API; .*each with the golden results/,
      ),
    });
  });

  it.each<[string, ResultFault, RegExp]>([
    ['answer 404', () => ({ status: 404, text: '{"detail":"Result file not found."}' }), /its alignment answers 404/],
    [
      'answer 404, of one kind',
      ({ name }) => (name === 'seq-info' ? { status: 404 } : undefined),
      /seqInfo answers 404/,
    ],
    ['are empty', () => ({ text: '' }), /its alignment is empty/],
    ['are cut', ({ text }) => ({ text: text.slice(0, text.length / 2) }), /job [0-9a-f-]{36} on [a-z-]+: its /],
    ['are a page with 200', () => ({ text: '<html>Bad gateway</html>' }), /not a CLUSTAL alignment: <html>/],
    [
      "are another job's",
      ({ name }) => (name === 'alignment' ? { text: other } : { text: '{"test-003":{}}' }),
      /sequence test-001 is missing/,
    ],
    ['are those of a job that is not ready', () => ({ status: 400, text: 'Results not ready' }), /answers 400/],
    [
      'are lost now and then',
      ({ reads }) => (reads % 3 === 2 ? { status: 404 } : undefined),
      /answers 404.* of \d+ reads of http/,
    ],
  ])('that %s refuse the rollout', async (_what, fault, why) => {
    expect(await behind(fault)).toEqual({ verdict: 'refused', why: expect.stringMatching(why) });
  });

  it('without golden ones are held against what the job was submitted with', async () => {
    const fault: ResultFault = ({ name }) => (name === 'alignment' ? { text: other } : { text: '{"test-003":{}}' });
    expect(await behind(fault, { golden: undefined })).toEqual({
      verdict: 'refused',
      why: expect.stringMatching(/^2 of 2 probe jobs completed without the right results: .*of another job/),
    });
  });

  it('that come a moment late are waited for', async () => {
    const fault: ResultFault = ({ reads }) => (reads < 3 ? { status: 404 } : undefined);
    const late = { limits: { answersMs: 15_000, jobsMs: 60_000 } };
    expect(await behind(fault, late)).toMatchObject({ verdict: 'reads-by-job' });
  });

  it.each<[string, ResultFault]>([
    ['answer 503', () => ({ status: 503 })],
    ['ask for a login', () => ({ status: 401 })],
  ])('that %s are not known: it is tried again', async (_what, fault) => {
    expect(await behind(fault)).toMatchObject({ verdict: 'not-known', why: expect.stringContaining('not known: job') });
  });

  it('that one of three instances does not serve refuse the rollout, with its name', async () => {
    const bad = await startResultsProxy(world.api.url, () => ({ status: 404, text: 'no' }));
    const good = await startResultsProxy(world.api.url);
    const instances = [world.api.url, good.url, bad.url];
    const { verdict, why } = await probe(world.api.url, { probeJobs: 2, golden, instances, ...quick });
    await Promise.all([bad.close(), good.close()]);
    expect(verdict).toBe('refused');
    expect(why).toContain(`its alignment answers 404: no (${bad.url})`);
  });

  it('that the pipeline of Step Functions does not write are missing for its jobs only', async () => {
    const without = await world.another({ resultsBucket: 'written-nowhere' });
    const { verdict, why } = await probe(without.url, { golden, ...quick });
    await without.close();
    expect(verdict).toBe('refused');
    expect(why).toMatch(/^2 of 4 probe jobs completed without the right results: job .* on step-functions: .*404/);
  });
});

it.each<[string, object, RegExp]>([
  ['nobody answers', { apiUrl: 'http://127.0.0.1:9' }, /could not be asked/],
  ['the plan names no API', { apiUrl: undefined }, /names no verification.apiUrl/],
  ['the worker does not have the job', { testJob: '/nowhere/job.json' }, /cannot read the test job/],
  [
    'the worker does not have the golden results',
    { golden: { alignment: '/nowhere/a', seqInfo: '/nowhere/b' } },
    /cannot read the golden/,
  ],
  ['the API refuses the job', { testJob: resolve(__dirname, '../../../package.json') }, /the probe job answered 422/],
])('knows nothing when %s', async (_name, changes, why) => {
  expect(await probe(world.api.url, changes)).toEqual({ verdict: 'not-known', why: expect.stringMatching(why) });
});
