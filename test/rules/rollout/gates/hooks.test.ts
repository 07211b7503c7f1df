import fc from 'fast-check';
import type { CheckAnswer } from '../../../../rules/checks/check';
import { no, unknown, yes } from '../../../../rules/checks/check';
import { HOOK_MOMENTS, type Hook } from '../../../../rules/checks/hooks';
import type { EnvironmentPlan } from '../../../../rules/plan/environment-plan';
import { occasionsDue } from '../../../../rules/notify/due';
import { decide } from '../../../../rules/rollout/decide';
import type { Decision } from '../../../../rules/rollout/decision';
import { hooksAtWork, nextStepHookMs, recordAnswer, recordAsking } from '../../../../rules/rollout/gates/hooks';
import { recordOwned } from '../../../../rules/rollout/owner';
import * as halt from '../../../../rules/rollout/pause-hold';
import * as record from '../../../../rules/rollout/state/state';
import type { RolloutState } from '../../../../rules/rollout/state/state';
import { statusOf } from '../../../../rules/rollout/status/build-status';
import { reject, tick } from '../../../../rules/rollout/verbs/approve-reject-tick';
import { changed } from '../../../helpers/samples/changed-state';
import { aPlan, DAY_MS, HOUR_MS, MINUTE_MS } from '../../../helpers/samples/plans';

const NOON = Date.UTC(2026, 10, 24, 12);
const hooks = Object.fromEntries(HOOK_MOMENTS.map((moment) => [moment, [`${moment}-check`]]));
const steps = [50, 100].map((percentage) => ({ percentage, soakMs: DAY_MS }));
const plan = aPlan({ hooks, steps });
const healthy = { outcome: 'healthy', why: 'quiet', noticed: [], ringing: [], guards: [] } as const;
const begun: RolloutState = changed(recordOwned(record.begin('ada', undefined, NOON)), { flag: { known: true } });
const seen = (state: RolloutState, nowMs: number) => halt.recordVerdict(state, { ...healthy, atMs: nowMs });
const askedBy = (decision: Decision): readonly Hook[] => (decision.do === 'ask-hooks' ? decision.hooks : []);
const answered = (state: RolloutState, asked: readonly Hook[], answer: CheckAnswer, nowMs: number) =>
  asked.reduce((next, hook) => recordAnswer(next, hook, answer, nowMs), recordAsking(state, asked, nowMs));

/** Carries out what is decided, as if everything else went well, until it waits or raises. */
function until(of: EnvironmentPlan, from: RolloutState, nowMs: number, answer: CheckAnswer) {
  const asked: string[] = [];
  let state = from;
  for (;;) {
    const decision = decide(of, state, nowMs);
    if (decision.do === 'look') state = seen(state, nowMs);
    else if (decision.do === 'read-flag') state = changed(state, { flag: { readAtMs: nowMs } });
    else if (decision.do === 'ask-hooks') {
      asked.push(...askedBy(decision).map(({ moment, percentage }) => `${moment} ${percentage}`));
      state = answered(state, decision.hooks, answer, nowMs);
    } else return { asked, state, decision };
  }
}
const raised = (state: RolloutState, percentage: number, index: number, nowMs: number) =>
  record.recordRaise(record.raising(state, percentage), { percentage, generation: index + 1 }, index, nowMs);

it('asks each moment once, in order, and raises when each said yes', () => {
  const first = until(plan, begun, NOON, yes('ok'));
  expect(first.asked).toEqual(['confirm-rollout 50', 'pre-rollout 50', 'confirm-traffic-increase 50']);
  expect(first.decision).toMatchObject({ do: 'set-traffic', percentage: 50 });
  const at50 = until(plan, raised(first.state, 50, 0, NOON), NOON, yes('ok'));
  expect([at50.asked, at50.decision]).toEqual([
    ['rollout 50'],
    expect.objectContaining({ do: 'wait', phase: 'soaking' }),
  ]);
  const second = until(plan, at50.state, NOON + DAY_MS, yes('ok'));
  expect(second.asked).toEqual(['confirm-traffic-increase 100', 'confirm-promotion 100']);
  const at100 = until(plan, raised(second.state, 100, 1, NOON + DAY_MS), NOON + DAY_MS, yes('ok'));
  expect(at100.asked).toEqual(['rollout 100']);
  expect(until(plan, at100.state, NOON + 2 * DAY_MS, no('x')).decision).toMatchObject({
    do: 'finish',
    outcome: { outcome: 'completed' },
  });
});

it.each([
  ['says no', no('answered 409 and not 200 to 299'), 'answered 409 and not 200 to 299'],
  ['does not answer', unknown('it was not answered within 10 s'), 'NOT KNOWN: it was not answered within 10 s'],
])('holds the first raise when a receiver %s, says so, and asks again', (_what, answer, words) => {
  const { decision, state } = until(plan, begun, NOON, answer);
  expect(decision).toEqual({
    do: 'wait',
    phase: 'checking',
    why: `waits for confirm-rollout (confirm-rollout-check): ${words}`,
    sinceMs: NOON,
    untilMs: NOON + 30_000,
    deadline: { atMs: NOON + 30 * DAY_MS, then: 'continue' },
    verbs: ['checklist --tick confirm-rollout-check', 'pause', 'abort'],
  });
  expect(decide(plan, state, NOON + 29_999).do).toBe('wait');
  expect(askedBy(decide(plan, state, NOON + 30_000))).toHaveLength(1);
  expect(until(plan, state, NOON + 30_000, yes('ok')).decision).toMatchObject({ do: 'set-traffic', percentage: 50 });
});

