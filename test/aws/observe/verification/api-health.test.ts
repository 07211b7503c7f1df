import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAwsFor } from '../../../../activities/aws';
import { createHealthObservations } from '../../../../activities/observe/api-health';
import { activityEnvironment } from '../../../helpers/activity-environment';
import { names, PipelineApi } from '../../../helpers/samples/pipeline-api';
import { PAVI_KEYS, PAVI_SIDES } from '../../../../pavi/flag';

const health = createHealthObservations(createAwsFor());

let world: PipelineApi;
beforeAll(async () => {
  world = await PipelineApi.start();
});
afterAll(() => world.stop());

describe('health', () => {
  const check = (
    environment: string,
    withinMs = 0,
    addresses = [`${world.api.url}/api/health`],
  ): ReturnType<typeof health.checkHealth> => {
    const flag = { parameter: names.flagParameter, salt: names.flagSalt, format: PAVI_KEYS, sides: PAVI_SIDES };
    return activityEnvironment().run(health.checkHealth, { aws: world.aws, flag, environment, addresses, withinMs });
  };

  it('is judged by shape and mode, against the present flag', async () => {
    await world.setPercentage(25);
    expect(await check('prod')).toEqual({ ok: true, why: `${world.api.url}/api/health: up, step_functions at 25 %` });
    expect(await check('staging')).toMatchObject({
      ok: false,
      why: expect.stringContaining('environment is "prod" and not staging'),
    });
    await world.setPercentage(0);
    expect(await check('prod')).toMatchObject({ ok: true, why: expect.stringContaining('up, nextflow') });
  });

  it('waits for an instance that uses an older flag, and names the one that does not follow', async () => {
    let mode = 'step_functions';
    const instance = createServer((_request, answer) =>
      answer.end(JSON.stringify({ status: 'up', execution_mode: mode, environment: 'prod' })),
    );
    await new Promise<void>((done) => instance.listen(0, '127.0.0.1', done));
    const address = `http://127.0.0.1:${(instance.address() as AddressInfo).port}/api/health`;
    await world.setPercentage(0);
    const both = [`${world.api.url}/api/health`, address];
    const stale = await check('prod', 0, both);
    expect(stale).toMatchObject({ ok: false, why: expect.stringContaining(`${address}: execution_mode`) });
    expect(stale.why).not.toContain(world.api.url);
    const waiting = check('prod', 10_000, both);
    mode = 'nextflow';
    expect(await waiting).toMatchObject({ ok: true });
    instance.close();
  });

  it('is absent without an answer', async () => {
    await world.setPercentage(0);
    expect(await check('prod', 0, ['http://127.0.0.1:9/api/health'])).toMatchObject({
      ok: false,
      why: expect.stringContaining('does not answer as it should'),
    });
  });

  it('of the deployment names the parts that are not there', async () => {
    const address = `${world.api.url}/api/deployment-status`;
    const ask = () =>
      activityEnvironment().run(health.checkDeploymentStatus, { address, environment: 'prod', withinMs: 0 });
    await world.setPercentage(0);
    expect(await ask()).toMatchObject({ ok: true, why: expect.stringContaining('switched off: step_functions') });
    await world.setPercentage(100);
    expect(await ask()).toMatchObject({ ok: false, why: expect.stringMatching(/batch is "not_found"/) });
  });
});
