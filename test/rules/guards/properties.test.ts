import fc from 'fast-check';
import type { Guard, GuardPolicy, WatchedAlarm } from '../../../rules/guards/guard';
import { judge } from '../../../rules/guards/health';
import type { AlarmReading, GuardReading } from '../../../rules/guards/readings';
import type { HealthOutcome, Readings, Verdict } from '../../../rules/guards/verdict';
import {
  alarm,
  compared,
  comparison,
  DUE_MS,
  executions,
  judgeAlarm,
  judgeGuard,
  logs,
  metric,
  MINUTE_MS,
  moment,
  NOW_MS,
  ok,
  ran,
  series,
  SINCE_MS,
} from './cases';

const ORDER: readonly HealthOutcome[] = ['healthy', 'inconclusive', 'no-data', 'error', 'breach'];
const badness = ({ outcome }: Pick<Verdict, 'outcome'>): number => ORDER.indexOf(outcome);

/** Guards that count, with the policies a plan may have. */
const policy: fc.Arbitrary<GuardPolicy> = fc.record(
  {
    onBreach: fc.constantFrom('rollback', 'hold'),
    onNoData: fc.constantFrom('rollback', 'hold'),
    onError: fc.constantFrom('rollback', 'hold'),
    failureLimit: fc.integer({ min: 0, max: 3 }),
    consecutiveFailureLimit: fc.integer({ min: 0, max: 3 }),
    errorLimit: fc.integer({ min: 0, max: 3 }),
    initialDelayMs: fc.integer({ min: 0, max: 90 * MINUTE_MS }),
    minSamples: fc.integer({ min: 0, max: 40 }),
    tooFew: fc.record({ withinMs: fc.integer({ min: 0, max: MINUTE_MS }), then: fc.constantFrom('hold', 'rollback') }),
  },
  { requiredKeys: ['onBreach'] },
);
const count = fc.integer({ min: 0, max: 60 });
const minutes = fc.array(fc.integer({ min: -10, max: 60 }), { maxLength: 4 });

const alarmReading: fc.Arbitrary<AlarmReading> = fc.oneof(
  fc.constant<AlarmReading>({ name: 'x', missing: true }),
  fc
    .record(
      {
        state: fc.constantFrom('OK', 'OK', 'OK', 'ALARM', 'INSUFFICIENT_DATA'),
        alarmedAtMs: minutes.map((all) => all.sort((a, b) => a - b).map((minute) => SINCE_MS + minute * MINUTE_MS)),
        evaluation: fc.constant('PARTIAL_DATA'),
        silenced: fc.constant('muted'),
        staleSinceMs: fc.constant(0),
      },
      { requiredKeys: ['state', 'alarmedAtMs'] },
    )
    .map((changes) => ok('x', { ...changes, changedAtMs: NOW_MS - MINUTE_MS })),
);
const guardAndReading: fc.Arbitrary<readonly [Guard, GuardReading]> = fc
  .tuple(
    policy,
    fc.oneof(
      fc
        .array(fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }), { maxLength: 8 })
        .chain((values) => fc.constantFrom([metric(), series(values)] as const, [logs(), series(values)] as const)),
      fc
        .record({ succeeded: count, failed: count, timedOut: count, userErrors: count, running: count })
        .map((counts) => [executions(), ran(counts)] as const),
      fc
        .tuple(count, count, count, count)
        .map(
          ([total, failed, baseline, baseFailed]) =>
            [
              comparison({ breach: { failuresHigherByPoints: 2 } }),
              compared(
                { total, failed: Math.min(failed, total) },
                { total: baseline, failed: Math.min(baseFailed, baseline) },
              ),
            ] as const,
        ),
      fc.constant([metric(), { name: 'x', kind: 'error', why: 'Throttling' } as GuardReading] as const),
    ),
  )
  .map(([drawn, [guard, reading]]) => [{ ...guard, ...drawn } as Guard, reading] as const);

type Drawn = readonly [WatchedAlarm | Guard, AlarmReading | GuardReading];
const anything: fc.Arbitrary<Drawn> = fc.oneof(
  fc.tuple(policy, alarmReading).map(([drawn, reading]) => [alarm(drawn), reading] as const),
  guardAndReading,
);

function judged(all: readonly Drawn[]): Verdict {
  const renamed = all.map(([one, reading], index) => [
    { ...one, name: `g${index}` },
    { ...reading, name: `g${index}` },
  ]) as Drawn[];
  const isGuard = ([one]: Drawn): boolean => 'kind' in one;
  const [guards, alarms] = [renamed.filter(isGuard), renamed.filter((pair) => !isGuard(pair))];
  return judge(
    { alarms: alarms.map(([one]) => one as WatchedAlarm), guards: guards.map(([one]) => one as Guard) },
    {
      alarms: alarms.map(([, reading]) => reading as AlarmReading),
      guards: guards.map(([, reading]) => reading as GuardReading),
    } satisfies Readings,
    moment({ nowMs: NOW_MS }),
  );
}

const strength = ({ asks }: Pick<Verdict, 'asks'>): number => (asks === 'rollback' ? 2 : asks === 'hold' ? 1 : 0);

