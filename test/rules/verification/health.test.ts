import { judgeDeploymentStatus, judgeHealth, saysDocument } from '../../../rules/verification/health';

const sides = { new: 'step-functions', old: 'nextflow' };
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
    expect(judgeHealth(body, { environment: 'prod', sides, percentage })).toMatchObject({ ok: true });
  });

  it.each<[number, unknown, RegExp]>([
    [0, at(0), /^execution_mode is "step_functions" and not nextflow/],
    // PAVI's own trap: USE is off, and health still tells a percentage.
    [0, { ...nextflow, rollout: { enabled: true, percentage: 50 } }, /^rollout is .*50.*the flag is at 0 %/],
    [25, at(10), /rollout is .*10.*the flag is at 25 %/],
    [25, { ...up, execution_mode: 'step_functions' }, /rollout is missing, but the flag is at 25 %/],
    [25, nextflow, /execution_mode is "nextflow".*rollout is missing/],
    [0, { ...nextflow, status: 'starting' }, /status is "starting" and not up/],
    [0, { ...nextflow, environment: 'local' }, /environment is "local" and not prod/],
    [0, {}, /status is missing and not up; environment is missing/],
    [0, 'OK', /^not a JSON object: "OK"/],
    [0, null, /not a JSON object/],
    [0, [], /not a JSON object/],
  ])('at %i %% is not %j', (percentage, body, why) => {
    const found = judgeHealth(body, { environment: 'prod', sides, percentage });
    expect(found).toEqual({ ok: false, why: expect.stringMatching(why) });
  });
});

describe('the document that an instance says it follows', () => {
  const parameter = '/pavi/prod/step-functions-rollout';
  const written = { parameter, generation: 7 };
  const judged = (flags: unknown, expected: object = written) =>
    judgeHealth({ ...nextflow, flags }, { environment: 'prod', sides, percentage: 0, ...expected });

  it.each<[object | undefined, object]>([
    [{ source: 'parameter', parameter, generation: 7 }, written],
    [{ source: 'parameter', generation: 9 }, written],
    // Its reads fail for the moment, and it has the newest one.
    [{ source: 'last-good', parameter, generation: 7 }, written],
    [undefined, written],
    // With delivered variables no instance follows a document.
    [{ source: 'variables' }, {}],
    [{ source: 'fallback', why: 'not read yet' }, {}],
  ])('may be %j', (flags, expected) => {
    expect(judged(flags, expected)).toMatchObject({ ok: true });
  });

  it.each<[object, RegExp]>([
    [{ source: 'variables' }, /uses its environment variables and not \/pavi\/prod\//],
    [{ source: 'parameter', parameter: '/pavi/staging/x', generation: 7 }, /it follows \/pavi\/staging\/x and not/],
    [{ source: 'fallback', why: 'AccessDenied' }, /it follows no flag document: "AccessDenied"/],
    [
      { source: 'last-good', parameter, generation: 6, why: 'throttled' },
      /has generation 6 of the flag, but the document is at 7 \(throttled\)/,
    ],
  ])('may not be %j', (flags, why) => {
    expect(judged(flags)).toEqual({ ok: false, why: expect.stringMatching(why) });
  });

  it('is counted as told only with its source', () => {
    expect([{ flags: { source: 'parameter' } }, { flags: {} }, nextflow, null].map(saysDocument)).toEqual([
      ...[true, false],
      ...[false, false],
    ]);
  });
});

describe('deployment status', () => {
  const whole = {
    ...{ overall_status: 'healthy', environment: 'prod' },
    components: { api: { status: 'healthy' }, batch: { status: 'disabled' } },
  };
  it('is healthy with parts that are switched off, which are named', () => {
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
