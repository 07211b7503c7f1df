import fc from 'fast-check';
import { denial, unproved } from '../../../../rules/identity/permissions';
import { decide } from '../../../../rules/rollout/decide';
import { haltedSince, notResumed, resumedBy, startDenied, untilStartProved } from '../../../../rules/rollout/identity';
import * as halt from '../../../../rules/rollout/pause-hold';
import { begin, type RolloutState } from '../../../../rules/rollout/state/state';
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

  it('raises nothing, at any time, and not before the proof', () => {
    fc.assert(
      fc.property(fc.nat(40 * 86_400_000), (nowMs) => {
        expect(decide(plan, held, nowMs)).toMatchObject({ do: 'wait', phase: 'holding', verbs: ['resume', 'abort'] });
      }),
    );
    const proved = { by: 'bob', mark: 'proved' } as const;
    const went = resumedBy(held, { why: 'go', sinceMs: 1, by: 'bob' }, undefined, proved);
    expect(went).toMatchObject({ startedBy: 'bob', held: undefined });
    expect(decide(plan, went, 1)).toMatchObject({ do: 'take-owner' });
  });

  it('ends as refused by somebody who may not', () => {
    const { outcome } = startDenied(held, denial(PERMISSIONS, 'start', 'mallory'), 1);
    expect(outcome).toMatchObject({ outcome: 'refused', refusal: { rule: 'permission' } });
  });

  it('is not asked of a plan with claimed names, and not of a way back to 0 %', () => {
    const begun = begin('ada', undefined, 0);
    expect(untilStartProved(aPlan({ permissions: { ...PERMISSIONS, proof: 'claimed' } }), begun, 0)).toBe(begun);
    const back = halt.stop(begun, { kind: 'abort', why: 'back', sinceMs: 0 });
    expect(untilStartProved(plan, back, 0)).toBe(back);
  });
});

describe('a resume whose proof is checked', () => {
  const paused = halt.pause(begin('ada', undefined, 0), { why: 'lunch', sinceMs: 0 });
  const before = { held: undefined, pauses: 1 };

  it('ends what was there when it came, and nothing that came later', () => {
    expect(haltedSince(before, paused, 1)).toBeUndefined();
    expect(haltedSince(before, paused, 2)).toMatchObject({ rule: 'state', why: expect.stringContaining('lunch') });
    const held = halt.hold(paused, { why: 'an alarm', sinceMs: 1, because: 'alarm' });
    expect(haltedSince(before, held, 1)).toMatchObject({ why: expect.stringContaining('an alarm') });
  });
});
