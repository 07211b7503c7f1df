import fc from 'fast-check';
import { judge } from '../../../../rules/guards/health';
import { noticeOf } from '../../../../rules/report/rollout-notice';
import type { EnvironmentPlan, Freeze, Window } from '../../../../rules/plan/environment-plan';
import { describeStatus } from '../../../../rules/report/rollout';
import { recordFlag } from '../../../../rules/rollout/reconcile';
import { recordVerdict } from '../../../../rules/rollout/pause-hold';
import { headline } from '../../../../rules/report/rollout-headline';
import { raiseAhead, samplesDueMs } from '../../../../rules/rollout/raise';
import { decide } from '../../../../rules/rollout/decide';
import * as record from '../../../../rules/rollout/state/state';
import type { RolloutState } from '../../../../rules/rollout/state/state';
import { statusOf } from '../../../../rules/rollout/status/build-status';
import { calendar } from '../../../../rules/time/schedule';
import { aPlan, DAY_MS, HOUR_MS, MINUTE_MS } from '../../../helpers/samples/plans';
import { changed } from '../../../helpers/samples/changed-state';
import { endAhead, momentOf } from '../../../../rules/rollout/state/clock';

/** Friday 27 November 2026, 12:00 UTC. */
const FRIDAY = Date.UTC(2026, 10, 27, 12);
const flag = { found: true, percentage: 0, generation: 1, writer: 'cloudformation' } as const;

/** A rollout at the first step since `enteredMs`, or before its first raise. */
function stateAt(enteredMs: number, stepIndex: number): RolloutState {
  const began = changed(record.begin('ada', undefined, enteredMs), { flag: { owned: true as const } });
  const read = recordFlag(aPlan({}), began, flag, enteredMs);
  if (stepIndex < 0) return read;
  return record.recordRaise(record.raising(read, 10), { percentage: 10, generation: 2 }, stepIndex, enteredMs);
}

/** The result of a check at this moment when nothing is wrong. */
function healthy(plan: EnvironmentPlan, state: RolloutState, nowMs: number): RolloutState {
  const alarms = plan.watch.alarms.map(({ name }) => ({
    ...{ name, missing: false as const, state: 'OK' as const, stateReason: '', changedAtMs: 0, alarmedAtMs: [] },
  }));
  const guards = plan.watch.guards.map(({ name }) => ({
    ...{ name, kind: 'series' as const, samples: 100, points: [{ atMs: nowMs, value: 0 }] },
  }));
  const stepSinceMs = record.mayHaveTraffic(state) ? state.watch.sinceMs : nowMs;
  const dueMs = samplesDueMs(plan, state);
  const moment = { nowMs, stepSinceMs, percentage: state.flag.percentage, errorsInARow: {}, dueMs };
  return recordVerdict(state, judge(plan.watch, { alarms, guards }, moment));
}

/** Whether the rollout raises at this moment, with every question answered well. */
function raisesAt(plan: EnvironmentPlan, from: RolloutState, nowMs: number): boolean {
  let state = from;
  for (let turns = 0; turns < 10; turns += 1) {
    const decision = decide(plan, state, nowMs);
    if (decision.do === 'set-traffic') return true;
    if (decision.do === 'read-freezes')
      state = record.recordFreezes(state, { list: from.gates.freezes?.list ?? [], readAtMs: nowMs });
    else if (decision.do === 'look') state = healthy(plan, state, nowMs);
    else {
      // The watch reports when a guard is healthy at last.
      const looked = healthy(plan, state, nowMs);
      if (decision.do !== 'wait' || looked.watch.health?.outcome === state.watch.health?.outcome) return false;
      state = looked;
    }
  }
  throw new Error('it never comes to an answer');
}

const within = (days: number): fc.Arbitrary<number> =>
  fc.integer({ min: 0, max: (days * DAY_MS) / MINUTE_MS }).map((minutes) => minutes * MINUTE_MS);
