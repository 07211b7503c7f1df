import fc from 'fast-check';
import { denial, unproved } from '../../../../rules/identity/permissions';
import { decide } from '../../../../rules/rollout/decide';
import {
  arrivalOf,
  changedSince,
  haltedSince,
  notResumed,
  resumedBy,
  startDenied,
  unlessStartRefused,
  untilStartProved,
} from '../../../../rules/rollout/identity';
import * as halt from '../../../../rules/rollout/pause-hold';
import { begin, type RolloutState } from '../../../../rules/rollout/state/state';
import { reject } from '../../../../rules/rollout/verbs/approve-reject-tick';
import { aPlan } from '../../../helpers/samples/plans';
import { Simulation } from './simulation';
import { story } from './stories';

const PERMISSIONS = { proof: 'required', at: 'permissions' } as const;

/** Every state that a story reaches, with what would be done in it. */
const statesOf = (check: (state: RolloutState, simulation: Simulation) => void): void =>
  fc.assert(
    fc.property(story, ({ plan, startMs, happenings }) => {
      const simulation = new Simulation(plan, startMs);
      for (const happening of happenings) {
        simulation.happen(happening);
        check(simulation.state, simulation);
      }
    }),
    { numRuns: 400, seed: Number(process.env['STORY_SEED'] ?? 20_260_310) },
  );

/** All of a state but what people read of it. */
const silent = ({ log: _log, identity: _identity, audit: _audit, ...rest }: RolloutState): object => rest;

describe('a message without a proof, in every state', () => {
  it('changes nothing but what people read: it never raises, and ends no pause and no hold', () =>
    statesOf((state, { plan, nowMs }) => {
      const after = notResumed(state, unproved('resume', 'bob', 'prod'), 'bob', nowMs);
      expect(silent(after)).toEqual(silent(state));
      expect(decide(plan, after, nowMs).do).toBe(decide(plan, state, nowMs).do);
    }));

  it('that was a start by somebody who may not ends only a rollout that has not begun', () =>
    statesOf((state, { nowMs }) => {
      const refusal = denial(PERMISSIONS, 'start', 'mallory');
      expect(startDenied(state, refusal, nowMs)).toBe(state);
    }));

  it('that aborts is obeyed, also while the start waits for its proof', () =>
    statesOf((state, { plan, nowMs }) => {
      const asked = { ...plan, permissions: PERMISSIONS };
      const held = untilStartProved(asked, state, nowMs);
      const stopped = halt.stop(held, { kind: 'abort', why: 'enough', sinceMs: nowMs });
      expect(stopped.stop ?? stopped.outcome).toBeDefined();
    }));
});

describe('a start that waits for its proof', () => {
  const plan = aPlan({ permissions: PERMISSIONS });
  const held = untilStartProved(plan, begin('ada', undefined, 0), 0);
  const go = { why: 'go', sinceMs: 1, by: 'bob' };
  const proved = { by: 'bob', mark: 'proved' } as const;
  const start = { verb: 'start', atMs: 1 } as const;

  it('raises nothing, at any time, and not before the proof', () => {
    fc.assert(
      fc.property(fc.nat(40 * 86_400_000), (nowMs) => {
        expect(decide(plan, held, nowMs)).toMatchObject({ do: 'wait', phase: 'holding', verbs: ['resume', 'abort'] });
      }),
    );
    const went = resumedBy(held, go, { verb: 'resume', atMs: 1 }, proved);
    expect(went).toMatchObject({ startedBy: 'bob', held: undefined });
    expect(decide(plan, went, 1)).toMatchObject({ do: 'take-owner' });
  });

  it('ends as refused by somebody who may not', () => {
    const { outcome } = startDenied(held, denial(PERMISSIONS, 'start', 'mallory'), 1);
    expect(outcome).toMatchObject({ outcome: 'refused', refusal: { rule: 'permission' } });
  });

  it('ends no pause, no rejection and no outside change that came before its proof', () => {
    const paused = halt.pause(held, { why: 'lunch', sinceMs: 0 });
    expect(resumedBy(paused, go, start, proved)).toMatchObject({
      startedBy: 'bob',
      held: undefined,
      paused: { why: 'lunch' },
    });
    const rejected = reject(plan, held, { by: 'carol', reason: 'not today', nowMs: 1 });
    expect(rejected.refusal ?? resumedBy(rejected.state, go, start, proved)).toMatchObject({
      startedBy: 'bob',
      held: { because: 'rejected', why: expect.stringContaining('not today') },
    });
    const drift = { reading: { found: false, why: 'no JSON' }, why: 'the flag was changed', sinceMs: 2 } as const;
    const drifted = { ...held, flag: { ...held.flag, drift } };
    expect(resumedBy(drifted, go, start, proved)).toMatchObject({ held: { because: 'drift' }, flag: { drift } });
  });

  it('has no effect on a rollout that holds for anything else', () => {
    const alarm = halt.hold(begin('ada', undefined, 0), { why: 'an alarm', sinceMs: 1, because: 'alarm' });
    expect(resumedBy(alarm, go, start, proved)).toBe(alarm);
  });

  it('is not asked of a plan with claimed names, and not of a way back to 0 %', () => {
    const begun = begin('ada', undefined, 0);
    expect(untilStartProved(aPlan({ permissions: { ...PERMISSIONS, proof: 'claimed' } }), begun, 0)).toBe(begun);
    const back = halt.stop(begun, { kind: 'abort', why: 'back', sinceMs: 0 });
    expect(untilStartProved(plan, back, 0)).toBe(back);
  });
});

