import fc from 'fast-check';
import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import { openAdoption, ownSoakMs } from '../../../rules/rollout/adoption';
import { decide } from '../../../rules/rollout/decide';
import { gatesOf } from '../../../rules/rollout/gates/gates';
import { recordProbe } from '../../../rules/rollout/gates/probe';
import { recordOwned } from '../../../rules/rollout/owner';
import { recordVerdict, resume } from '../../../rules/rollout/pause-hold';
import { isFirstRaise, soakOverMs } from '../../../rules/rollout/raise';
import { recordFlag, refuse } from '../../../rules/rollout/reconcile';
import type { Adoption } from '../../../rules/rollout/state/adoption';
import type { FlagFound } from '../../../rules/rollout/state/flag';
import { upgraded } from '../../../rules/rollout/state/schema';
import { begin, raising, recordRaise, type RolloutState } from '../../../rules/rollout/state/state';
import { classifyOutsideChange } from '../../../rules/delivery/outside-change';
import { aPlan, DAY_MS, HOUR_MS, theDelivery } from '../../helpers/samples/plans';

const NOW = Date.UTC(2026, 10, 30, 12);
const plan = aPlan();
const adoption: Adoption = { percentage: 50, generation: 7, version: 12, highestGeneration: 7, sinceMs: NOW - HOUR_MS };
const found = (changes: Partial<FlagFound> = {}): FlagFound => ({
  ...{ found: true, percentage: 50, generation: 7, version: 12, writer: 'rollout-pavi-prod/lost' },
  ...changes,
});
const asked = (wanted: Adoption = adoption): RolloutState =>
  recordOwned({ ...begin('ada', undefined, NOW), adoption: wanted });
const read = (flag: FlagFound, wanted?: Adoption, of: EnvironmentPlan = plan): RolloutState =>
  recordFlag(of, asked(wanted), flag, NOW);
const healthy = (state: RolloutState, atMs: number): RolloutState =>
  recordVerdict(state, { outcome: 'healthy', why: 'fine', atMs, ringing: [], noticed: [], guards: [] });

