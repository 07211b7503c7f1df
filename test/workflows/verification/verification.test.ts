import { failure } from '../../../activities/failures';
import type { Verification } from '../../../rules/verification/verification';
import { TASK_QUEUE, verificationWorkflowId } from '../../../workflows/messages';
import { FAILED_ALARM, MINUTE_MS, SLOW_ALARM } from '../../helpers/samples/plans';
import { Rig } from '../../helpers/temporal/rig';
import { asked, planOf, VerificationHands } from '../../helpers/samples/verification-activities';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start();
});
afterAll(() => rig.stop());

let count = 0;
const start = (verification: typeof asked) => {
  count += 1;
  return rig.env.client.workflow.start<(input: object) => Promise<Verification>>('verification', {
    taskQueue: TASK_QUEUE,
    workflowId: `${verificationWorkflowId('pavi', 'prod')}-${count}`,
    args: [{ plan: planOf(verification), startedBy: 'ada', reason: 'release 2.4' }],
  });
};

interface Run {
  readonly result: Verification;
  readonly hands: VerificationHands;
}
const run = async (
  changes: object = {},
  verification = asked,
  before?: (hands: VerificationHands) => void,
): Promise<Run> => {
  const hands = new VerificationHands(rig.aws());
  before?.(hands);
  let result: Verification | undefined;
  await rig.runWith(hands.activities(changes), async () => {
    result = await rig.remember(await start(verification)).result();
  });
  return { result: result as Verification, hands };
};
const states = ({ parts }: Verification) => parts.map(({ part, state }) => `${part} ${state}`);

