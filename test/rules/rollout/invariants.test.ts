import fc from 'fast-check';
import { isOpen } from '../../../rules/window';
import { aPlan, DAY_MS, FAILED_ALARM, HOUR_MS, MINUTE_MS, SLOW_ALARM, THROTTLED_ALARM } from '../../helpers/plans';
import type { Happening } from './simulation';
import { Simulation } from './simulation';

const RUNS = 2_000;
const START_MS = Date.UTC(2026, 10, 3, 15);
const plan = aPlan({
  windows: [{ zone: 'America/New_York', days: [2, 3, 4], from: '10:00', to: '14:00' }],
});

const outcome = fc.constantFrom('healthy', 'healthy', 'no-data', 'error', 'inconclusive', 'breach');
const verdict: fc.Arbitrary<Happening> = fc.record({ outcome, rollback: fc.boolean() }).map(({ outcome, rollback }) => {
  const breach = outcome === 'breach';
  const alarm = rollback
    ? { alarm: FAILED_ALARM, asks: 'rollback' as const }
    : { alarm: SLOW_ALARM, asks: 'hold' as const };
  return {
    kind: 'verdict',
    verdict: { outcome, why: 'test', ringing: [], noticed: [], guards: [], ...(breach ? alarm : {}) } as const,
  };
});
const pass: fc.Arbitrary<Happening> = fc.integer({ min: 1, max: 4 * DAY_MS }).map((ms) => ({ kind: 'pass', ms }));
const others: fc.Arbitrary<Happening> = fc.oneof(
  fc.constantFrom<Happening>({ kind: 'pause' }, { kind: 'resume' }, { kind: 'resume' }, { kind: 'pass', ms: 12_000 }),
  { weight: 1, arbitrary: fc.constant<Happening>({ kind: 'abort' }) },
  verdict,
  fc.record({
    kind: fc.constant('push' as const),
    alarm: fc.constantFrom(FAILED_ALARM, SLOW_ALARM, THROTTLED_ALARM, 'unknown'),
    agoMs: fc.nat(DAY_MS),
  }),
  fc.record({
    kind: fc.constant('write' as const),
    goes: fc.constantFrom('well' as const, 'lost' as const, 'unanswered' as const),
  }),
  fc.record({
    kind: fc.constant('edit' as const),
    percentage: fc.constantFrom(0, 5, 10, 30, 60, 100),
    generations: fc.nat(2),
  }),
);
const story = fc.array(fc.oneof({ weight: 3, arbitrary: pass }, { weight: 2, arbitrary: others }), { maxLength: 40 });

const play = (happenings: readonly Happening[]): Simulation => {
  const simulation = new Simulation(plan, START_MS);
  simulation.settle();
  for (const happening of happenings) simulation.happen(happening);
  return simulation;
};
/** Checks what every story must keep; a failing one is shrunk to the shortest. */
const always = (numRuns: number, check: (simulation: Simulation) => void): void =>
  fc.assert(
    fc.property(story, (happenings) => check(play(happenings))),
    { numRuns },
  );

const going = ({ state }: Simulation): boolean => state.outcome === undefined && state.stop === undefined;

type Raised = Simulation['writes'][number] & { readonly health: NonNullable<Simulation['state']['health']> };
const raises = ({ writes }: Simulation): Raised[] =>
  writes.flatMap((write) => (write.byUs && write.percentage > 0 ? [{ ...write, health: write.state.health! }] : []));

const INVARIANTS: Readonly<Record<string, (simulation: Simulation) => boolean>> = {
  'never writes above 0 after an abort or breach was accepted': (simulation) =>
    raises(simulation).every(({ state }) => state.stop === undefined),
  'raises only on a fresh, healthy look': (simulation) =>
    raises(simulation).every(({ health, atMs }) => health.outcome === 'healthy' && atMs - health.atMs <= 30_000),
  'goes up one plan step at a time': ({ writes }) =>
    writes.every(({ byUs, percentage }, index) => {
      const at = writes[index - 1]?.percentage ?? 0;
      return !byUs || percentage === 0 || percentage === plan.steps.find((step) => step.percentage > at)?.percentage;
    }),
  'raises only in the window': (simulation) => raises(simulation).every(({ atMs }) => isOpen(plan.windows, atMs)),
  'raises neither paused nor held': (simulation) =>
    raises(simulation).every(({ state }) => state.paused === undefined && state.held === undefined),
  'raises only after the soak': (simulation) =>
    raises(simulation).every(({ state, atMs }) => {
      const soakMs = plan.steps[state.stepIndex]?.soakMs;
      return soakMs === undefined || atMs >= state.stepEnteredAtMs + soakMs + state.pausedMs;
    }),
  'comes to rest': (simulation) => simulation.settle(),
  'says of every wait why, since when and how to leave it': ({ decisions, nowMs }) => {
    const last = decisions.at(-1);
    if (last?.do !== 'wait') return last?.do === 'finish';
    const leaves = last.verbs.includes('abort') || last.phase === 'rolling-back';
    return leaves && last.why.length > 10 && last.sinceMs <= nowMs && (last.untilMs ?? Infinity) > nowMs;
  },
};

