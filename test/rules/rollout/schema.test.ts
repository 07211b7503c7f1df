import fc from 'fast-check';
import { shapeProblem } from '../../../rules/plan/shape';
import { decide } from '../../../rules/rollout/decide';
import { hold, pause, resume, stop } from '../../../rules/rollout/pause-hold';
import { STATE_SHAPE, upgraded } from '../../../rules/rollout/state/schema';
import { schemaOf, STATE_SCHEMA } from '../../../rules/rollout/state/schema-number';
import { begin, raising, recordRaise, type RolloutState } from '../../../rules/rollout/state/state';
import { aPlan, DAY_MS } from '../../helpers/samples/plans';

const PLAN = aPlan();
const START_MS = Date.UTC(2027, 0, 4, 9);
const NOW_MS = START_MS + 3 * DAY_MS;
const FRESH = begin('ada', undefined, START_MS);
const healthy = { outcome: 'healthy', why: 'healthy', atMs: NOW_MS, ringing: [], noticed: [], guards: [] } as const;

/** A rollout at 10 % whose next raise is open. */
const AT_10: RolloutState = (() => {
  const raised = recordRaise(raising(FRESH, 10), { percentage: 10, generation: 2 }, 0, START_MS);
  return { ...raised, flag: { ...raised.flag, known: true, owned: true }, watch: { ...raised.watch, health: healthy } };
})();
const cause = { why: 'a reason', sinceMs: NOW_MS } as const;
const waiting = [{ seq: 3, at: '2027-01-04T09:00:00.000Z', what: '10 % written and read back' }];
/** With each optional part that neither halts nor ends it. */
const WITH_ALL: RolloutState = {
  ...AT_10,
  wentOnAt: { atMs: START_MS, clockMs: START_MS },
  delivery: { percentage: 10, since: { atMs: START_MS, clockMs: START_MS } },
  audit: { seq: 3, waiting, head: { number: 2, hash: 'h' } },
};
const optional = ['paused', 'held', 'stop', 'outcome', 'delivery', 'audit', 'wentOnAt'];
const valid = fc.constantFrom(
  FRESH,
  AT_10,
  WITH_ALL,
  pause(AT_10, cause),
  hold(AT_10, { ...cause, because: 'drift' }),
  stop(AT_10, { ...cause, kind: 'abort' }),
);
const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const does = (state: RolloutState): string => decide(PLAN, state, NOW_MS).do;
const raises = (state: RolloutState): boolean => ['set-traffic', 'restore-traffic'].includes(does(state));

/** Any text, number or list where a part was, or nothing. */
const damaged = fc
  .record({
    state: valid,
    keys: fc.subarray([...new Set([...Object.keys(AT_10), ...optional])], { minLength: 1 }),
    by: fc.option(fc.jsonValue(), { nil: undefined }),
  })
  .map(({ state, keys, by }) => json({ ...state, ...Object.fromEntries(keys.map((key) => [key, by])) }));

describe('the state that a run hands to the next', () => {
  it('is the same afterwards when this version or one before it wrote it', () => {
    fc.assert(
      fc.property(valid, fc.constantFrom(1, undefined), (state, schema) => {
        const older = json({ ...state, schema });
        expect(json(upgraded(older, FRESH, NOW_MS))).toEqual({ ...(older as object), schema: schemaOf(state) });
      }),
    );
  });

  it('keeps what this version does not know', () => {
    expect(upgraded({ ...AT_10, added: { by: 'another' } }, FRESH, NOW_MS)).toMatchObject({ added: { by: 'another' } });
  });

  it('can be read whatever it is, and never raises when a part of it was lost', () => {
    fc.assert(
      fc.property(fc.oneof(damaged, fc.jsonValue()), (carried) => {
        const state = upgraded(carried, FRESH, NOW_MS);
        expect(shapeProblem(json(state), STATE_SHAPE, 'state')).toBeUndefined();
        const isLost = state.held?.because === 'unknown-state';
        if (isLost) expect(raises(state)).toBe(false);
        expect(does(stop(state, { ...cause, kind: 'abort' }))).toMatch(/roll-back|check-zero|wait|finish/);
      }),
      { numRuns: 500 },
    );
  });

  it('leads to 0 % when its stop cannot be read, and takes a lost flag for one with traffic', () => {
    expect(does(upgraded({ ...AT_10, stop: 'because' }, FRESH, NOW_MS))).toBe('roll-back');
    expect(upgraded({ ...AT_10, flag: null }, FRESH, NOW_MS).flag.raiseRequested).toBe(true);
    const stopped = stop(FRESH, { ...cause, kind: 'abort' });
    expect(does(upgraded(undefined, stopped, NOW_MS))).toBe('roll-back');
  });

  it('may be resumed when parts of it were lost', () => {
    const state = upgraded({ ...AT_10, gates: 7 }, FRESH, NOW_MS);
    expect(state.held?.why).toMatch(/^parts of the state cannot be read \(gates\)/);
    expect(resume(state, cause).held).toBeUndefined();
  });
});

