import fc from 'fast-check';
import { courseOf, decisionsOf, haltsOf } from '../../../rules/report/picture/course';
import type { Fact } from '../../../rules/report/picture/facts';
import { guardCourses } from '../../../rules/report/picture/guard-course';
import { plannedGuards } from '../../../rules/report/picture/planned-guards';
import type { Guard } from '../../../rules/guards/guard';
import { nextCommand } from '../../../rules/report/picture/next-command';
import { reportJson, reportOf } from '../../../rules/report/picture/report';
import { timeTicks } from '../../../rules/report/picture/scale';
import type { RolloutStatus } from '../../../rules/rollout/status/status';
import { isOpen, openingsBetween } from '../../../rules/time/window';
import { aPlan, DAY_MS, FAILED_ALARM, HOUR_MS } from '../../helpers/samples/plans';
import { aReport, someFacts, verdictOf } from '../../helpers/samples/rollout-reports';
import { NOON, soakingStatus, withoutWait } from '../../helpers/samples/rollout-status';

const facts = (...more: readonly Fact[]): readonly Fact[] => [...someFacts, ...more];

describe('the course of the percentage', () => {
  it('is what was read, and written and read back, with the reason of each write', () =>
    expect(courseOf(someFacts)).toMatchObject([
      { percentage: 0, source: 'read' },
      { percentage: 10, source: 'raise', why: 'every gate is open' },
      { percentage: 25, source: 'raise', why: 'the soak is over' },
    ]));

  it.each<[string, Fact, object]>([
    ['a zero', { kind: 'written', atMs: NOON, percentage: 0, why: 'alarm' }, { percentage: 0, source: 'zero' }],
    [
      'an outside change',
      { kind: 'flag-read', atMs: NOON, percentage: 90, writer: 'mallory', isOutside: true },
      { percentage: 90, source: 'outside', why: 'found, written by mallory' },
    ],
    [
      'a write that was not confirmed',
      { kind: 'not-written', atMs: NOON, percentage: 50, why: 'no answer' },
      { source: 'not-known', why: '50 % was not confirmed: no answer' },
    ],
    ['a rollout that was terminated', { kind: 'broken-off', atMs: NOON, why: 'terminated' }, { source: 'not-known' }],
  ])('ends with %s', (_name, fact, point) => {
    const last = courseOf(facts(fact)).at(-1);
    expect(last).toMatchObject(point);
    expect(last?.percentage === undefined).toBe(last?.source === 'not-known');
  });

  it('has a gap from where the rollout reports no percentage any more', () => {
    const status = soakingStatus({ percentage: undefined, percentageUnknown: 'no worker is running' });
    expect(aReport({ status }).course.at(-1)).toMatchObject({ source: 'not-known', why: 'no worker is running' });
  });

  it('shows what is ahead only as far as it is known, and no skipped step', () => {
    const percentages = (changes: Partial<RolloutStatus>): readonly number[] =>
      aReport({ status: soakingStatus({ next: 50, ...changes }) }).ahead.map(({ percentage }) => percentage);
    const nextRaise = { notBeforeMs: NOON + HOUR_MS, why: 'the soak', by: 'soak' } as const;
    expect(percentages({ nextRaise })).toEqual([50, 75, 100, 100]);
    expect(percentages({ nextRaise, skipped: [75] })).toEqual([50, 100, 100]);
    expect(percentages({})).toEqual([]);
  });
});

describe('pauses and holds', () => {
  const kinds = (...more: readonly Fact[]) => haltsOf(facts(...more), NOON).map(({ kind, why, by }) => [kind, why, by]);

  it('are known with their reason and person, and end with the resume', () =>
    expect(haltsOf(someFacts, NOON)).toEqual([
      expect.objectContaining({ kind: 'paused', why: 'job 17', by: 'carol', toMs: NOON - 2 * DAY_MS + 2 * HOUR_MS }),
    ]));

  it.each<[string, Fact, string]>([
    [
      'a check that asks for it',
      { kind: 'checked', atMs: NOON - 1, verdict: verdictOf('breach', { asks: 'hold' }) },
      'the alarms are breach',
    ],
    ['an unconfirmed raise', { kind: 'not-written', atMs: NOON - 1, percentage: 50, why: 'no answer' }, 'no answer'],
    ['a rejection', { kind: 'asked', atMs: NOON - 1, verb: 'reject', by: 'bob', reason: 'no' }, 'rejected: no'],
  ])('begin with %s', (_name, fact, why) =>
    expect(kinds(fact).at(-1)).toEqual(['on-hold', why, 'by' in fact ? fact.by : undefined]),
  );

  it('end with the way to 0 %, after which none begins', () => {
    const stopped: Fact = { kind: 'asked', atMs: NOON - HOUR_MS, verb: 'abort' };
    const late: Fact = { kind: 'asked', atMs: NOON - 1, verb: 'pause' };
    expect(kinds(stopped, late)).toHaveLength(1);
  });
});