describe('a start by a claimed name', () => {
  const claimed = aPlan({ permissions: { proof: 'claimed', raise: ['Bob'], at: 'permissions' } });

  it('that the plan does not list is refused, and writes nothing', () => {
    const refused = unlessStartRefused(claimed, begin('ada', undefined, 0), 0);
    expect(refused.outcome).toMatchObject({ outcome: 'refused', refusal: { rule: 'permission' } });
    expect(refused.outcome?.why).toContain('ada may not start: permissions.raise of the plan names Bob');
  });

  it.each([
    ['listed', claimed, begin('bob', undefined, 0)],
    [
      'in a plan without a list',
      aPlan({ permissions: { ...PERMISSIONS, proof: 'claimed' } }),
      begin('ada', undefined, 0),
    ],
    ['for the way back', claimed, halt.stop(begin('ada', undefined, 0), { kind: 'abort', why: 'back', sinceMs: 0 })],
  ])('is taken when it is %s', (_what, plan, state) => {
    expect(unlessStartRefused(plan, state, 0)).toBe(state);
  });
});

describe('a resume whose proof is checked', () => {
  const paused = halt.pause(begin('ada', undefined, 0), { why: 'lunch', sinceMs: 0 });
  const NONE = { pauses: 1, lowered: 0 };
  const before = arrivalOf(paused, NONE);

  it('ends what was there when it came, and nothing that came later', () => {
    expect(haltedSince(before, arrivalOf(paused, NONE))).toBeUndefined();
    expect(haltedSince(before, arrivalOf(paused, { ...NONE, pauses: 2 }))).toMatchObject({
      rule: 'state',
      why: expect.stringContaining('a pause'),
    });
    const held = halt.hold(paused, { why: 'an alarm', sinceMs: 1, because: 'alarm' });
    expect(haltedSince(before, arrivalOf(held, NONE))).toMatchObject({ why: expect.stringContaining('an alarm') });
  });

  it('adopts no outside change that came later, also while another hold lasts', () => {
    const held = halt.hold(paused, { why: 'an alarm', sinceMs: 1, because: 'alarm' });
    const drift = { reading: { found: false, why: 'no JSON' }, why: 'the flag was changed', sinceMs: 2 } as const;
    const drifted = { ...held, flag: { ...held.flag, drift } };
    expect(haltedSince(arrivalOf(held, NONE), arrivalOf(drifted, NONE))).toMatchObject({
      why: expect.stringContaining('the flag was changed'),
    });
    expect(haltedSince(arrivalOf(drifted, NONE), arrivalOf(drifted, NONE))).toBeUndefined();
  });

  it('lets alarms count from when it came, not from when AWS had answered', () => {
    const held = halt.hold(begin('ada', undefined, 0), { why: 'an alarm', sinceMs: 1, because: 'alarm' });
    const cause = { why: 'go', sinceMs: 9, by: 'bob' };
    const went = resumedBy(held, cause, { verb: 'resume', atMs: 5 }, { by: 'bob' });
    expect(went).toMatchObject({ held: undefined, watch: { holdsSinceMs: 5 } });
  });
});

describe('a verb that lets raise, whose proof is checked', () => {
  const NONE = { pauses: 0, lowered: 0 };
  const state = begin('ada', undefined, 0);
  const before = arrivalOf(state, NONE);

  it.each([
    ['a pause', arrivalOf(state, { ...NONE, pauses: 1 }), 'a pause'],
    ['a rejection or an extension', arrivalOf(state, { ...NONE, lowered: 1 }), 'a rejection or an extension'],
    ['another step', { ...before, stepIndex: 0 }, 'step 1 was reached'],
    ['a raise', { ...before, raisingTo: 10 }, 'the raise to 10 % began'],
  ])('does not count after %s that came meanwhile', (_what, now, words) => {
    expect(changedSince(before, now, 'promote')).toMatchObject({ rule: 'state', why: expect.stringContaining(words) });
  });

  it('counts when nothing has changed, and when a hold has ended', () => {
    expect(changedSince(before, before, 'promote')).toBeUndefined();
    const held = halt.hold(state, { why: 'an alarm', sinceMs: 1, because: 'alarm' });
    expect(changedSince(arrivalOf(held, NONE), before, 'approve')).toBeUndefined();
  });
});