describe('the audit record of a rollout whose state another build wrote', () => {
  const plan = { audit: { bucket: 'records', prefix: '' } };
  const incomplete = expect.objectContaining({ what: expect.stringMatching(/^the audit record is incomplete/) });

  it.each<[string, unknown, number]>([
    ['that is empty', {}, 1],
    ['of another shape', { seq: 7, queue: [] }, 8],
    ['whose entries have another shape', { seq: 7, waiting: [{ number: 7 }] }, 8],
    ['that is a list', [], 1],
    ['without a number', { seq: '7', waiting: [] }, 1],
  ])('%s begins again, says that it is incomplete, and holds nothing', (_what, audit, seq) => {
    const state = upgraded({ ...AT_10, audit }, FRESH, NOW_MS, plan);
    expect(state.held).toBeUndefined();
    expect(state.log.entries.at(-1)).toEqual(incomplete);
    expect(state.audit?.waiting).toEqual([incomplete]);
    expect(state.audit?.waiting[0]?.seq).toBe(seq);
  });

  it.each<[string, object, RegExp]>([
    ['parts that cannot be read', { gates: 7 }, /^on hold: parts of the state cannot be read \(gates\)/],
    ['a newer state', { schema: STATE_SCHEMA + 1 }, /^on hold: a newer build/],
  ])('has the hold for %s, after what already waited', (_why, changed, what) => {
    const state = upgraded({ ...WITH_ALL, ...changed }, FRESH, NOW_MS, plan);
    expect(state.audit?.waiting).toEqual([
      ...waiting,
      expect.objectContaining({ seq: 4, what: expect.stringMatching(what) }),
    ]);
  });

  it('has the hold also when the log cannot be read, and nothing without a record in the plan', () => {
    const on = (given: typeof plan | object) => upgraded({ ...WITH_ALL, log: 7 }, FRESH, NOW_MS, given).audit?.waiting;
    expect(on(plan)).toHaveLength(2);
    expect(on({})).toEqual(waiting);
  });
});

describe('the state of a newer build', () => {
  const newer = fc
    .tuple(valid, fc.oneof(fc.integer({ min: STATE_SCHEMA + 1 }), fc.constantFrom('2', null, 1.5, -1)))
    .map(([state, schema]) => json({ ...state, schema }));

  it('raises nothing, whatever an operator types, and says why', () => {
    expect(does(AT_10)).not.toBe('wait');
    fc.assert(
      fc.property(newer, (carried) => {
        const state = upgraded(carried, FRESH, NOW_MS);
        expect(state.held?.why).toMatch(
          /^a newer build of the worker wrote this state \(schema \d+, this build knows 2\)/,
        );
        const resumed = resume(state, cause);
        expect(resumed.held).toEqual(state.held);
        const promoted = { ...resumed, step: { ...resumed.step, promoted: 'all' as const } };
        for (const one of [state, resumed, promoted]) expect(raises(one)).toBe(false);
      }),
    );
  });

  it('is stopped by an abort', () => {
    fc.assert(
      fc.property(newer, (carried) => {
        expect(does(stop(upgraded(carried, FRESH, NOW_MS), { ...cause, kind: 'abort' }))).toBe('roll-back');
      }),
    );
  });

  it('goes on as it was when the newer build gets it back, once somebody resumes', () => {
    const kept = upgraded({ ...AT_10, schema: STATE_SCHEMA + 1, added: 1 }, FRESH, NOW_MS);
    expect(kept).toMatchObject({ schema: STATE_SCHEMA + 1, added: 1 });
    const { held, ...rest } = resume({ ...kept, schema: 1 }, cause);
    expect(held).toBeUndefined();
    expect(rest).toMatchObject({ added: 1 });
  });
});