describe('decisions', () => {
  it('each has a time and a reason, whatever the history holds', () =>
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...someFacts, ...odd)), (some) => {
        for (const { at, why } of reportJson(aReport({ facts: some }))['decisions'] as { at: string; why: string }[])
          expect([new Date(at).toISOString(), why.length > 0]).toEqual([at, true]);
      }),
    ));

  it('name the person, and the answer of the rollout', () =>
    expect(decisionsOf(someFacts)).toContainEqual(
      expect.objectContaining({ decision: 'approve', by: 'bob', percentage: 10, why: 'bob approved 10 %: 1 of 1' }),
    ));

  it('are the log of the rollout when the history cannot be read', () =>
    expect(aReport({ facts: undefined }).decisions).toContainEqual(
      expect.objectContaining({ decision: 'noted', why: 'started', by: 'alice' }),
    ));
});

const odd: readonly Fact[] = [
  { kind: 'checked', atMs: NOON, verdict: verdictOf('no-data') },
  { kind: 'alarm-pushed', atMs: NOON, alarm: FAILED_ALARM, state: 'ALARM', why: 'threshold' },
  { kind: 'not-written', atMs: NOON, percentage: 0, why: 'no answer' },
  { kind: 'freezes-read', atMs: NOON, freezes: [] },
  { kind: 'ended', atMs: NOON, outcome: 'aborted', why: 'enough' },
];

describe('guards', () => {
  it('have their newest finding, every change of their outcome, and the values that are known', () => {
    const later: Fact = { kind: 'checked', atMs: NOON, verdict: verdictOf('breach') };
    const [alarm, rate] = guardCourses(plannedGuards(aPlan()).slice(0, 1), facts(later), undefined);
    expect(alarm).toMatchObject({ name: FAILED_ALARM, now: { outcome: 'breach', atMs: NOON }, values: [] });
    expect(alarm?.outcomes.map(({ outcome }) => outcome)).toEqual(['healthy', 'breach']);
    expect(rate?.outcomes).toHaveLength(1);
    expect(rate?.values).toHaveLength(2);
  });

  it('have the values of the newest check too, which brought no news', () => {
    const guards = [
      { name: 'success-rate', outcome: 'healthy' as const, why: 'good', measured: { value: 99, unit: '%' } },
    ];
    const rate = aReport({ newest: { atMs: NOON, guards } }).guards.find(({ name }) => name === 'success-rate');
    expect(rate).toMatchObject({ now: { atMs: NOON, measured: { value: 99 } }, outcomes: [{ outcome: 'healthy' }] });
  });

  it('of the plan that no check has reported are there, with their limit and without a finding', () => {
    const planned = { name: 'new-one', kind: 'metric', limit: 'breach above 5', hasValue: true } as const;
    expect(guardCourses([planned], [], undefined)).toEqual([
      { name: 'new-one', planned, now: undefined, outcomes: [], values: [] },
    ]);
  });

  it.each<[string, Guard['breach'], Partial<Guard>]>([
    ['breach above 5 %', { above: 5 }, { kind: 'metric', unit: '%' }],
    ['breach above 3 lines, below 1 lines', { above: 3, below: 1 }, { kind: 'logs' }],
    [
      'breach below 95 %, 3 failures within 1 min',
      { successRateBelow: 95, failedWithin: { count: 3, ofMs: 60_000 } },
      { kind: 'executions' },
    ],
    ['breach slower by more than 20 %', { slowerByPercent: 20 }, { kind: 'comparison' }],
    ['breach below 98 %', { successRateBelow: 98 }, { kind: 'results' }],
    ['breach after 30 s', {}, { kind: 'follows', withinMs: 30_000 }],
  ])('have their limit from the plan in words: %s', (limit, breach, more) => {
    const guard = { name: 'g', onBreach: 'rollback', breach, ...more } as Guard;
    expect(plannedGuards({ watch: { intervalMs: 1, alarms: [], guards: [guard] } })).toMatchObject([{ limit }]);
  });
});

