import fc from 'fast-check';
import type { WatchedAlarm } from '../../../../rules/guards/guard';
import { judge } from '../../../../rules/guards/health';
import { verdictKey } from '../../../../rules/guards/verdict-of';
import type { AlarmReading } from '../../../../rules/guards/readings';
import { decide } from '../../../../rules/rollout/decide';
import { recordAlarmChange } from '../../../../rules/rollout/outside/alarm-change';
import * as halt from '../../../../rules/rollout/pause-hold';
import * as record from '../../../../rules/rollout/state/state';
import { aPlan, DAY_MS, HOUR_MS, MINUTE_MS } from '../../../helpers/samples/plans';
import { changed } from '../../../helpers/samples/changed-state';

const START_MS = Date.UTC(2026, 10, 3, 15);
const NAME = 'a';
const RESUMED_AFTER_MS = 20 * MINUTE_MS;

/** What the policy of an alarm and the rollout may be when it rings. */
interface Facts {
  readonly alarm: WatchedAlarm;
  /** Of the ringing and of the judgement, after the step began. */
  readonly firedAfterMs: number;
  readonly nowAfterMs: number;
  readonly situation:
    'not raised' | 'watched' | 'paused' | 'resumed' | 'on hold' | 'raising' | 'overridden' | 'stopped';
}

const written = fc.record(
  {
    failureLimit: fc.integer({ min: 0, max: 2 }),
    consecutiveFailureLimit: fc.integer({ min: 0, max: 2 }),
    initialDelayMs: fc.integer({ min: 0, max: 90 * MINUTE_MS }),
    dryRun: fc.boolean(),
    percentages: fc.constantFrom([10, 25], [50]),
    onNoData: fc.constantFrom('rollback', 'hold', 'ignore'),
  },
  { requiredKeys: [] },
);
/** Half of the alarms have no policy of their own: whole ones rarely let a ringing decide, and differences would hide behind them. */
const policy = fc.oneof(fc.constant({}), written);

const facts: fc.Arbitrary<Facts> = fc
  .record({
    policy,
    onBreach: fc.constantFrom('rollback', 'hold', 'notify'),
    firedAfterMs: fc.oneof(
      fc.integer({ min: -HOUR_MS, max: 2 * HOUR_MS }),
      fc.integer({ min: 0, max: RESUMED_AFTER_MS }),
    ),
    delayMs: fc.constantFrom(0, 1, 30_000, HOUR_MS),
    situation: fc.constantFrom(
      'not raised',
      'watched',
      'paused',
      'resumed',
      'on hold',
      'raising',
      'overridden',
      'stopped',
    ),
  })
  .map(({ policy: given, onBreach, firedAfterMs, delayMs, situation }) => ({
    alarm: { name: NAME, onBreach, ...given } as WatchedAlarm,
    firedAfterMs,
    nowAfterMs: Math.max(1, firedAfterMs + delayMs),
    situation,
  }));

const by = (afterMs: number) => ({ by: 'bob', why: 'test', sinceMs: START_MS + afterMs });

function stateOf(situation: Facts['situation']): record.RolloutState {
  const begun = changed(record.begin('ada', undefined, START_MS), { flag: { known: true, owned: true as const } });
  if (situation === 'not raised') return begun;
  const at10 = record.recordRaise(record.raising(begun, 10), { percentage: 10, generation: 1 }, 0, START_MS);
  const held = halt.hold(at10, { ...by(0), because: 'alarm' });
  switch (situation) {
    case 'watched':
      return at10;
    case 'paused':
      return halt.pause(at10, by(0));
    case 'on hold':
      return held;
    case 'resumed':
      return halt.resume(held, by(RESUMED_AFTER_MS));
    case 'raising':
      return record.raising(at10, 25);
    case 'overridden':
      return { ...at10, step: { ...at10.step, override: by(0) } };
    case 'stopped':
      return halt.stop(at10, { kind: 'abort', ...by(0) });
  }
}

type Push = typeof recordAlarmChange;

function pushed(push: Push, { alarm, firedAfterMs, nowAfterMs, situation }: Facts): record.RolloutState {
  const change = { alarm: NAME, state: 'ALARM', atMs: START_MS + firedAfterMs, why: 'high' } as const;
  return push(stateOf(situation), [alarm], change, START_MS + nowAfterMs);
}

/** As `activities/observe/watch.ts` judges what it reads. */
function pulled({ alarm, firedAfterMs, nowAfterMs, situation }: Facts, isOver: boolean): record.RolloutState {
  const state = stateOf(situation);
  const nowMs = START_MS + nowAfterMs;
  const firedAtMs = START_MS + firedAfterMs;
  const known = { name: NAME, stateReason: 'high' };
  const reading: AlarmReading = isOver
    ? { ...known, state: 'OK', changedAtMs: nowMs, alarmedAtMs: [firedAtMs] }
    : { ...known, state: 'ALARM', changedAtMs: firedAtMs, alarmedAtMs: [firedAtMs] };
  const verdict = judge(
    { alarms: [alarm], guards: [] },
    { alarms: [reading], guards: [] },
    {
      nowMs: Math.max(nowMs, state.watch.sinceMs, state.watch.holdsSinceMs),
      stepSinceMs: state.watch.sinceMs,
      holdsSinceMs: state.watch.holdsSinceMs,
      percentage: Math.max(state.flag.percentage, state.flag.raisingTo ?? 0),
      errorsInARow: {},
    },
  );
  return halt.recordVerdict(state, { ...verdict, atMs: nowMs });
}

