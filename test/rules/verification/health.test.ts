import { judgeDeploymentStatus, judgeHealth } from '../../../rules/verification/health';

const up = { status: 'up', environment: 'prod' };
const nextflow = { ...up, execution_mode: 'nextflow' };
const at = (percentage: number) => ({
  ...{ ...up, execution_mode: 'step_functions' },
  rollout: { enabled: true, percentage },
});

describe('health', () => {
  it.each<[number, unknown]>([
    [0, nextflow],
    [0, { ...nextflow, rollout: { enabled: true, percentage: 0 } }],
    [0, { ...nextflow, rollout: { enabled: false } }],
    [25, at(25)],
    [100, at(100)],
    [100, { ...up, execution_mode: 'step_functions' }],
  ])('at %i %% is %j', (percentage, body) => {
    expect(judgeHealth(body, { environment: 'prod', percentage })).toMatchObject({ ok: true });
  });

  it.each<[number, unknown, RegExp]>([
    [0, at(0), /^execution_mode is "step_functions" and not nextflow/],
    // PAVI's own trap: USE is off, and health still tells a percentage.
    [0, { ...nextflow, rollout: { enabled: true, percentage: 50 } }, /^rollout is .*50.*the flag is at 0 %/],
    [25, at(10), /rollout is .*10.*the flag is at 25 %/],
    [25, { ...up, execution_mode: 'step_functions' }, /rollout is missing, and the flag is at 25 %/],
    [25, nextflow, /execution_mode is "nextflow".*rollout is missing/],
    [0, { ...nextflow, status: 'starting' }, /status is "starting" and not up/],
    [0, { ...nextflow, environment: 'local' }, /environment is "local" and not prod/],
    [0, {}, /status is missing and not up; environment is missing/],
    [0, 'OK', /^no JSON object: "OK"/],
    [0, null, /no JSON object/],
    [0, [], /no JSON object/],
  ])('at %i %% is not %j', (percentage, body, why) => {
    const found = judgeHealth(body, { environment: 'prod', percentage });
    expect(found).toEqual({ ok: false, why: expect.stringMatching(why) });
  });
});

describe('deployment status', () => {
  const whole = {
    ...{ overall_status: 'healthy', environment: 'prod' },
    components: { api: { status: 'healthy' }, batch: { status: 'disabled' } },
  };
  it('is healthy with parts that are switched off, which are told', () => {
    const found = judgeDeploymentStatus(whole, 'prod');
    expect(found).toEqual({ ok: true, why: 'healthy: 2 components, switched off: batch' });
  });
  it.each<[object, RegExp]>([
    [{ ...whole, overall_status: 'degraded' }, /overall_status is "degraded"/],
    [{ ...whole, environment: 'dev' }, /environment is "dev"/],
    [
      { ...whole, components: { dynamodb: { status: 'not_found', message: 'no table' } } },
      /dynamodb is "not_found" \(no table\)/,
    ],
    [{ ...whole, components: { s3: {} } }, /s3 is missing/],
    [{ detail: 'Not Found' }, /no deployment status/],
  ])('is not %j', (body, why) => {
    expect(judgeDeploymentStatus(body, 'prod')).toEqual({ ok: false, why: expect.stringMatching(why) });
  });
});