it('asks ever more rarely, at most every 5 min, and at once after a resume', () => {
  let state = until(plan, begun, NOON, no('x')).state;
  const pauses: number[] = [];
  for (let nowMs = NOON; pauses.length < 7;) {
    const decision = decide(plan, state, nowMs);
    const untilMs = decision.do === 'wait' ? (decision.untilMs ?? 0) : 0;
    pauses.push((untilMs - nowMs) / 1_000);
    nowMs = untilMs;
    state = until(plan, state, nowMs, no('x')).state;
  }
  expect(pauses).toEqual([30, 60, 120, 240, 300, 300, 300]);
  const atMs = NOON + HOUR_MS;
  const paused = halt.pause(state, { why: 'x', sinceMs: atMs });
  expect(askedBy(decide(plan, halt.resume(paused, { why: 'x', sinceMs: atMs }), atMs))).toHaveLength(1);
});

it('the hook of a step is asked while it soaks, also again, and the next raise waits for it', () => {
  const at50 = raised(until(plan, begun, NOON, yes('ok')).state, 50, 0, NOON);
  const { decision, state } = until(plan, at50, NOON, no('p99 too high'));
  expect(decision).toMatchObject({ do: 'wait', phase: 'soaking' });
  expect(nextStepHookMs(plan, state)).toBe(NOON + 30_000);
  const late = until(plan, state, NOON + DAY_MS, no('p99 too high'));
  expect(late.asked).toEqual(['rollout 50']);
  expect(late.decision).toMatchObject({
    phase: 'checking',
    why: expect.stringContaining('rollout (rollout-check): p99'),
  });
});

it('the end waits for the hook of the last step', () => {
  const at100 = raised(raised(until(plan, begun, NOON, yes('ok')).state, 50, 0, NOON), 100, 1, NOON);
  const over = until(plan, at100, NOON + DAY_MS, unknown('gone'));
  expect(over.decision).toMatchObject({
    do: 'wait',
    why: expect.stringContaining('rollout (rollout-check): NOT KNOWN'),
  });
});

it('while a receiver is asked, the rollout waits without a time, and nothing is asked twice', () => {
  const [hook] = askedBy(decide(plan, begun, NOON));
  const asking = recordAsking(begun, [hook!], NOON);
  expect(hooksAtWork(asking)).toBe(true);
  const waits = {
    do: 'wait',
    untilMs: undefined,
    why: expect.stringContaining('being asked'),
    verbs: ['pause', 'abort'],
  };
  expect(decide(plan, asking, NOON + HOUR_MS)).toMatchObject(waits);
});

it('a person vouches for a receiver with a reason, and the channels hear once that it is awaited', () => {
  const { state, decision } = until(plan, begun, NOON, no('x'));
  const about = { workflowId: 'w', planHash: 'h', nowMs: NOON };
  const status = statusOf(plan, state, decision, about);
  expect(status.gates.find(({ gate }) => gate === 'hooks')).toMatchObject({ open: false });
  const told = occasionsDue({ notify: [{ name: 'a', topic: 't' }] }, state, status, NOON);
  expect(told.map(({ key }) => key)).toEqual(['started', 'hooks--1-50']);
  const item = 'confirm-rollout-check';
  const vouching = (by?: string, reason?: string) => tick(plan, state, { by, item, reason, nowMs: NOON });
  expect(vouching('ada')).toMatchObject({ refusal: { rule: 'reason' } });
  const vouched = vouching('ada', 'asked by phone');
  if (vouched.refusal !== undefined) throw new Error(vouched.refusal.why);
  expect(vouched.state.log.entries.at(-1)).toMatchObject({
    by: 'ada',
    what: expect.stringContaining('asked by phone'),
  });
  expect(until(plan, vouched.state, NOON, yes('ok')).asked).not.toContain('confirm-rollout 50');
});

it('no raise comes before each of its hooks has said yes, in whatever order receivers answer', () => {
  const answer = fc.constantFrom(yes('ok'), no('x'), unknown('?'));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(answer, fc.integer({ min: 0, max: 10 * MINUTE_MS })), { maxLength: 25 }),
      (answers) => {
        let [state, nowMs] = [begun, NOON];
        const said = new Set<string>();
        for (const [next, afterMs] of answers) {
          nowMs += afterMs;
          const decision = decide(plan, state, nowMs);
          if (decision.do === 'look') state = seen(state, nowMs);
          if (decision.do === 'ask-hooks') {
            state = answered(state, decision.hooks, next, nowMs);
            if (next.outcome === 'yes') decision.hooks.forEach(({ moment }) => said.add(moment));
          }
          if (decision.do !== 'set-traffic') continue;
          expect([...said]).toEqual(['confirm-rollout', 'pre-rollout', 'confirm-traffic-increase']);
          return;
        }
      },
    ),
  );
});