describe('rollout, whatever happens in whatever order', () => {
  it(`keeps: ${Object.keys(INVARIANTS).join('; ')}`, () =>
    always(RUNS, (simulation) => {
      for (const [name, holds] of Object.entries(INVARIANTS))
        if (!holds(simulation)) throw new Error(`broken: ${name}`);
    }));

  it('is at 0 at once and stays there when an abort is given, in every state', () =>
    always(RUNS / 2, (simulation) => {
      const { outcome, stop } = simulation.state;
      simulation.happen({ kind: 'abort' });
      if (outcome !== undefined) return expect(simulation.state.outcome).toEqual(outcome);
      if (stop === undefined) expect(simulation.flag.percentage).toBe(0);
      for (const _look of ['first', 'second']) simulation.happen({ kind: 'pass', ms: 12_000 });
      expect(simulation.state.outcome?.outcome).toMatch(/aborted|rolled-back/);
      expect(simulation.flag.percentage).toBe(0);
    }));

  it('repairs a zero that a late write of the raise before it undid', () =>
    always(RUNS / 4, (simulation) => {
      if (!going(simulation)) return;
      simulation.happen({ kind: 'abort' });
      simulation.happen({ kind: 'edit', percentage: 30, generations: 1 });
      for (const _look of ['first', 'second']) simulation.happen({ kind: 'pass', ms: 12_000 });
      expect(simulation.flag.percentage).toBe(0);
    }));

  it('acts on a breach at once, whatever timer, pause, window or hold is pending', () =>
    always(RUNS / 4, (simulation) => {
      if (!going(simulation) || simulation.state.written.length === 0) return;
      simulation.happen({ kind: 'push', alarm: FAILED_ALARM, agoMs: 0 });
      expect(simulation.flag.percentage).toBe(0);
      expect(simulation.state.stop?.kind).toBe('breach');
    }));
});

describe('rollout over time', () => {
  const follow = (simulation: Simulation, stepMs: number, forMs: number): void => {
    for (const endMs = simulation.nowMs + forMs; simulation.nowMs < endMs;)
      simulation.happen({ kind: 'pass', ms: stepMs });
  };

  it.each([
    ['every minute', MINUTE_MS],
    ['every hour', HOUR_MS],
    ['late, every three days', 3 * DAY_MS],
  ])('takes every step when looked at %s', (_name, stepMs) => {
    const simulation = new Simulation(aPlan(), START_MS);
    simulation.settle();
    follow(simulation, stepMs, 20 * DAY_MS);
    expect(simulation.writes.map(({ percentage }) => percentage)).toEqual([10, 25, 50, 75, 100]);
    expect(simulation.state.outcome?.outcome).toBe('completed');
  });

  it('advances one step at most when a worker comes back after a month', () => {
    const simulation = new Simulation(aPlan(), START_MS);
    simulation.settle();
    simulation.happen({ kind: 'pass', ms: 30 * DAY_MS });
    expect(simulation.writes.map(({ percentage }) => percentage)).toEqual([10, 25]);
  });

  it('freezes the soak during a pause', () => {
    const simulation = new Simulation(aPlan(), START_MS);
    simulation.settle();
    simulation.happen({ kind: 'pass', ms: 23 * HOUR_MS });
    simulation.happen({ kind: 'pause' });
    simulation.happen({ kind: 'pass', ms: 10 * DAY_MS });
    simulation.happen({ kind: 'resume' });
    expect(simulation.flag.percentage).toBe(10);
    simulation.happen({ kind: 'pass', ms: HOUR_MS });
    expect(simulation.flag.percentage).toBe(25);
  });
});
