import { CreateLogGroupCommand, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { LogLine } from '../../../sandbox/api/api-log';
import { startApi } from '../../../sandbox/api/start-api';
import { minimalJob, mustFailJob, variantJob } from '../../../sandbox/pipeline/sample-jobs';
import { names, PipelineApi, until } from '../../helpers/samples/pipeline-api';

let world: PipelineApi;

beforeAll(async () => {
  world = await PipelineApi.start();
});
afterAll(() => world.stop());

async function lines(logGroupName = names.apiLogGroup): Promise<readonly LogLine[]> {
  const { events = [] } = await world.clients.logs.send(new FilterLogEventsCommand({ logGroupName }));
  return events.map(({ message = '' }) => JSON.parse(message) as LogLine);
}

const finished = async (uuid: string): Promise<readonly LogLine[]> =>
  (await lines()).filter((line) => line.event === 'job-finished' && line.job === uuid);

async function run(job: readonly object[], percentage: number): Promise<readonly LogLine[]> {
  await world.setPercentage(percentage);
  const { uuid } = (await world.submit(job)).view;
  await world.ended(uuid);
  await Promise.all(Array.from({ length: 5 }, () => world.get(`/api/pipeline-job/${uuid}`)));
  await until(async () => (await finished(uuid)).length > 0);
  return finished(uuid);
}

describe("the sample API's log", () => {
  it.each([
    [0, 'nextflow'],
    [100, 'step-functions'],
  ])('at %i %% says once of a job that it is done on %s, and how long it took', async (percentage, backend) => {
    const told = await run(minimalJob, percentage);
    expect(told).toMatchObject([{ backend, outcome: 'completed', durationMs: expect.any(Number) as number }]);
    expect(told[0]).not.toHaveProperty('fault');
  });

  it.each([
    [0, 'nextflow'],
    [100, 'step-functions'],
  ])("at %i %% tells on %s that unusable input is the user's fault", async (percentage, backend) => {
    const told = await run(mustFailJob, percentage);
    expect(told).toMatchObject([
      { backend, outcome: 'failed', fault: 'user-input', error: expect.any(String) as string },
    ]);
  });

  it("tells a regression of the new backend as the pipeline's fault", async () => {
    await world.post('/sandbox/regression', '{"on":true}');
    const told = await run(variantJob, 100);
    await world.post('/sandbox/regression', '{"on":false}');
    expect(told).toMatchObject([{ outcome: 'failed', fault: 'pipeline' }]);
  });

  it('has every response, by route and backend, also the ones without a job', async () => {
    await world.setPercentage(0);
    const { uuid } = (await world.submit(minimalJob)).view;
    await world.get(`/api/pipeline-job/${uuid}/result/alignment`);
    await world.get('/api/nowhere');
    const wanted = [
      { method: 'POST', path: '/api/pipeline-job/', status: 201, backend: 'nextflow' },
      { method: 'GET', path: '/api/pipeline-job/:uuid/result/alignment', status: 404, backend: 'nextflow' },
      { method: 'GET', path: 'unknown', status: 404 },
    ];
    const seen = async (): Promise<readonly LogLine[]> => (await lines()).filter(({ event }) => event === 'response');
    await until(async () => (await seen()).some((line) => 'path' in line && line.path === 'unknown'));
    expect(await seen()).toEqual(
      expect.arrayContaining(
        wanted.map((line) => ({ event: 'response', durationMs: expect.any(Number) as number, ...line })),
      ),
    );
  });

  it('keeps answering while its log group is not there, and writes what waited once it is', async () => {
    const logGroup = '/pavi/api/later';
    const api = await startApi({ environment: 'prod', aws: world.aws, logGroup });
    expect((await fetch(`${api.url}/api/health`)).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 600));
    await world.clients.logs.send(new CreateLogGroupCommand({ logGroupName: logGroup }));
    await until(async () => (await lines(logGroup)).length > 0);
    await api.close();
    expect(await lines(logGroup)).toMatchObject([{ event: 'response', path: '/api/health', status: 200 }]);
  });
});