const aWindow: fc.Arbitrary<Window> = fc.record({
  zone: fc.constantFrom('UTC', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland'),
  days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 }),
  from: fc.constantFrom('00:00', '02:30', '10:00', '22:00'),
  to: fc.constantFrom('01:00', '04:00', '14:00', '23:59'),
});
const aFreeze: fc.Arbitrary<Freeze> = fc
  .record({ fromMs: within(30), lengthMs: within(60), reason: fc.constantFrom('holidays', 'audit') })
  .map(({ fromMs, lengthMs, reason }) => ({ fromMs: FRIDAY + fromMs, toMs: FRIDAY + fromMs + lengthMs + 1, reason }));

const story = fc.record({
  soakMs: within(4),
  windows: fc.array(aWindow, { maxLength: 2 }),
  freezes: fc.array(aFreeze, { maxLength: 2 }),
  byHand: fc.array(aFreeze, { maxLength: 2 }),
  unread: fc.boolean(),
  delayMs: within(3),
  guardDelayMs: within(3),
  stepIndex: fc.constantFrom(-1, 0),
  pausedMs: within(1),
  extendedMs: fc.option(within(9), { nil: undefined }),
  promoted: fc.boolean(),
  override: fc.boolean(),
  agoMs: within(3),
  early: fc.array(fc.double({ min: 0, max: 0.999_999, noNaN: true }), { maxLength: 8 }),
});

function madeOf(told: typeof story extends fc.Arbitrary<infer Told> ? Told : never) {
  const { soakMs, windows, freezes, delayMs, guardDelayMs, stepIndex, extendedMs, agoMs } = told;
  const noAlarm = { name: 'failed', onBreach: 'rollback' as const, initialDelayMs: delayMs };
  const metric = {
    name: 'rate',
    kind: 'metric' as const,
    expression: 'm1',
    periodMs: MINUTE_MS,
    onBreach: 'rollback' as const,
  };
  const guard = { ...metric, breach: { above: 5 }, initialDelayMs: guardDelayMs, minSamples: 0 };
  const plan = aPlan({
    steps: [
      { percentage: 10, soakMs },
      { percentage: 100, soakMs: HOUR_MS },
    ],
    windows,
    freezes,
    freezeParameter: '/pavi/prod/freezes',
    watch: { intervalMs: MINUTE_MS, alarms: [noAlarm], guards: [guard as never] },
  });
  const halt = { why: 'x', sinceMs: FRIDAY };
  const began = changed(stateAt(FRIDAY - agoMs, stepIndex), { clock: { pausedMs: told.pausedMs } });
  const state: RolloutState = changed(began, {
    step: {
      extendedUntil: extendedMs === undefined ? undefined : endAhead(began, FRIDAY + extendedMs),
      promoted: told.promoted ? 'next' : undefined,
      promotedAt: told.promoted ? momentOf(began, FRIDAY - agoMs) : undefined,
      override: told.override ? halt : undefined,
    },
    gates: {
      freezes: {
        list: told.byHand,
        readAtMs: FRIDAY,
        ...(told.unread ? { problem: 'throttled', problemSince: momentOf(began, FRIDAY), tries: 4 } : {}),
      },
    },
  });
  return { plan, state };
}

