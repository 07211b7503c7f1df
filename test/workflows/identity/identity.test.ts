import { ApplicationFailure } from '@temporalio/common';
import type { CallerAnswer, CallerOrder } from '../../../activities/observe/identity/verify-caller';
import { type Proof, purposeHash } from '../../../rules/identity/proof';
import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import {
  abortSignal,
  approveUpdate,
  extendUpdate,
  pauseSignal,
  promoteUpdate,
  rejectUpdate,
  resumeSignal,
  type Command,
  type ResumeCommand,
} from '../../../workflows/messages';
import type { FakeAws } from '../../helpers/aws/fake-aws';
import { aPlan, HOUR_MS, MINUTE_MS } from '../../helpers/samples/plans';
import { refusalOf } from '../../helpers/samples/refusal';
import { until } from '../../helpers/until';
import { Rig, type RolloutHandle, statusOf } from '../../helpers/temporal/rig';

const RELEASE = 'arn:aws:iam::333333333333:role/Release';
const APPROVERS = 'arn:aws:iam::333333333333:role/AWSReservedSSO_Approvers_*';
const CI = 'arn:aws:sts::333333333333:assumed-role/Release/github';
const MALLORY = 'arn:aws:sts::333333333333:assumed-role/Developer/mallory';
const approver = (name: string, role = 'AWSReservedSSO_Approvers_1'): string =>
  `arn:aws:sts::333333333333:assumed-role/${role}/${name}`;

const plan = (changes: Partial<EnvironmentPlan> = {}): EnvironmentPlan =>
  aPlan({
    permissions: {
      proof: 'required',
      raise: [RELEASE],
      approve: [RELEASE, APPROVERS],
      at: 'environments[2].permissions',
    },
    ...changes,
  });

let rig: Rig;
let aws: FakeAws;
let sts: Sts;
beforeAll(async () => (rig = await Rig.start()));
afterAll(() => rig.stop());
beforeEach(() => {
  aws = rig.aws();
  sts = new Sts();
});
const run = (body: () => Promise<void>): Promise<void> =>
  rig.runWith({ ...aws.activities(), verifyCaller: (order: CallerOrder) => sts.verify(order) }, body);

/** What AWS knows: who signed what. Signatures themselves are checked in test/aws/observe/identity. */
class Sts {
  private readonly signed = new Map<string, { readonly arn: string; readonly purpose: string }>();
  before: () => Promise<void> | void = () => undefined;
  asked = 0;

  async verify({ proof, purpose }: CallerOrder): Promise<CallerAnswer> {
    this.asked += 1;
    await this.before();
    const found = this.signed.get(proof.authorization);
    return found?.purpose === purpose ? { arn: found.arn } : { why: 'AWS refused it (SignatureDoesNotMatch)' };
  }

