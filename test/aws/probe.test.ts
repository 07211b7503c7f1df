import { resolve } from 'node:path';
import type { ProbeOrder } from '../../activities/act/probe';
import { createProbe } from '../../activities/act/probe';
import type { Probed } from '../../rules/rollout/probed';
import type { RunningApi } from '../../sandbox/api/start-api';
import { minimalJob } from '../../sandbox/sample-jobs';
import { activityEnvironment } from '../helpers/activity-environment';
import { PipelineApi } from '../helpers/pipeline-api';

const testJob = resolve(__dirname, '../../plans/pavi-test-job.json');
const { probeReads } = createProbe();

let world: PipelineApi;
let asPavi: RunningApi;
let bySwitch: RunningApi;
beforeAll(async () => {
  world = await PipelineApi.start();
  // Where every rollout begins. The reads of jobs on Nextflow work then, and hide the defect.
  await world.setPercentage(0);
  asPavi = await world.another({ readsBy: 'switch', takesProbes: false });
  bySwitch = await world.another({ readsBy: 'switch' });
});
afterAll(() => Promise.all([world.stop(), asPavi.close(), bySwitch.close()]));

const probe = (apiUrl: string, changes: Partial<ProbeOrder['verification']> = {}, memory?: object): Promise<Probed> => {
  const verification = { monitorMs: 0, apiUrl, testJob, probeJobs: 4, ...changes };
  const environment = activityEnvironment(memory === undefined ? {} : { heartbeatDetails: memory });
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
  const jobs = [{ uuid, side: 'nextflow' }];
  const { verdict, why } = await probe(world.api.url, { probeJobs: 2 }, { jobs });
  expect([verdict, why]).toEqual(['reads-by-job', expect.stringMatching(/^2 probe jobs/)]);
  const remembered = [...jobs, { uuid: '00000000-0000-4000-8000-000000000000', side: 'step-functions' }];
  expect((await probe(world.api.url, { probeJobs: 2 }, { jobs: remembered })).why).toContain('1 of 2 probe jobs lost');
});

it.each<[string, object, RegExp]>([
  ['nobody answers', { apiUrl: 'http://127.0.0.1:9' }, /could not be asked/],
  ['the plan names no API', { apiUrl: undefined }, /names no verification.apiUrl/],
  ['the worker does not have the job', { testJob: '/nowhere/job.json' }, /cannot read the test job/],
  ['the API refuses the job', { testJob: resolve(__dirname, '../../package.json') }, /the probe job answered 422/],
])('knows nothing when %s', async (_name, changes, why) => {
  expect(await probe(world.api.url, changes)).toEqual({ verdict: 'not-known', why: expect.stringMatching(why) });
});