/** What follows, without the words. */
function consequence(state: record.RolloutState, nowMs: number) {
  const { stop, held, paused } = state;
  const { health } = state.watch;
  const isBreach = health?.outcome === 'breach';
  return {
    stop: stop && [stop.kind, stop.alarm],
    held: held && [held.because, held.sinceMs],
    paused: paused?.sinceMs,
    breach: isBreach && verdictKey({ ...health, guards: [] }),
    decided: isBreach || stop !== undefined ? decide(aPlan(), state, nowMs).do : undefined,
  };
}

const same = (push: Push) =>
  fc.property(facts, fc.boolean(), (given, over) => {
    const nowMs = START_MS + given.nowAfterMs;
    // An alarm that fired before the step and is in ALARM still is a breach for a check; for a push this is not known.
    const isOver = over || given.firedAfterMs < HOUR_MS * 1.5;
    const wanted = consequence(pulled(given, isOver), nowMs);
    expect(consequence(pushed(push, given), nowMs)).toEqual(wanted);
  });

const RUNS = { numRuns: 2_000 };

it('has the same consequence whether an alarm is pushed or polled', () => fc.assert(same(recordAlarmChange), RUNS));

/** Each forgets one word of the plan. */
const PLANTED: readonly [string, Push][] = [
  ['tolerance', (s, alarms, ...rest) => recordAlarmChange(s, alarms.map(without('failureLimit')), ...rest)],
  [
    'tolerance in a row',
    (s, alarms, ...rest) => recordAlarmChange(s, alarms.map(without('consecutiveFailureLimit')), ...rest),
  ],
  ['initial delay', (s, alarms, ...rest) => recordAlarmChange(s, alarms.map(without('initialDelayMs')), ...rest)],
  ['dry run', (s, alarms, ...rest) => recordAlarmChange(s, alarms.map(without('dryRun')), ...rest)],
  ['percentages', (s, alarms, ...rest) => recordAlarmChange(s, alarms.map(without('percentages')), ...rest)],
  ['onBreach', (s, alarms, ...rest) => recordAlarmChange(s, alarms.map(rollback), ...rest)],
  [
    'holdsSinceMs',
    (s, ...rest) => recordAlarmChange({ ...s, watch: { ...s.watch, holdsSinceMs: s.watch.sinceMs } }, ...rest),
  ],
];

function without(key: keyof WatchedAlarm) {
  return (alarm: WatchedAlarm): WatchedAlarm => {
    const { [key]: _left, ...rest } = alarm;
    return rest as WatchedAlarm;
  };
}

function rollback(alarm: WatchedAlarm): WatchedAlarm {
  return { ...alarm, onBreach: 'rollback' };
}

it.each(PLANTED)('a push that forgets the plan’s %s would be found', (_name, push) => {
  // The same cases every time: whether a difference is found must not be luck.
  expect(fc.check(same(push), { numRuns: 20_000, seed: 1 }).failed).toBe(true);
});

describe('a pushed alarm', () => {
  const nowMs = START_MS + DAY_MS;
  const rang = (alarm: Partial<WatchedAlarm>, state = stateOf('watched')) =>
    recordAlarmChange(
      state,
      [{ name: NAME, onBreach: 'rollback', ...alarm }],
      { alarm: NAME, state: 'ALARM', atMs: nowMs, why: 'high' },
      nowMs,
    );

  it('says in the status what it says in the stop, beside what the other guards said', () => {
    const healthy = { outcome: 'healthy', why: 'is OK' } as const;
    const looked = halt.recordVerdict(stateOf('watched'), {
      ...{ ...healthy, atMs: nowMs, ringing: [], noticed: ['c'] },
      guards: [
        { ...healthy, name: NAME },
        { ...healthy, name: 'b' },
      ],
    });
    const { stop, watch } = rang({}, looked);
    const { health } = watch;
    expect(stop?.why).toMatch(/^a went to ALARM at 2026-11-04T15:00:00.000Z: high$/);
    expect(health).toMatchObject({ outcome: 'breach', noticed: ['c'] });
    expect(health?.guards.map(({ name, outcome }) => [name, outcome])).toEqual([
      [NAME, 'breach'],
      ['b', 'healthy'],
    ]);
  });

  it('of a time far ahead is dated by the rollout, whose clock is the only one it knows', () => {
    const state = stateOf('watched');
    const change = { alarm: NAME, state: 'ALARM', atMs: 8.64e15, why: 'high' } as const;
    const { stop, watch } = recordAlarmChange(state, [{ name: NAME, onBreach: 'rollback' }], change, nowMs);
    const { health } = watch;
    expect([stop?.sinceMs, health?.atMs]).toEqual([nowMs, nowMs]);
  });

  it.each([
    ['1 ms before the step', true, -1],
    ['as long before it as clocks may differ', true, -5_000],
    ['longer before it', false, -5_001],
  ])('that came %s decides nothing; checked at once: %s', (_name, isChecked, firedAfterMs) => {
    const state = stateOf('watched');
    const change = { alarm: NAME, state: 'ALARM', atMs: START_MS + firedAfterMs, why: 'high' } as const;
    const next = recordAlarmChange(state, [{ name: NAME, onBreach: 'rollback' }], change, nowMs);
    expect([next.stop, next.watch]).toEqual([state.stop, state.watch]);
    // The rollout checks whenever its state has changed.
    expect(next !== state).toBe(isChecked);
    if (isChecked)
      expect(JSON.stringify(next.log)).toMatch(/a went to ALARM at [^"]+, as this step began: checked now"/);
  });
});