describe('the next command', () => {
  const ended = (outcome: 'completed' | 'rolled-back' | 'aborted' | 'refused') =>
    withoutWait({ phase: 'ended', percentage: 0, outcome: { outcome, why: 'x', atMs: NOON } });
  const waiting = (...verbs: readonly string[]) => soakingStatus({ wait: { why: 'x', sinceMs: NOON, verbs } });
  it.each<[string, RolloutStatus]>([
    ['rollout watch prod', soakingStatus()],
    ['rollout watch prod', waiting('promote', 'extend', 'skip', 'pause', 'abort')],
    ['rollout approve prod', waiting('approve', 'reject', 'pause', 'abort')],
    ['rollout resume prod', waiting('resume', 'abort')],
    ['rollout checklist prod', waiting('checklist --tick', 'pause', 'abort')],
    ['rollout status prod', waiting('checklist --tick gate', 'pause', 'abort')],
    ['rollout status prod', waiting('resume --adopt', 'resume --restore', 'abort')],
    ['rollout diagnose prod', ended('rolled-back')],
    ['rollout history prod', ended('completed')],
    ['rollout doctor prod', ended('refused')],
    ['rollout rollback prod', { ...ended('aborted'), percentage: 25 }],
    ['rollout doctor prod', withoutWait({ phase: 'not-known', percentage: undefined })],
  ])('is %s', (command, status) => expect(nextCommand(status)).toMatchObject({ command }));
});

describe('the axis of time', () => {
  it.each([
    ['Europe/Berlin', '2026-03-29'],
    ['America/New_York', '2026-11-01'],
  ])('has days at midnight in %s, also when the clock changes on %s', (zone, date) => {
    const middleMs = Date.parse(date);
    const ticks = timeTicks([middleMs - 3 * DAY_MS, middleMs + 3 * DAY_MS], zone, 7);
    const clock = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeStyle: 'short' });
    expect(ticks.length).toBeGreaterThan(4);
    for (const { atMs } of ticks) expect(clock.format(atMs)).toBe('00:00');
  });

  it('never has more marks than fit, for any length', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1_000, max: 400 * DAY_MS }), fc.integer({ min: 2, max: 9 }), (lengthMs, most) => {
        const ticks = timeTicks([NOON, NOON + lengthMs], 'UTC', most);
        expect(ticks.length).toBeLessThanOrEqual(most + 1);
        for (const { atMs } of ticks) expect(atMs).toBeGreaterThanOrEqual(NOON);
      }),
    ));
});

describe('windows', () => {
  const windows = [
    { zone: 'America/New_York', days: [2, 3, 4], from: '10:00', to: '14:00' },
    { zone: 'Asia/Tokyo', days: [5], from: '22:00', to: '03:00', except: ['2026-11-27'] },
  ];
  it('are open between two moments exactly when a raise is allowed', () => {
    const spans = openingsBetween(windows, NOON - 10 * DAY_MS, NOON + 10 * DAY_MS);
    fc.assert(
      fc.property(fc.integer({ min: -10 * DAY_MS, max: 10 * DAY_MS - 1 }), (offsetMs) => {
        const atMs = NOON + offsetMs;
        expect(spans.some(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs)).toBe(isOpen(windows, atMs));
      }),
    );
  });

  it('are shown in a report beside freezes, those by hand too', () => {
    const freeze = { fromMs: NOON - HOUR_MS, toMs: NOON, reason: 'fair' };
    const byHand = { fromMs: NOON - 2 * HOUR_MS, toMs: NOON - HOUR_MS, reason: 'outage', by: 'dora' };
    const plan = aPlan({ windows, freezes: [freeze] });
    const read: Fact = { kind: 'freezes-read', atMs: NOON, freezes: [byHand] };
    const { spans, zone } = aReport({ plan, facts: facts(read) });
    expect(zone).toBe('America/New_York');
    expect(spans.filter(({ kind }) => kind === 'frozen').map(({ by }) => by)).toEqual([undefined, 'dora']);
    expect(spans.some(({ kind }) => kind === 'open')).toBe(true);
  });
});

it('of a rollout of which almost nothing is known is still a report', () => {
  const status = withoutWait({ phase: 'not-known', percentage: undefined, step: 0, steps: [], log: [], planHash: '' });
  const report = reportOf({ status, running: true, runId: 'r', notKnown: ['The history is missing.'] }, NOON, 'UTC');
  expect(report).toMatchObject({ course: [], ahead: [], guards: [], decisions: [] });
  expect(reportJson(report)).toMatchObject({ percentage: null, notKnown: ['The history is missing.'] });
});
