import type { Fact } from '../../../rules/report/picture/facts';
import { type Known, reportOf, type RolloutReport } from '../../../rules/report/picture/report';
import type { HealthOutcome, Measured, Verdict } from '../../../rules/guards/verdict';
import { aPlan, DAY_MS, FAILED_ALARM, HOUR_MS } from './plans';
import { NOON, soakingStatus } from './rollout-status';

const START = NOON - 2 * DAY_MS;
const MEASURED: Measured = { value: 98.5, unit: '%', below: 95, low: 94, high: 99.6 };

export function verdictOf(outcome: HealthOutcome, changes: Partial<Verdict> = {}): Verdict {
  const guards = [
    { name: FAILED_ALARM, outcome, why: `${FAILED_ALARM} is ${outcome}` },
    {
      name: 'success-rate',
      outcome: 'healthy' as const,
      why: 'success-rate is good',
      measured: MEASURED,
      samples: { seen: 200, wanted: 30 },
    },
  ];
  return { outcome, why: `the alarms are ${outcome}`, atMs: START, ringing: [], noticed: [], guards, ...changes };
}

/** Two days: started, paused for an hour, raised twice. */
export const someFacts: readonly Fact[] = [
  { kind: 'started', atMs: START, by: 'alice', reason: 'release 2.4' },
  { kind: 'flag-read', atMs: START + 1_000, percentage: 0 },
  { kind: 'checked', atMs: START + 2_000, verdict: verdictOf('healthy') },
  {
    kind: 'asked',
    atMs: START + 3_000,
    verb: 'approve',
    by: 'bob',
    percentage: 10,
    answer: 'bob approved 10 %: 1 of 1',
  },
  { kind: 'written', atMs: START + 5_000, percentage: 10, why: 'every gate is open' },
  { kind: 'asked', atMs: START + HOUR_MS, verb: 'pause', by: 'carol', reason: 'job 17' },
  { kind: 'asked', atMs: START + 2 * HOUR_MS, verb: 'resume', by: 'carol' },
  { kind: 'written', atMs: START + DAY_MS, percentage: 25, why: 'the soak is over' },
];

/** A rollout that soaks at 25 %; each test changes what it is about. */
export function aReport(changes: Partial<Known> = {}, nowMs = NOON): RolloutReport {
  const status = soakingStatus({
    next: 50,
    nextRaise: { notBeforeMs: NOON + 3 * HOUR_MS, why: 'the soak', by: 'soak' },
  });
  return reportOf(
    { status, running: true, runId: 'run-1', plan: aPlan(), facts: someFacts, notKnown: [], ...changes },
    nowMs,
    'UTC',
  );
}