  async sign<C extends Command>(handle: RolloutHandle, verb: string, arn: string, command: C): Promise<C & Command> {
    const { permissions } = await statusOf(handle);
    const nonce = `nonce-${this.signed.size}-0123456789`;
    const date = `${new Date(await rig.env.currentTimeMs()).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
    const signature = String(this.signed.size).padStart(64, 'a');
    const authorization = `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/${date.slice(0, 8)}/us-east-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-rollout-asks, Signature=${signature}`;
    const { workflowId } = handle;
    const purpose = purposeHash({ workflowId, run: permissions!.run, verb, command }, nonce);
    this.signed.set(authorization, { arn, purpose });
    const proof: Proof = { nonce, host: 'sts.us-east-1.amazonaws.com', date, authorization };
    return { ...command, proof };
  }
}

const resume = async (handle: RolloutHandle, arn = CI, verb = 'resume'): Promise<void> =>
  handle.signal(
    resumeSignal,
    await sts.sign<ResumeCommand>(handle, verb, arn, verb === 'start' ? { starts: true } : {}),
  );
/** And waits for its proof: the test server does not take it when a check that has just begun is cancelled. */
async function started(changes: Partial<EnvironmentPlan> = {}): Promise<RolloutHandle> {
  const handle = await rig.rollout(plan(changes));
  await rig.env.sleep(MINUTE_MS);
  return handle;
}
/** Started by somebody that AWS knows, and at 10 %. */
async function begun(changes: Partial<EnvironmentPlan> = {}): Promise<RolloutHandle> {
  const handle = await started(changes);
  await resume(handle, CI, 'start');
  await rig.env.sleep(MINUTE_MS);
  return handle;
}
const ended = async (handle: RolloutHandle) => {
  await handle.signal(abortSignal);
  return handle.result();
};
const wordsOf = async (handle: RolloutHandle): Promise<string> => (await statusOf(handle)).wait?.why ?? '';

describe('a start', () => {
  it('without a proof raises nothing and says how to send one; with one it goes on in that name', () =>
    run(async () => {
      const handle = await rig.rollout(plan());
      await rig.env.sleep(HOUR_MS);
      expect(aws.writes).toEqual([]);
      expect(await wordsOf(handle)).toMatch(/start by ada has no proof .*`rollout resume prod`/);
      await resume(handle, CI, 'start');
      await rig.env.sleep(MINUTE_MS);
      expect(aws.percentages()).toEqual([10]);
      const status = await statusOf(handle);
      expect(status).toMatchObject({ startedBy: RELEASE, permissions: { startOpen: false } });
      expect(status.log).toContainEqual(expect.objectContaining({ by: RELEASE, proof: 'proved', principal: CI }));
      expect(status.log[0]).toMatchObject({ by: 'ada', proof: 'unproved' });
      await expect(ended(handle)).resolves.toMatchObject({ outcome: 'aborted' });
    }));

  it('by somebody who may not is refused: who it is, who may, and where the plan says so', () =>
    run(async () => {
      const handle = await started();
      await resume(handle, MALLORY, 'start');
      const { outcome, why } = await handle.result();
      expect(outcome).toBe('refused');
      expect(why).toContain(`${MALLORY} may not start: environments[2].permissions.raise of the plan names ${RELEASE}`);
      expect(aws.writes).toEqual([]);
    }));

  it('can be aborted without a proof, and one that only goes back to 0 % needs none', () =>
    run(async () => {
      const handle = await started();
      await expect(ended(handle)).resolves.toMatchObject({ outcome: 'aborted' });
      const back = await rig.rollout(plan(), { backToZero: true });
      await expect(back.result()).resolves.toMatchObject({ outcome: 'aborted', percentages: [0] });
      expect(sts.asked).toBe(0);
    }));
});

describe('a resume', () => {
  it('from the Web UI has no proof: the rollout stays paused and says so, until one comes', () =>
    run(async () => {
      const handle = await begun();
      await handle.signal(pauseSignal);
      await handle.signal(resumeSignal);
      await rig.env.sleep(HOUR_MS);
      const { phase, permissions, log } = await statusOf(handle);
      expect(phase).toBe('paused');
      expect(permissions?.open).toMatchObject({ rule: 'proof', why: expect.stringContaining('resume by an unnamed') });
      expect(await wordsOf(handle)).toMatch(/resume by an unnamed person has no proof .*`rollout resume prod`/);
      expect(log.at(-1)).toMatchObject({ what: expect.stringContaining('NOT resumed'), proof: 'unproved' });
      await resume(handle);
      await rig.env.sleep(MINUTE_MS);
      const went = await statusOf(handle);
      expect([went.phase, went.permissions?.open]).toEqual(['soaking', undefined]);
      await ended(handle);
    }));

  it('counts once, for its own words, and only while AWS answers', () =>
    run(async () => {
      const handle = await begun();
      const paused = async (): Promise<string> => {
        await rig.env.sleep(MINUTE_MS);
        expect((await statusOf(handle)).phase).toBe('paused');
        return (await statusOf(handle)).permissions?.open?.why ?? '';
      };
      await handle.signal(pauseSignal);
      const signed = await sts.sign(handle, 'resume', CI, {});
      await handle.signal(resumeSignal, { ...signed, flag: 'restore' });
      expect(await paused()).toMatch(/SignatureDoesNotMatch/);
      await handle.signal(resumeSignal, signed);
      await rig.env.sleep(MINUTE_MS);
      expect((await statusOf(handle)).phase).toBe('soaking');
      await handle.signal(pauseSignal);
      await handle.signal(resumeSignal, signed);
      expect(await paused()).toMatch(/used before/);
      await handle.signal(resumeSignal, await sts.sign(handle, 'promote', CI, {}));
      expect(await paused()).toMatch(/SignatureDoesNotMatch/);
      await resume(handle, MALLORY);
      expect(await paused()).toMatch(/mallory may not resume/);
      const old = await sts.sign(handle, 'resume', CI, {});
      await rig.env.sleep(6 * MINUTE_MS);
      await handle.signal(resumeSignal, old);
      expect(await paused()).toMatch(/5 minutes ago/);
      sts.before = () => {
        throw ApplicationFailure.retryable('sts.us-east-1.amazonaws.com: no answer', 'Unavailable');
      };
      await resume(handle);
      expect(await paused()).toMatch(/resume by an unnamed person is not proved.*AWS did not say who.*no answer/);
      await ended(handle);
    }));

  it('does not end a pause that came while AWS was asked, and no abort waits for the answer', () =>
    run(async () => {
      const handle = await begun();
      await handle.signal(pauseSignal, { by: 'ada', reason: 'lunch' });
      const waiting: (() => void)[] = [];
      const answerAll = (): void => waiting.splice(0).forEach((answer) => answer());
      const hanging = (): Promise<void> => new Promise((answer) => void waiting.push(answer));
      const arrived = new Promise<void>((arrive) => {
        sts.before = () => (arrive(), hanging());
      });
      await resume(handle);
      await arrived;
      await handle.signal(pauseSignal, { by: 'bob', reason: 'wait' });
      sts.before = () => undefined;
      answerAll();
      await rig.env.sleep(MINUTE_MS);
      expect(await statusOf(handle)).toMatchObject({ phase: 'paused', permissions: { open: { rule: 'state' } } });
      sts.before = hanging;
      await resume(handle);
      await handle.signal(abortSignal);
      await until(() => aws.percentages().join() === '10,0', '0 % is written');
      expect(waiting).not.toEqual([]);
      answerAll();
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted' });
    }));
});

/** Answers of AWS that wait until they are let go. */
function slowly(): { readonly arrived: Promise<void>; answer(): void } {
  let go = (): void => undefined;
  const hanging = new Promise<void>((answer) => (go = answer));
  const arrived = new Promise<void>((arrive) => {
    sts.before = () => (arrive(), hanging);
  });
  return { arrived, answer: () => ((sts.before = () => undefined), go()) };
}

describe('while AWS is asked who sent it', () => {
  it('a rejection is not undone by an approval that came before it', () =>
    run(async () => {
      const approvals = { required: 1, starterMayApprove: false, before: 'first-raise', validForMs: HOUR_MS } as const;
      const handle = await begun({ approvals });
      const aws = slowly();
      const approval = await sts.sign(handle, 'approve', approver('bob@x.org'), { by: 'bob' });
      const asked = refusalOf(handle.executeUpdate(approveUpdate, { args: [approval] }));
      await aws.arrived;
      await handle.executeUpdate(rejectUpdate, { args: [{ by: 'ada', reason: 'not today' }] });
      aws.answer();
      await expect(asked).resolves.toMatchObject({ rule: 'state', why: expect.stringContaining('not today') });
      await resume(handle);
      await rig.env.sleep(MINUTE_MS);
      expect((await statusOf(handle)).phase).toBe('approving');
      await ended(handle);
    }));

  it('an extension is not undone by a promotion that came before it', () =>
    run(async () => {
      const handle = await begun();
      const aws = slowly();
      const promotion = await sts.sign(handle, 'promote', CI, { by: 'ada' });
      const asked = refusalOf(handle.executeUpdate(promoteUpdate, { args: [promotion] }));
      await aws.arrived;
      const untilMs = (await rig.env.currentTimeMs()) + 48 * HOUR_MS;
      await handle.executeUpdate(extendUpdate, { args: [{ by: 'bob', untilMs }] });
      aws.answer();
      await expect(asked).resolves.toMatchObject({ rule: 'state', remedy: expect.stringContaining('promote again') });
      await ended(handle);
    }));

  it('a pause that came before the proof of the start lasts', () =>
    run(async () => {
      const handle = await started();
      await handle.signal(pauseSignal, { by: 'bob', reason: 'wait' });
      await resume(handle, CI, 'start');
      await rig.env.sleep(MINUTE_MS);
      expect(await statusOf(handle)).toMatchObject({
        phase: 'paused',
        startedBy: RELEASE,
        permissions: { startOpen: false },
      });
      expect(aws.writes).toEqual([]);
      await ended(handle);
    }));
});

describe('verbs that may be refused', () => {
  it('leave no trace without a proof, and those that stop raises need none', () =>
    run(async () => {
      const handle = await begun();
      const refusal = await refusalOf(handle.executeUpdate(promoteUpdate, { args: [{ by: 'ada' }] }));
      expect(refusal).toMatchObject({ rule: 'proof', remedy: expect.stringContaining('rollout promote prod') });
      const { events } = await handle.fetchHistory();
      expect(events?.some(({ workflowExecutionUpdateAcceptedEventAttributes: one }) => Boolean(one))).toBe(false);
      const promote = await sts.sign(handle, 'promote', MALLORY, { by: 'ada' });
      await expect(refusalOf(handle.executeUpdate(promoteUpdate, { args: [promote] }))).resolves.toMatchObject({
        rule: 'permission',
      });
      await handle.executeUpdate(rejectUpdate, { args: [{ by: 'ada', reason: 'not today' }] });
      expect((await statusOf(handle)).phase).toBe('holding');
      await resume(handle);
      const promoted = await sts.sign(handle, 'promote', CI, { by: 'ada' });
      await expect(handle.executeUpdate(promoteUpdate, { args: [promoted] })).resolves.toMatchObject({ changed: true });
      await rig.env.sleep(MINUTE_MS);
      expect(aws.percentages()).toEqual([10, 25]);
      await ended(handle);
    }));

  it('approve counts people and not names: one user with two roles is one, and so are all users of a role', () =>
    run(async () => {
      const approvals = { required: 2, starterMayApprove: false, before: 'first-raise', validForMs: HOUR_MS } as const;
      const handle = await begun({ approvals });
      const approve = async (arn: string, by: string) =>
        handle.executeUpdate(approveUpdate, { args: [await sts.sign(handle, 'approve', arn, { by })] });
      await expect(refusalOf(approve(CI, 'eve'))).resolves.toMatchObject({ why: expect.stringContaining('started') });
      await expect(approve(approver('bob@x.org'), 'bob')).resolves.toMatchObject({ changed: true });
      await expect(approve(approver('bob@x.org', 'AWSReservedSSO_Approvers_2'), 'eve')).resolves.toMatchObject({
        changed: false,
      });
      await rig.env.sleep(MINUTE_MS);
      expect(aws.writes).toEqual([]);
      await expect(approve(approver('carol@x.org'), 'bob')).resolves.toMatchObject({ changed: true });
      await rig.env.sleep(MINUTE_MS);
      expect(aws.percentages()).toEqual([10]);
      await ended(handle);
    }));
});