describe('verification', () => {
  it('runs every part, watches for half an hour, and records the result of the template that is deployed', async () => {
    const { result, hands } = await run();
    expect(result).toMatchObject({ outcome: 'passed', template: 'abc123', why: '7 of 7 parts passed', notes: [] });
    expect(states(result).every((state) => state.endsWith(' passed'))).toBe(true);
    expect(result.endedAtMs! - result.startedAtMs).toBeGreaterThanOrEqual(30 * MINUTE_MS);
    expect(hands.dashboards).toBeGreaterThan(5);
    expect(hands.verified).toMatchObject([{ template: 'abc123', passed: true, by: 'ada', why: '7 of 7 parts passed' }]);
    expect(hands.followed).toMatchObject([
      { uuid: 'job-1', percentage: 0, expects: 'golden-results' },
      { uuid: 'job-2', percentage: 0, expects: 'failure' },
    ]);
  });

  it('at 0 % starts the execution of Step Functions directly, by a name of this run', async () => {
    const { result, hands } = await run();
    expect(hands.executed).toMatchObject([{ name: expect.stringMatching(/^verification-[0-9a-f-]{36}$/) }]);
    expect(result.parts.find(({ part }) => part === 'step-functions')).toMatchObject({ way: 'direct' });
  });

  it.each([
    [true, 'api', 0],
    [false, 'direct', 1],
  ])(
    'at 0 % asks an API that takes probe jobs (%s) for Step Functions, and so gets there: %s',
    async (takes, way, executions) => {
      const { result, hands } = await run({}, { ...asked, probeJobs: 2 }, (one) => void (one.takesProbes = takes));
      expect(hands.submitted).toMatchObject([{ job: 'job.json' }, { job: 'job.json', side: 'new' }, {}]);
      expect(hands.executed).toHaveLength(executions);
      const part = result.parts.find((one) => one.part === 'step-functions');
      expect(part).toMatchObject({ state: 'passed', way, why: expect.stringContaining('by x-rollout-probe') });
    },
  );

  it('reports what was not answered, and passes only where the plan does not require it', async () => {
    const silent = { checkHealth: async () => ({ ok: false, why: 'does not answer', unseen: true }) };
    const require = ['step-functions', 'alarms', 'dashboard'] as const;
    const lenient = await run(silent, { ...asked, require });
    expect(lenient.result).toMatchObject({ outcome: 'passed', why: expect.stringContaining('not verified: health') });
    expect((await run(silent, { ...asked, require: [...require, 'health'] })).result.outcome).toBe('failed');
  });

  it("at 100 % takes the API's own job for it, and sends no job that would ring an alarm", async () => {
    const { result, hands } = await run({}, asked, ({ aws }) => aws.editByHand(100));
    expect(hands.executed).toEqual([]);
    expect(hands.submitted.map(({ job }) => job)).toEqual(['job.json']);
    expect(result).toMatchObject({ outcome: 'passed', why: expect.stringContaining('left out: failing-job') });
    expect(result.parts.find(({ part }) => part === 'step-functions')).toMatchObject({
      ...{ state: 'passed', way: 'api', execution: 'pavi-job-job-1' },
    });
  });

  it.each<[string, object, string]>([
    ['health', { checkHealth: async () => ({ ok: false, why: 'environment is "local"' }) }, 'environment is "local"'],
    ['bad-input', { refuseBadInput: async () => ({ ok: false, why: 'answered with 201' }) }, 'answered with 201'],
    ['test-job', { submitVerificationJob: async () => ({ refused: 'answered 503' }) }, 'answered 503'],
    [
      'step-functions',
      {
        runVerificationExecution: () => Promise.reject(failure('AccessDenied', 'asking Step Functions: AccessDenied')),
      },
      'AccessDenied',
    ],
    ['dashboard', { checkDashboard: async () => ({ ok: false, why: '0 of the 9 metrics' }) }, '0 of the 9 metrics'],
  ])('fails by %s, says why, and still runs the rest', async (part, changes, why) => {
    const { result, hands } = await run(changes);
    expect(result).toMatchObject({ outcome: 'failed', why: expect.stringContaining(`${part} failed: `) });
    expect(result.why).toContain(why);
    expect(states(result).filter((state) => / (open|running)$/.test(state))).toEqual([]);
    expect(hands.verified).toMatchObject([{ passed: false, template: 'abc123' }]);
  });

  it('watches no longer once something has failed', async () => {
    const { result } = await run({ checkHealth: async () => ({ ok: false, why: 'down' }) });
    expect(result.endedAtMs! - result.startedAtMs).toBeLessThan(5 * MINUTE_MS);
    expect(states(result)).toContain('alarms passed');
  });

  it('fails as soon as an alarm fires, also one that only holds rollouts, and one that was OK again before the check', async () => {
    const hands = new VerificationHands(rig.aws());
    let result: Verification | undefined;
    await rig.runWith(hands.activities(), async () => {
      const nowMs = await rig.env.currentTimeMs();
      hands.aws.alarmTimes.push({ name: SLOW_ALARM, fromMs: nowMs + 8 * MINUTE_MS, toMs: nowMs + 9 * MINUTE_MS });
      result = await rig.remember(await start(asked)).result();
    });
    expect(result).toMatchObject({ outcome: 'failed', why: expect.stringContaining(`alarms failed: ${SLOW_ALARM}`) });
    expect(result!.endedAtMs! - result!.startedAtMs).toBeLessThan(20 * MINUTE_MS);
  });

  it('takes no data for no health', async () => {
    const { result } = await run({}, { ...asked, monitorMs: MINUTE_MS }, ({ aws }) => aws.missing.push(FAILED_ALARM));
    expect(result).toMatchObject({ outcome: 'failed', why: expect.stringContaining('does not exist') });
  });

  it('tells what cannot be run, and passes only where the plan does not require it', async () => {
    const { apiUrl: _apiUrl, ...rest } = asked;
    const strict = await run({}, rest);
    expect(strict.result).toMatchObject({ outcome: 'failed', why: expect.stringContaining('health not verified') });
    expect(strict.hands.submitted).toEqual([]);
    const lenient = await run({}, { ...rest, require: ['step-functions', 'alarms', 'dashboard'] });
    expect(lenient.result).toMatchObject({ outcome: 'passed', why: expect.stringContaining('not verified: health') });
  });

  it('records nothing while no deployment is known, and reports it', async () => {
    const { result, hands } = await run({}, asked, (one) => void (one.record = { schema: 1 }));
    expect(result).toMatchObject({ outcome: 'passed', notes: [expect.stringContaining('nothing is recorded')] });
    expect(hands.verified).toEqual([]);
  });

  it('does not call passed what could not be recorded', async () => {
    const recordVerified = () => Promise.reject(failure('AccessDenied', 'writing: AccessDenied'));
    const { result } = await run({ recordVerified });
    expect(result).toMatchObject({ outcome: 'failed', why: expect.stringContaining('could not be recorded: writing') });
  });

  it('is refused by a plan that names nothing to verify', async () => {
    const { result, hands } = await run({}, { monitorMs: 0 });
    expect(result).toMatchObject({ outcome: 'refused', refusal: { rule: 'plan' } });
    expect([hands.submitted, hands.verified]).toEqual([[], []]);
  });
});
