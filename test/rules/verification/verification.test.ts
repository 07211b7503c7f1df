import fc from 'fast-check';
import { checkOf } from '../../../rules/checks/check';
import type { EnvironmentPlan, Verification as Asked } from '../../../rules/plan/environment-plan';
import { PARTS } from '../../../rules/verification/part-names';
import { addressesOf } from '../../../rules/verification/parts';
import { describeVerification } from '../../../rules/report/verification';
import * as rule from '../../../rules/verification/verification';
import type { PartState, Verification } from '../../../rules/verification/verification';
import { newsOf } from '../../../client/deployment/verification-progress';
import { aPlan } from '../../helpers/samples/plans';

const whole: Asked = {
  ...{ monitorMs: 1_000, apiUrl: 'https://api', testJob: 'job.json', stateMachine: 'machine', badJob: 'bad.json' },
  ...{ deploymentStatus: true, failingJob: { job: 'failing.json', says: 'no' } },
};
const begin = (verification: Asked, watch = { ...aPlan().watch, dashboard: 'board' }): Verification =>
  rule.beginVerification({ plan: aPlan({ verification, watch }), by: 'ada', nowMs: 0 });
const states = ({ parts }: Verification) => parts.map(({ part, state }) => `${part} ${state}`);
const all = (verification: Verification, state: PartState): Verification =>
  verification.parts.reduce((one, { part }) => rule.withPart(one, part, { state }), verification);

it('everything can be run by a plan that names everything', () => {
  expect(states(begin(whole))).toEqual(PARTS.map((part) => `${part} open`));
});

it.each<[keyof Asked, readonly string[]]>([
  ['apiUrl', ['health', 'deployment-status', 'bad-input', 'test-job', 'failing-job']],
  ['testJob', ['test-job', 'step-functions']],
  ['stateMachine', ['step-functions']],
  ['badJob', ['bad-input']],
  ['failingJob', ['failing-job']],
])('without %s these are reported as not verified: %s', (key, parts) => {
  const { [key]: _left, ...rest } = whole;
  const { parts: found } = begin(rest as Asked);
  expect(found.filter(({ state }) => state === 'not-verified').map(({ part }) => part)).toEqual(parts);
  expect(found.find(({ part }) => part === parts[0])?.why).toContain(`names no verification.${key}`);
});

it('without alarms and dashboard nothing is watched, and the result says it', () => {
  const { watch } = aPlan();
  const found = begin(whole, { ...watch, alarms: [] } as never).parts.slice(-2);
  expect(found).toMatchObject([
    { part: 'alarms', state: 'not-verified', why: 'the plan names no watch.alarms' },
    { part: 'dashboard', state: 'not-verified', why: 'the plan names no watch.dashboard' },
  ]);
});

describe('a plan with checks of its own', () => {
  const checks = [checkOf('up', { kind: 'alarms-quiet' }), checkOf('health', { kind: 'team-notified' })];
  const watch = aPlan().watch;
  const beginWith = (asked: Asked, more: Partial<EnvironmentPlan> = {}): Verification =>
    rule.beginVerification({ plan: aPlan({ verification: asked, checks, watch, ...more }), by: 'ada', nowMs: 0 });

  it('has them as parts, and of the others those that it names or can run', () => {
    const asked = { monitorMs: 1_000, checks: ['up'] };
    expect(states(beginWith(asked))).toEqual(['up open', 'alarms open']);
    expect(states(beginWith(asked, { watch: { ...watch, alarms: [] } }))).toEqual(['up open']);
    expect(states(beginWith({ ...asked, require: ['up', 'dashboard'] }))).toEqual([
      'up open',
      'alarms open',
      'dashboard not-verified',
    ]);
    expect(states(beginWith({ ...whole, checks: ['up'] }))).toEqual(
      ['up', ...PARTS.filter((part) => part !== 'dashboard')].map((part) => `${part} open`),
    );
  });

  it('replaces a part by a check of its name', () => {
    const { parts } = beginWith({ ...whole, checks: ['health'] });
    expect(parts.filter(({ part }) => part === 'health')).toMatchObject([
      { state: 'open', why: 'a channel accepted the notice of the start' },
    ]);
  });

  it('does not pass by a check that the plan does not have', () => {
    const [part] = beginWith({ monitorMs: 1_000, checks: ['nowhere'] }).parts;
    expect(part).toMatchObject({ part: 'nowhere', state: 'not-verified', why: 'the plan has no check nowhere' });
  });
});

it('each instance is asked for its health where they are named', () => {
  expect(addressesOf({ monitorMs: 0, instances: ['https://a', 'https://b/'], apiUrl: 'https://c' })).toEqual([
    'https://a/api/health',
    'https://b/api/health',
  ]);
  expect(addressesOf({ monitorMs: 0, healthUrl: 'https://a/h', apiUrl: 'https://c' })).toEqual(['https://a/h']);
});