it('what is being asked is never asked once more, whatever percentage was adopted', () => {
  const two = { ...plan, hooks: { ...hooks, rollout: ['a', 'b'], 'confirm-traffic-increase': ['c', 'd'] } };
  const percentages = fc.integer({ min: 0, max: 100 });
  fc.assert(
    fc.property(percentages, fc.constantFrom(-1, 0, 1), fc.boolean(), (percentage, index, late) => {
      const nowMs = NOON + (late ? 2 * DAY_MS : 0);
      let state = changed(raised(begun, 50, 0, NOON), { flag: { percentage }, step: { index } });
      const asked = new Set<string>();
      for (let turn = 0; turn < 20; turn += 1) {
        const decision = decide(two, state, nowMs);
        if (decision.do === 'look') state = seen(state, nowMs);
        else if (decision.do === 'read-flag') state = changed(state, { flag: { readAtMs: nowMs } });
        else if (decision.do === 'ask-hooks') {
          for (const hook of decision.hooks) {
            expect(asked).not.toContain(JSON.stringify(hook));
            asked.add(JSON.stringify(hook));
          }
          state = recordAsking(state, decision.hooks, nowMs);
        } else return;
      }
      throw new Error('it decides without end');
    }),
  );
});

const twoConfirm = aPlan({ hooks: { 'confirm-traffic-increase': ['quick', 'slow'] }, steps });
const confirms = (check: string) => ({ moment: 'confirm-traffic-increase', check, percentage: 50 }) as const;

it('a receiver that confirmed long before the others is asked again, just before the raise', () => {
  const first = answered(begun, [confirms('quick'), confirms('slow')], yes('ok'), NOON);
  const half = recordAnswer(first, confirms('slow'), no('not yet'), NOON);
  const at = (minutes: number) => {
    const nowMs = NOON + minutes * MINUTE_MS;
    return until(twoConfirm, recordAnswer(half, confirms('slow'), yes('now'), nowMs), nowMs, yes('ok'));
  };
  expect([at(10).asked, at(10).decision.do]).toEqual([[], 'set-traffic']);
  expect([at(11).asked, at(11).decision.do]).toEqual([['confirm-traffic-increase 50'], 'set-traffic']);
  const nowMs = NOON + 11 * MINUTE_MS;
  const incident = until(twoConfirm, recordAnswer(half, confirms('slow'), yes('now'), nowMs), nowMs, no('an incident'));
  expect(incident.decision).toMatchObject({ do: 'wait', why: expect.stringContaining('(quick): an incident') });
});

it('after a resume the receivers of the raise are asked again, and that of the step is not', () => {
  const at50 = until(plan, raised(until(plan, begun, NOON, yes('ok')).state, 50, 0, NOON), NOON, yes('ok')).state;
  const ready = until(plan, at50, NOON + DAY_MS, yes('ok'));
  expect(ready.decision.do).toBe('set-traffic');
  const cause = { why: 'x', sinceMs: NOON + DAY_MS };
  const resumed = halt.resume(halt.pause(ready.state, cause), cause);
  expect(until(plan, resumed, NOON + DAY_MS, yes('ok')).asked).toEqual([
    'confirm-traffic-increase 100',
    'confirm-promotion 100',
  ]);
});

it('a step that begins again asks its receiver again', () => {
  const at50 = until(plan, raised(until(plan, begun, NOON, yes('ok')).state, 50, 0, NOON), NOON, yes('ok')).state;
  const again = raised(at50, 50, 0, NOON + HOUR_MS);
  expect(until(plan, again, NOON + HOUR_MS, yes('ok')).asked).toEqual(['rollout 50']);
});

it('a rejection ends what a person vouched for', () => {
  const refused = until(twoConfirm, begun, NOON, no('x')).state;
  const vouched = tick(twoConfirm, refused, { by: 'ada', item: 'quick', reason: 'by phone', nowMs: NOON });
  if (vouched.refusal !== undefined) throw new Error(vouched.refusal.why);
  const rejected = reject(twoConfirm, vouched.state, { by: 'bob', reason: 'not today', nowMs: NOON });
  if (rejected.refusal !== undefined) throw new Error(rejected.refusal.why);
  const resumed = halt.resume(rejected.state, { why: 'x', sinceMs: NOON + HOUR_MS });
  const { decision } = until(twoConfirm, resumed, NOON + HOUR_MS, no('x'));
  expect(decision).toMatchObject({ do: 'wait', why: expect.stringContaining('(quick): x') });
});

it('a stop waits for no hook', () => {
  const at50 = raised(until(plan, begun, NOON, yes('ok')).state, 50, 0, NOON);
  const asking = recordAsking(at50, [{ moment: 'rollout', check: 'rollout-check', percentage: 50 }], NOON);
  expect(decide(plan, halt.stop(asking, { kind: 'abort', why: 'x', sinceMs: NOON }), NOON).do).toBe('roll-back');
});
