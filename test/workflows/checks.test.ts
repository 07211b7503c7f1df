import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { createAwsFor } from '../../activities/aws';
import { type CheckOrder, createChecks } from '../../activities/observe/checks/run-check';
import { type Check, checkOf, type CheckResult } from '../../rules/checks/check';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import type { Verification } from '../../rules/verification/verification';
import { type CheckedResult, TASK_QUEUE } from '../../workflows/messages';
import { MINUTE_MS, soon } from '../helpers/samples/plans';
import { planOf, VerificationHands } from '../helpers/samples/verification-activities';
import { Rig, statusOf } from '../helpers/temporal/rig';

// The service and the program are real, and so is the activity that asks them.
let rig: Rig;
let service: Server;
let asked = 0;
/** The answers one after the other; the last one stays. */
let answers: readonly string[] = [];
const { runCheck } = createChecks(createAwsFor());

beforeAll(async () => {
  rig = await Rig.start();
  service = createServer((_request, response) => {
    const status = answers[Math.min(asked, answers.length - 1)];
    asked += 1;
    response.end(JSON.stringify({ status }));
  });
  await new Promise<void>((done) => service.listen(0, '127.0.0.1', done));
});
beforeEach(() => {
  asked = 0;
});
afterAll(async () => {
  service.closeAllConnections();
  service.close();
  await rig.stop();
});

const health = (): Check =>
  checkOf('health', {
    ...{ kind: 'http', method: 'GET', headers: {}, answerHeaders: {}, json: [{ path: 'status', equals: 'up' }] },
    url: `http://127.0.0.1:${(service.address() as AddressInfo).port}/health`,
  });
const program = (exitCode: number): Check =>
  checkOf('program', {
    ...{ kind: 'command', run: [process.execPath, '-e', `process.exit(${exitCode})`] },
    ...{ directory: tmpdir(), variables: {}, exitCodes: [0], failureCodes: [1] },
  });

it('an item of the checklist is proved by a check of the plan, which is asked again until it says yes', async () => {
  const aws = rig.aws();
  answers = ['down', 'up'];
  const checklist = [{ id: 'service-up', text: 'The service is up', proof: { by: 'check', check: 'health' } }] as const;
  await rig.runWith({ ...aws.activities(), runCheck }, async () => {
    const handle = await rig.rollout({ ...soon, checks: [health()], checklist });
    expect(await handle.result()).toMatchObject({ outcome: 'completed', percentages: [50, 100] });
    expect((await statusOf(handle)).checklist).toMatchObject([
      { id: 'service-up', state: 'proved', why: expect.stringMatching(/answered 200 as expected$/) },
    ]);
  });
  expect(asked).toBe(2);
});

describe('a probe of checks', () => {
  const probed = (...checks: readonly Check[]) => ({
    ...soon,
    checks,
    probe: { checks: checks.map(({ name }) => name) },
  });

  it('that passes opens the first raise, also when an answer was unknown at first', async () => {
    answers = ['up'];
    let runs = 0;
    const once = async (order: CheckOrder): Promise<CheckResult> => {
      if (order.check.name !== 'program') return runCheck(order);
      runs += 1;
      return { outcome: runs === 1 ? 'unknown' : 'yes', why: `run ${runs}`, startedAtMs: 0, tookMs: 0 };
    };
    await rig.runWith({ ...rig.aws().activities(), runCheck: once }, async () => {
      const handle = await rig.rollout(probed(health(), program(0)));
      expect(await handle.result()).toMatchObject({ outcome: 'completed', probe: { verdict: 'passed' } });
    });
    expect(runs).toBe(2);
  });

  it('with a no refuses the rollout before its first raise', async () => {
    answers = ['up'];
    const aws = rig.aws();
    await rig.runWith({ ...aws.activities(), runCheck }, async () => {
      const handle = await rig.rollout(probed(health(), program(1)));
      expect(await handle.result()).toMatchObject({
        ...{ outcome: 'refused', percentages: [] },
        why: expect.stringMatching(/^program: .* exit code 1$/),
      });
    });
    expect(aws.percentages()).toEqual([]);
  });
});

const verify = async (
  plan: EnvironmentPlan,
): Promise<{ readonly result: Verification; readonly hands: VerificationHands }> => {
  const hands = new VerificationHands(rig.aws());
  let result: Verification | undefined;
  await rig.runWith(hands.activities({ runCheck }), async () => {
    const handle = await rig.env.client.workflow.start<(input: object) => Promise<Verification>>('verification', {
      ...{ taskQueue: TASK_QUEUE, workflowId: `verification-${Math.random()}` },
      args: [{ plan, startedBy: 'ada' }],
    });
    result = await rig.remember(handle).result();
  });
  return { result: result as Verification, hands };
};

describe('a verification of checks alone', () => {
  const plan = (checks: readonly Check[], more: object = {}): EnvironmentPlan => ({
    ...planOf({ monitorMs: 5 * MINUTE_MS, checks: checks.map(({ name }) => name), ...more }),
    ...{ checks, watch: { ...soon.watch, dashboard: undefined } },
  });

  it('passes when all say yes and no alarm fires, and asks one again that says no at first', async () => {
    answers = ['down', 'down', 'up'];
    const { result, hands } = await verify(plan([health(), program(0)]));
    expect(result).toMatchObject({ outcome: 'passed', why: '3 of 3 parts passed' });
    expect(result.parts).toMatchObject([
      { part: 'health', state: 'passed', evidence: { status: 200 } },
      { part: 'program', state: 'passed', evidence: { exitCode: 0 } },
      { part: 'alarms', state: 'passed' },
    ]);
    expect(result.endedAtMs! - result.startedAtMs).toBeGreaterThanOrEqual(5 * MINUTE_MS);
    expect(hands.verified).toMatchObject([{ passed: true }]);
    expect(asked).toBe(3);
  });

  it('fails when one says no, and when one is unknown unless the plan does not require it', async () => {
    answers = ['up'];
    const failed = await verify(plan([health(), program(1)]));
    expect(failed.result).toMatchObject({ outcome: 'failed', why: expect.stringContaining('program failed: ') });
    const unknown = await verify(plan([health(), program(7)]));
    expect(unknown.result).toMatchObject({ outcome: 'failed', why: expect.stringContaining('NOT KNOWN: ') });
    const optional = await verify(plan([health(), program(7)], { require: ['health', 'alarms'] }));
    expect(optional.result).toMatchObject({ outcome: 'passed', why: expect.stringContaining('not verified: program') });
  });
});

it('checks are asked by hand, each with its answer', async () => {
  answers = ['down'];
  const plan = { ...soon, checks: [health(), program(0)] };
  const checks = ['program', 'health', 'team-notified', 'nowhere'];
  await rig.runWith({ ...rig.aws().activities(), runCheck }, async () => {
    const handle = await rig.env.client.workflow.start<(input: object) => Promise<CheckedResult>>('check', {
      ...{ taskQueue: TASK_QUEUE, workflowId: 'check-pavi-prod', args: [{ plan, checks }] },
    });
    expect((await rig.remember(handle).result()).checks).toMatchObject([
      { name: 'program', outcome: 'yes', tookMs: expect.any(Number) },
      { name: 'health', outcome: 'no', why: expect.stringContaining('status is "down" and not "up"') },
      { name: 'team-notified', outcome: 'unknown' },
      { name: 'nowhere', outcome: 'unknown', why: 'the plan has no check nowhere' },
    ]);
  });
});