describe('the end', () => {
  it('is failed while the plan requires what could not be run, and passed when it does not, with a word about it', () => {
    const { apiUrl: _apiUrl, ...rest } = whole;
    const run = (asked: Asked): Verification => {
      const begun = begin(asked);
      const open = begun.parts.filter(({ state }) => state === 'open');
      const ran = open.reduce((one, { part }) => rule.withPart(one, part, { state: 'passed' }), begun);
      return rule.conclude(ran, 9);
    };
    expect(run(rest)).toMatchObject({
      outcome: 'failed',
      why: expect.stringContaining('health not verified: the plan'),
    });
    expect(run({ ...rest, require: ['step-functions', 'alarms', 'dashboard'] })).toMatchObject({
      outcome: 'passed',
      why: expect.stringMatching(
        /^3 of 8 parts passed; not verified: health \(the plan names no verification.apiUrl\)/,
      ),
    });
  });

  it('is failed when nothing was run at all', () => {
    expect(rule.conclude(all(begin(whole), 'left-out'), 9)).toMatchObject({
      ...{ outcome: 'failed', why: 'nothing was verified' },
    });
  });

  it('is failed by a part that the plan names and a rule leaves out, and by one that it names without saying how', () => {
    const passed = all(begin({ ...whole, require: ['health', 'failing-job'] }), 'passed');
    const leftOut = rule.withPart(passed, 'failing-job', { state: 'left-out', why: 'the flag is at 25 %' });
    expect(rule.conclude(leftOut, 9)).toMatchObject({
      ...{ outcome: 'failed', why: 'failing-job required and left out: the flag is at 25 %' },
    });
    const silent = begin({ ...whole, deploymentStatus: false, require: ['health', 'deployment-status'] });
    expect(silent.parts.find(({ part }) => part === 'deployment-status')).toMatchObject({
      ...{ state: 'not-verified', required: true, why: expect.stringContaining('deploymentStatus: true') },
    });
  });

  it('counts what could not be checked only where the plan requires it, and what is wrong always', () => {
    const begun = begin({ ...whole, require: ['alarms'] });
    const unseen = { state: 'failed' as const, unseen: true, why: 'nobody answered' };
    expect(rule.endedPart(begun, 'health', unseen)).toMatchObject({ state: 'not-verified' });
    expect(rule.endedPart(begun, 'alarms', unseen)).toMatchObject({ state: 'failed' });
    expect(rule.endedPart(begun, 'health', { state: 'failed', why: 'wrong mode' })).toMatchObject({ state: 'failed' });
    expect(rule.endedPart(begin(whole), 'health', unseen)).toMatchObject({ state: 'failed' });
  });

  it('is passed only when no part failed, every required one passed or was left out by a rule, and every named one passed', () => {
    const anyState = fc.constantFrom<PartState>('passed', 'failed', 'not-verified', 'left-out');
    fc.assert(
      fc.property(fc.array(anyState, { minLength: 8, maxLength: 8 }), fc.subarray([...PARTS]), (found, require) => {
        const asked = require.length === 0 ? whole : { ...whole, require };
        const ran = PARTS.reduce((one, part, i) => rule.withPart(one, part, { state: found[i]! }), begin(asked));
        const bad = PARTS.some((part, i) => {
          const counts = require.length === 0 || require.includes(part);
          const leftOut = found[i] === 'left-out' && require.includes(part);
          return found[i] === 'failed' || leftOut || (found[i] === 'not-verified' && counts);
        });
        const { outcome } = rule.conclude(ran, 9);
        expect(outcome).toBe(!bad && found.includes('passed') ? 'passed' : 'failed');
      }),
    );
  });
});

it('a plan that says nothing about it is refused', () => {
  const refusal = rule.notAsked(aPlan());
  expect(refusal).toMatchObject({ rule: 'plan', why: 'the plan names nothing to verify in prod' });
  expect(rule.notAsked(aPlan({ verification: whole }))).toBeUndefined();
});

it('the progress is one line per part, once, and again as it continues', () => {
  const said = new Map<string, string>();
  let one = rule.withPart(begin(whole), 'health', { state: 'passed', why: 'up' });
  one = rule.withPart(one, 'alarms', { state: 'running', why: '4 alarms OK', startedAtMs: 0, untilMs: 1_800_000 });
  expect(newsOf(one, said, 0)).toEqual(['✓ health: up', '… alarms: 4 alarms OK (0 s of 30 min)']);
  expect(newsOf(one, said, 60_000)).toEqual([]);
  expect(newsOf(one, said, 720_000)).toEqual(['… alarms: 4 alarms OK (12 min of 30 min)']);
  expect(describeVerification(one)).toContain('- ✓ health: up\n- · deployment-status');
});
