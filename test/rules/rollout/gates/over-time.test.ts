import { aPlan, DAY_MS, FAILED_ALARM, HOUR_MS, MINUTE_MS, SLOW_ALARM } from '../../../helpers/samples/plans';
import type { EnvironmentPlan } from '../../../../rules/plan/environment-plan';
import type { Happening } from '../reference/happenings';
import { Simulation } from '../reference/simulation';

const START_MS = Date.UTC(2026, 10, 3, 15);

function after(happenings: readonly Happening[], changes: Partial<EnvironmentPlan> = {}): Simulation {
  const simulation = new Simulation(aPlan(changes), START_MS);
  for (const happening of happenings) simulation.happen(happening);
  expect(simulation.reference.complaints).toEqual([]);
  return simulation;
}

const pass = (ms: number): Happening => ({ kind: 'pass', ms });
const percentages = ({ world }: Simulation): number[] => world.writes.map(({ percentage }) => percentage);
const said = (outcome: 'error' | 'breach', asks?: 'hold'): Happening => ({
  kind: 'verdict',
  verdict: { outcome, why: `${outcome} by the test`, ringing: [], noticed: [], guards: [], ...(asks ? { asks } : {}) },
});
const healthy: Happening = {
  kind: 'verdict',
  verdict: { outcome: 'healthy', why: 'all OK', ringing: [], noticed: [], guards: [] },
};
const patient = aPlan().limits;
const oneDay = { atMostMs: DAY_MS, then: 'abort' } as const;
const needsOne = { required: 1, starterMayApprove: true, before: 'every-raise', validForMs: 7 * DAY_MS } as const;

describe('rollout over time', () => {
  it.each([
    ['every minute', MINUTE_MS],
    ['every hour', HOUR_MS],
    ['late, every three days', 3 * DAY_MS],
  ])('takes every step when looked at %s', (_name, ms) => {
    const simulation = after(Array.from({ length: (20 * DAY_MS) / ms }, () => ({ kind: 'away', ms })));
    expect(percentages(simulation)).toEqual([10, 25, 50, 75, 100]);
    expect(simulation.state.outcome?.outcome).toBe('completed');
  });

  it('advances one step at most when a worker comes back after a month', () =>
    expect(percentages(after([pass(1), { kind: 'away', ms: 30 * DAY_MS }]))).toEqual([10, 25]));

  it('freezes the soak during a pause', () => {
    const paused: Happening[] = [{ kind: 'pause' }, pass(10 * DAY_MS), { kind: 'resume' }];
    expect(percentages(after([pass(23 * HOUR_MS), ...paused]))).toEqual([10]);
    expect(percentages(after([pass(23 * HOUR_MS), ...paused, pass(HOUR_MS)]))).toEqual([10, 25]);
  });
});

describe('what was said of a step', () => {
  it('holds 0 % too, when it is extended before the first raise', () => {
    const held: Happening[] = [said('error'), { kind: 'extend', aheadMs: DAY_MS }, healthy, pass(23 * HOUR_MS)];
    expect(percentages(after(held))).toEqual([]);
    expect(percentages(after([...held, pass(HOUR_MS)]))).toEqual([10]);
  });

  it('is what was said last: an extension takes a promotion back, also one that is shorter than the soak', () => {
    const approvals = needsOne;
    const started: Happening[] = [{ kind: 'approve', by: 'bob' }, pass(HOUR_MS)];
    const changed: Happening[] = [
      { kind: 'promote' },
      { kind: 'extend', aheadMs: HOUR_MS },
      { kind: 'approve', by: 'bob' },
    ];
    expect(percentages(after([...started, ...changed], { approvals }))).toEqual([10]);
  });

  it('is kept when the raise that follows was lost', () => {
    const lost: Happening[] = [{ kind: 'write', goes: 'lost', ms: 0 }, pass(1), { kind: 'extend', aheadMs: DAY_MS }];
    expect(percentages(after([...lost, { kind: 'resume' }, pass(HOUR_MS)]))).toEqual([]);
  });

  it('does not make the soak begin again when a raise was lost', () => {
    const soaked: Happening[] = [pass(HOUR_MS), { kind: 'write', goes: 'lost', ms: 0 }, pass(DAY_MS)];
    expect(percentages(after([...soaked, { kind: 'resume' }]))).toEqual([10, 25]);
  });

  it('by an approval counts for as long as the plan says, also when it was given near the end of a pause', () => {
    const given: Happening[] = [
      said('error'),
      { kind: 'pause' },
      pass(20 * DAY_MS),
      { kind: 'approve', by: 'bob' },
      { kind: 'resume' },
      pass(8 * DAY_MS),
      healthy,
    ];
    expect(percentages(after(given, { approvals: needsOne }))).toEqual([]);
  });

  it('by a rejection is shown beside the earlier hold, and once', () => {
    const reject: Happening = { kind: 'reject', by: 'bob', reason: 'results differ' };
    const { state } = after([{ kind: 'write', goes: 'lost', ms: 0 }, pass(1), reject, reject]);
    expect(state.held?.why.match(/results differ/g)).toHaveLength(1);
    expect(state.held).toMatchObject({ because: 'unconfirmed', why: expect.stringContaining('unconfirmed') });
  });
});