describe('the next raise that is shown', () => {
  it('is the first moment at which the rollout raises when all stays healthy', () => {
    fc.assert(
      fc.property(story, (told) => {
        const { plan, state } = madeOf(told);
        const shown = raiseAhead(plan, state, FRIDAY);
        if (shown === undefined) return expect(raisesAt(plan, state, FRIDAY)).toBe(true);
        const { notBeforeMs } = shown;
        const untilMs = notBeforeMs ?? FRIDAY + 400 * DAY_MS;
        const early = told.early.map((part) => Math.floor(FRIDAY + part * (untilMs - FRIDAY)));
        for (const atMs of [FRIDAY, ...early, untilMs - 1])
          expect([atMs, raisesAt(plan, state, atMs)]).toEqual([atMs, false]);
        if (notBeforeMs !== undefined) expect(raisesAt(plan, state, notBeforeMs)).toBe(true);
      }),
      { numRuns: 600 },
    );
  });

  it('is the one of `rollout plan`, where nothing is done by hand', () => {
    fc.assert(
      fc.property(story, (told) => {
        const { plan: made } = madeOf({ ...told, delayMs: 0 });
        // A metric is judged a moment after its step has begun, which no calendar knows.
        const plan = { ...made, watch: { ...made.watch, guards: [] } };
        const [first, second] = calendar(plan, FRIDAY).steps;
        if (first === undefined || second === undefined || !Number.isFinite(second.notBeforeMs)) return;
        const { notBeforeMs: atMs } = first;
        const state = changed(stateAt(atMs, 0), { gates: { freezes: { list: [], readAtMs: atMs } } });
        expect(raiseAhead(plan, state, atMs)?.notBeforeMs ?? atMs).toBe(second.notBeforeMs);
      }),
      { numRuns: 300 },
    );
  });

  const tuesday: Window = { zone: 'UTC', days: [2], from: '10:00', to: '14:00' };
  const plan = aPlan({
    windows: [tuesday],
    steps: [10, 25].map((percentage) => ({ percentage, soakMs: 2 * HOUR_MS })),
  });
  const known = (of: EnvironmentPlan, more: Parameters<typeof changed<RolloutState>>[1] = {}) => {
    const soaking = healthy(of, changed(stateAt(FRIDAY - HOUR_MS, 0), more), FRIDAY);
    return statusOf(of, soaking, decide(of, soaking, FRIDAY), { workflowId: 'w', planHash: 'h', nowMs: FRIDAY });
  };
  const WINDOW = 'outside the maintenance window (Tue 10:00–14:00 UTC)';

  it('is that of the window and not of the soak, in every text', () => {
    const status = known(plan);
    expect(headline(status, FRIDAY, 'UTC')).toBe(
      `pavi prod: 10 %, healthy; next 25 % in 3 d 22 h, Tue 1 Dec 10:00:00 UTC: ${WINDOW}.`,
    );
    expect(describeStatus(status, FRIDAY)).toContain(`- **Next:** 25 % not before Tue 1 Dec 10:00:00 UTC: ${WINDOW}`);
    const { text } = noticeOf({ kind: 'raised', key: 'raised-10' }, status, FRIDAY, 'UTC');
    expect(text).toContain(`pavi prod: 10 %, healthy; next 25 % Tue 1 Dec 10:00:00 UTC: ${WINDOW}.`);
  });

  it('is that of a freeze by hand, with its year', () => {
    const freeze = { fromMs: FRIDAY, toMs: Date.UTC(2027, 0, 4), reason: 'holidays', by: 'bob' };
    const parameter = { ...plan, windows: [], freezeParameter: '/freezes' };
    const status = known(parameter, { gates: { freezes: { list: [freeze], readAtMs: FRIDAY } } });
    expect(headline(status, FRIDAY, 'UTC', 'still')).toBe(
      'pavi prod: 10 %, healthy; next 25 % Mon 4 Jan 2027 00:00:00 UTC: frozen until Mon 4 Jan 2027 00:00:00 UTC by bob: holidays.',
    );
  });

  it('never comes where no window opens any more', () => {
    const shut = known({ ...plan, windows: [{ ...tuesday, from: '02:00', to: '02:00', days: [] }] });
    expect(headline(shut, FRIDAY, 'UTC')).toMatch(/next 25 % NEVER: outside the maintenance window/);
  });
});

it('tells nothing by how long ago or how far ahead it is, where the text is read at any time later', () => {
  const status = statusOf(aPlan({}), stateAt(FRIDAY, 0), decide(aPlan({}), stateAt(FRIDAY, 0), FRIDAY + HOUR_MS), {
    ...{ workflowId: 'w', planHash: 'h', nowMs: FRIDAY + HOUR_MS },
  });
  const text = describeStatus(status, FRIDAY + HOUR_MS, 'UTC', 'still');
  expect(text).not.toMatch(/\bago\b|\bin \d+ (?:d|h|min|s)\b|\(\d+ (?:d|h|min|s)/);
  expect(describeStatus(status, FRIDAY + HOUR_MS, 'UTC')).toMatch(/1 h ago/);
});