describe('judge: whatever the guards are', () => {
  it('is as bad as the worst of them alone, and asks for the most that one of them asks for', () => {
    fc.assert(
      fc.property(fc.array(anything, { minLength: 1, maxLength: 6 }), (all) => {
        const [together, alone] = [judged(all), all.map((one) => judged([one]))];
        expect(badness(together)).toBe(Math.max(...alone.map(badness)));
        expect(strength(together)).toBe(Math.max(...alone.map(strength)));
        expect(together.guards).toHaveLength(all.length);
      }),
      { numRuns: 500 },
    );
  });

  it('is not made better by a healthy guard beside it, and not changed by the order', () => {
    const healthy: Drawn = [alarm(), ok()];
    fc.assert(
      fc.property(fc.array(anything, { minLength: 1, maxLength: 6 }), (all) => {
        const { outcome, asks } = judged(all);
        const beside = judged([healthy, ...all]);
        expect([beside.outcome, beside.asks]).toEqual([outcome, asks]);
        expect(judged([...all].reverse())).toMatchObject({ outcome });
      }),
    );
  });

  it('is never healthy when one of them was not read', () => {
    fc.assert(
      fc.property(anything, fc.nat({ max: 9 }), ([one], errors) => {
        const at = { errorsInARow: { [one.name]: errors } };
        const verdict = 'kind' in one ? judgeGuard(one, undefined, at) : judgeAlarm(one, undefined, at);
        expect(['inconclusive', 'error']).toContain(verdict.outcome);
      }),
    );
  });

  it('is never healthy without a single sample where samples are wanted', () => {
    const empty: readonly [Guard, GuardReading][] = [
      [metric(), series([])],
      [logs(), series([])],
      [executions(), ran({ running: 9, userErrors: 9 })],
      [comparison(), compared({}, { durationsMs: [1] })],
      [comparison({ breach: { failuresHigherByPoints: 1 } }), compared({ total: 9 }, {})],
    ];
    const nowMs = fc.integer({ min: SINCE_MS, max: DUE_MS * 2 - SINCE_MS });
    fc.assert(
      fc.property(fc.constantFrom(...empty), policy, nowMs, ([guard, reading], drawn, at) => {
        const wanting = { ...guard, ...drawn, minSamples: Math.max(1, drawn.minSamples ?? 1) } as Guard;
        const { outcome } = judgeGuard(wanting, { ...reading, name: wanting.name }, { nowMs: at });
        expect(['no-data', 'inconclusive']).toContain(outcome);
      }),
    );
  });

  it('asks for nothing and decides nothing when all of them only notify or run dry', () => {
    const toothless = fc.constantFrom({ onBreach: 'notify' as const }, { dryRun: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(anything, toothless), { minLength: 1, maxLength: 5 }), (all) => {
        const verdict = judged(all.map(([[one, reading], without]) => [{ ...one, ...without }, reading] as Drawn));
        expect(verdict).toMatchObject({ outcome: 'healthy' });
        expect(verdict.asks).toBeUndefined();
        const breached = verdict.guards.filter(({ outcome }) => outcome === 'breach').map(({ name }) => name);
        expect(verdict.noticed).toEqual(breached);
      }),
    );
  });
});

describe('judge: more failures', () => {
  it('of an alarm never improve the outcome', () => {
    fc.assert(
      fc.property(policy, alarmReading, fc.integer({ min: -5, max: 59 }), (drawn, reading, minute) => {
        fc.pre(!reading.missing);
        const atMs = SINCE_MS + minute * MINUTE_MS;
        const worse = { ...reading, alarmedAtMs: [...(reading.missing ? [] : reading.alarmedAtMs), atMs].sort() };
        const watched = { ...alarm(drawn), name: 'x' };
        expect(badness(judgeAlarm(watched, worse as AlarmReading))).toBeGreaterThanOrEqual(
          badness(judgeAlarm(watched, reading)),
        );
      }),
    );
  });

  it('of a metric never improve the outcome', () => {
    const values = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(policy, values, fc.nat(), (drawn, before, where) => {
        const after = before.map((value, index) => (index === where % before.length ? 9 : value));
        const [was, is] = [before, after].map((all) => badness(judgeGuard(metric(drawn), series(all))));
        expect(is).toBeGreaterThanOrEqual(was ?? 0);
      }),
    );
  });

  it('of as many executions never improve the outcome', () => {
    fc.assert(
      fc.property(policy, count, count, (drawn, succeeded, failed) => {
        fc.pre(succeeded > 0);
        const [was, is] = [ran({ succeeded, failed }), ran({ succeeded: succeeded - 1, failed: failed + 1 })].map(
          (reading) => badness(judgeGuard(executions(drawn), reading)),
        );
        expect(is).toBeGreaterThanOrEqual(was ?? 0);
      }),
    );
  });

  it('of the fresh side never improve the outcome of a comparison', () => {
    const guard = comparison({ breach: { failuresHigherByPoints: 2 } });
    fc.assert(
      fc.property(policy, count, count, (drawn, failed, baseFailed) => {
        const [was, is] = [failed, failed + 1].map((fresh) =>
          badness(
            judgeGuard(
              { ...guard, ...drawn },
              compared({ total: 61, failed: fresh }, { total: 60, failed: baseFailed }),
            ),
          ),
        );
        expect(is).toBeGreaterThanOrEqual(was ?? 0);
      }),
    );
  });
});