describe('the patience of a plan', () => {
  it.each<[string, Partial<EnvironmentPlan['limits']>, Happening[]]>([
    [
      'a look that failed once after days of waiting for approval',
      { evidence: oneDay },
      [pass(3 * DAY_MS), said('error')],
    ],
    [
      'freezes that could not be read once after days of waiting for approval',
      { evidence: oneDay },
      [pass(3 * DAY_MS), { kind: 'freezes-unreadable', unreadable: true }, { kind: 'approve', by: 'bob' }],
    ],
  ])('is not at its end by %s', (_name, limits, happenings) => {
    const changes = { approvals: needsOne, limits: { ...patient, ...limits }, freezeParameter: '/pavi/prod/freezes' };
    expect(after(happenings, changes).state.stop).toBeUndefined();
  });

  it('begins with a promotion, and not with the soak that it ends', () => {
    const happenings: Happening[] = [
      { kind: 'approve', by: 'bob' },
      pass(23 * HOUR_MS),
      { kind: 'promote' },
      pass(2 * HOUR_MS),
    ];
    const simulation = after(happenings, { approvals: needsOne, limits: { ...patient, approval: oneDay } });
    expect(simulation.last).toMatchObject({ phase: 'approving', sinceMs: START_MS + 23 * HOUR_MS });
  });
});

describe('an emergency', () => {
  it('overrides freezes that cannot be read', () => {
    const happenings: Happening[] = [
      { kind: 'freezes-unreadable', unreadable: true },
      { kind: 'promote', override: true, by: 'bob', reason: 'users wait' },
    ];
    expect(percentages(after(happenings, { freezeParameter: '/pavi/prod/freezes' }))).toEqual([10]);
  });

  it('is seen also when the first raise was given up, read as lost, and written all the same', () => {
    const late: Happening[] = [
      { kind: 'write', goes: 'slow, late when overtaken', ms: 5_000 },
      { kind: 'pause' },
      pass(6_000),
    ];
    const simulation = after([...late, { kind: 'push', alarm: FAILED_ALARM, agoMs: 0 }]);
    expect(percentages(simulation)).toEqual([10, 0]);
  });
});

describe('an alarm that asks for a hold behind another hold', () => {
  it('still has to be resumed from when the other one was', () => {
    const reject: Happening = { kind: 'reject', by: 'bob', reason: 'results differ' };
    const simulation = after([pass(HOUR_MS), reject, said('breach', 'hold'), { kind: 'resume' }]);
    expect(simulation.state.held).toMatchObject({ because: 'alarm' });
    simulation.happen(healthy);
    simulation.happen({ kind: 'resume' });
    expect(simulation.state.held).toBeUndefined();
    simulation.happen({ kind: 'push', alarm: SLOW_ALARM, agoMs: MINUTE_MS });
    expect(simulation.state.held).toBeUndefined();
  });
});