describe('a rollout that adopts a flag', () => {
  it('owns the flag before it reads it, and neither writes nor watches before', () => {
    const state = { ...begin('ada', undefined, NOW), adoption };
    expect(decide(plan, state, NOW)).toMatchObject({ do: 'take-owner' });
    expect(decide(plan, recordOwned(state), NOW)).toMatchObject({ do: 'read-flag' });
    expect(refuse(state, 'owned by another', NOW).outcome).toMatchObject({ outcome: 'refused' });
  });

  it('continues at the same percentage, as its step, with a whole soak, and alarms since the flag is there', () => {
    const state = read(found());
    expect(state).toMatchObject({
      flag: { percentage: 50, generation: 7, version: 12, written: [], known: true, owned: true },
      step: { index: 2, entered: { atMs: NOW } },
      watch: { sinceMs: NOW - HOUR_MS - 5_000, holdsSinceMs: NOW - HOUR_MS - 5_000 },
    });
    expect(state.outcome).toBeUndefined();
    expect(openAdoption(state)).toBeUndefined();
    expect(soakOverMs(plan, state)).toBe(NOW + 2 * DAY_MS);
    expect(decide(plan, state, NOW)).toMatchObject({ do: 'wait', phase: 'soaking' });
  });

  it('keeps an extension that was sent before it adopted, and no promotion: nobody knew yet what that would waive', () => {
    const extendedUntil = { atMs: NOW + 9 * DAY_MS, clockMs: NOW + 9 * DAY_MS };
    const before = asked();
    const steered = { ...before, step: { ...before.step, extendedUntil, promoted: 'all' as const } };
    const state = recordFlag(plan, steered, found(), NOW);
    expect(soakOverMs(plan, state)).toBe(NOW + 9 * DAY_MS);
    expect(state.step.promoted).toBeUndefined();
  });

  it.each<[string, Partial<FlagFound>, RegExp]>([
    ['lowered to 0 %', { percentage: 0, generation: 10, version: 13, writer: 'guardian' }, /nothing to adopt/],
    ['lowered', { percentage: 25, generation: 8, version: 13 }, /changed since you looked/],
    ['raised', { percentage: 75, generation: 8, version: 13 }, /changed since you looked/],
    ['written again with the same content', { version: 13 }, /changed since you looked/],
    ['replaced by an older document', { generation: 6 }, /changed since you looked/],
  ])('is refused, and writes nothing, when the flag was %s since the operator looked', (_what, changes, why) => {
    const state = read(found(changes));
    expect(state.outcome).toMatchObject({ outcome: 'refused', why: expect.stringMatching(why) as string });
    expect(decide(plan, state, NOW).do).toBe('finish');
    expect(state.flag.written).toEqual([]);
  });

  it('neither raises nor takes another percentage than it found, until its soak is over or an operator says so', () =>
    fc.assert(
      fc.property(
        fc.record({
          percentage: fc.constantFrom(0, 5, 10, 25, 30, 50, 75, 99.5, 100),
          generation: fc.integer({ min: 0, max: 20 }),
          version: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
        }),
        fc.record({
          percentage: fc.constantFrom(10, 25, 30, 50, 100),
          generation: fc.integer({ min: 0, max: 20 }),
          version: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
          highestGeneration: fc.integer({ min: 0, max: 30 }),
          sinceMs: fc.option(fc.integer({ min: NOW - 90 * DAY_MS, max: NOW + DAY_MS }), { nil: undefined }),
          soakedSinceMs: fc.option(fc.integer({ min: NOW - 90 * DAY_MS, max: NOW + DAY_MS }), { nil: undefined }),
        }),
        fc.integer({ min: 0, max: HOUR_MS - 1 }),
        (value, wanted, laterMs) => {
          const reading = found({ ...value, version: value.version ?? 1 });
          const state = read(reading, wanted);
          expect(state.flag.written).toEqual([]);
          expect(state.flag.percentage).toBe(reading.percentage);
          const isAsSeen =
            reading.percentage === wanted.percentage &&
            reading.generation === wanted.generation &&
            (wanted.version === undefined || wanted.version === reading.version);
          expect(state.outcome?.outcome).toBe(isAsSeen ? undefined : 'refused');
          if (!isAsSeen) return;
          const nowMs = NOW + laterMs;
          const said = decide(plan, healthy(state, nowMs), nowMs).do;
          expect(['wait', 'look']).toContain(said);
          expect(state.watch.sinceMs).toBeLessThanOrEqual(NOW);
          expect(state.flag.highestGeneration).toBe(Math.max(reading.generation, wanted.highestGeneration));
          const soakMs = plan.steps[state.step.index]?.soakMs ?? 0;
          expect(soakOverMs(plan, state)).toBeGreaterThanOrEqual(NOW + ownSoakMs(soakMs));
          expect(soakOverMs(plan, state)).toBeLessThanOrEqual(NOW + soakMs);
        },
      ),
    ));

  it.each([
    ['that began now', NOW, 2 * DAY_MS],
    ['of which a day is proved', NOW - DAY_MS, DAY_MS],
    ['that is over, but for an hour of its own', NOW - 9 * DAY_MS, HOUR_MS],
    ['of the future', NOW + DAY_MS, 2 * DAY_MS],
  ])('soaks for what is left of a soak %s', (_what, soakedSinceMs, leftMs) =>
    expect(soakOverMs(plan, read(found(), { ...adoption, soakedSinceMs })) - NOW).toBe(leftMs),
  );

  it.each<[string, Partial<FlagFound>, RegExp]>([
    ['between two steps', { percentage: 30 }, /no step of the plan.*`resume` continues with the step of 50 %/],
    ['below the first step', { percentage: 5 }, /no step of the plan.*`resume` continues with the step of 10 %/],
    ['with another salt', { salt: 'other' }, /another salt/],
  ])('holds and says what to do %s', (_what, changes, why) => {
    const flag = found(changes);
    const state = read(flag, { ...adoption, percentage: flag.percentage });
    expect(decide(plan, state, NOW + 9 * DAY_MS)).toMatchObject({
      do: 'wait',
      phase: 'holding',
      why: expect.stringMatching(why) as string,
    });
    expect(state.flag).toMatchObject({ percentage: flag.percentage, written: [] });
    const resumed = resume(state, { why: 'go on', sinceMs: NOW, by: 'ada' });
    expect(decide(plan, resumed, NOW)).toMatchObject({ do: 'read-flag' });
    expect(recordFlag(plan, resumed, flag, NOW)).toMatchObject({ flag: { percentage: flag.percentage, known: true } });
  });

  it('acts on an alarm that rang while no rollout watched: 0 %, above every generation that a reader has seen', () => {
    const state = read(found(), { ...adoption, highestGeneration: 9 });
    const verdict = {
      outcome: 'breach',
      why: 'it rang',
      atMs: NOW,
      ringing: ['failed'],
      noticed: [],
      guards: [],
    } as const;
    const stopped = recordVerdict(state, { ...verdict, alarm: 'failed' });
    expect(decide(plan, stopped, NOW)).toMatchObject({ do: 'roll-back' });
    expect(stopped.flag.highestGeneration).toBe(9);
  });

  it('asks again what the plan asks before a first raise, also after an outside change was restored', () => {
    const careful = aPlan({ approvals: { ...plan.approvals, required: 2, before: 'first-raise' } });
    const state = read(found(), undefined, careful);
    const later = NOW + 3 * DAY_MS;
    expect(decide(careful, healthy(state, later), later)).toMatchObject({ do: 'wait', phase: 'approving' });
    expect(gatesOf(careful, state, NOW).map(({ gate }) => gate)).toContain('approval');
    expect(isFirstRaise(recordRaise(state, { percentage: 50, generation: 9 }, 2, NOW))).toBe(true);
    const raised = recordRaise(raising(state, 75), { percentage: 75, generation: 9 }, 3, later);
    expect(isFirstRaise(raised)).toBe(false);
  });

  it('asks what confirms a rollout before its first raise, once its soak is over, and not again afterwards', () => {
    const hooks = {
      'confirm-rollout': ['change-ticket'],
      'pre-rollout': ['announced'],
      rollout: [],
      'confirm-traffic-increase': [],
    };
    const hooked = aPlan({ hooks });
    const askedAt = (state: RolloutState, nowMs: number): readonly string[] => {
      const decision = decide(hooked, healthy(state, nowMs), nowMs);
      return decision.do === 'ask-hooks' ? decision.hooks.map(({ moment }) => moment) : [decision.do];
    };
    const state = read(found(), undefined, hooked);
    expect(askedAt(state, NOW)).toEqual(['wait']);
    const overMs = soakOverMs(hooked, state);
    const ready = { ...state, flag: { ...state.flag, readAtMs: overMs } };
    expect(askedAt(ready, overMs)).toEqual(['confirm-rollout']);
    const raised = recordRaise(raising(ready, 75), { percentage: 75, generation: 10 }, 3, overMs);
    expect(askedAt(raised, soakOverMs(hooked, raised))).not.toEqual(['confirm-rollout']);
  });

  it('has a state that a build without adoptions holds, and any other rollout one that it reads', () => {
    const after = (state: RolloutState): number | undefined =>
      upgraded(state, begin('ada', undefined, NOW), NOW).schema;
    expect([after(read(found())), after(begin('ada', undefined, NOW))]).toEqual([2, 1]);
  });

  it('is not ended by a probe that refuses: what it has is watched all the same', () => {
    const state = recordProbe(read(found()), { verdict: 'refused', why: 'a job was lost' }, NOW);
    expect(state).toMatchObject({ held: { because: 'unconfirmed' } });
    expect(state.outcome).toBeUndefined();
  });

  it('takes all that differs in the variables of the API for an outside change, which it does not overwrite', () => {
    const { delivery } = read(found(), undefined, aPlan({ delivery: theDelivery }));
    const wanted = { SHARE: '50' };
    fc.assert(
      fc.property(fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }), fc.boolean(), (means, ecs) => {
        const others = { found: {}, means, percentage: 50, wanted, mayBeTakenBack: ecs };
        expect(classifyOutsideChange(others, delivery?.progress ?? {})).not.toBe('may-be-set');
      }),
    );
  });

  it('crosses continue-as-new before and after it adopted', () => {
    for (const state of [asked(), read(found())]) {
      const carried: unknown = JSON.parse(JSON.stringify(state));
      expect(upgraded(carried, asked(), NOW)).toMatchObject({ adoption: state.adoption, held: undefined });
    }
  });
});
