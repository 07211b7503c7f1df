import type { EnvironmentPlan } from '../plan/environment-plan';
import type { RolloutState } from '../rollout/state/state';
import { type Blocked, nextRaise } from '../time/freeze';

/** What a rollout counts, by the name of the metric; the exporter adds `_total` and units. */
export const COUNTERS = {
  rollout_decisions: 'Decisions of rollouts, by kind.',
  rollout_checks: 'Checks of a rollout that brought news, by outcome.',
  rollout_guard_findings: 'Findings of each guard, alarms included, in checks that brought news, by outcome.',
  rollout_zero_failures: 'Tries to write or confirm 0 % that failed.',
  rollout_unconfirmed_raises: 'Raises whose write could not be confirmed.',
  rollout_outside_changes: 'Changes of the flag by somebody else that a rollout found.',
  rollout_holds: 'Holds, by cause.',
} as const;
export type Counter = keyof typeof COUNTERS;

/** From the time of the breach, as its alarm or check says, until 0 % was written and read back. */
export const BREACH_TO_ZERO = 'rollout_breach_to_zero';
export const BREACH_TO_ZERO_BUCKETS_S = [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 900];

/** What the worker sees of each environment from outside. */
export const GAUGES = {
  rollout_running: '1 while a rollout of the environment runs.',
  rollout_percentage: 'The percentage that the newest rollout listed last.',
  rollout_phase: '1 for the present phase of a running rollout, 0 for the others.',
  rollout_unchecked_seconds: 'Seconds since the last check of a running rollout began.',
} as const;
export type Gauge = keyof typeof GAUGES;
/** Seconds that rollouts spent in each phase, as the worker saw it: paused, holding, approving and the others. */
export const PHASE_SECONDS = 'rollout_phase_seconds';

/** The part of the time in the phase `holding` in which the plan's windows or freezes forbade a raise, by which of the two. */
export const WINDOW_BLOCKED_SECONDS = 'rollout_window_blocked_seconds';

/** What the worker measures of each alarm queue that it reads. */
export const QUEUE_GAUGES = {
  rollout_push_queue_age_seconds:
    'Age of the oldest message that an alarm queue brought within the last minute; 0 without one.',
  rollout_push_queue_read_timestamp_seconds: 'When the worker last read an alarm queue, in seconds since 1970.',
} as const;

/** What may forbid a raise at a time. */
export const BLOCKING: readonly Blocked['rule'][] = ['window', 'freeze'];

/** A freeze by hand is not known here, and a pause or an approval is a phase of its own. */
export function blockedBy(
  { windows, freezes }: Pick<EnvironmentPlan, 'windows' | 'freezes'>,
  phase: string | undefined,
  nowMs: number,
): Blocked['rule'] | undefined {
  return phase === 'holding' ? nextRaise(windows, freezes, nowMs).blocked?.rule : undefined;
}

export type Measured =
  { readonly counter: Counter; readonly tags: Readonly<Record<string, string>> } | { readonly breachToZeroMs: number };

/** What a change of the state means for the metrics. */
export function measuredBy(before: RolloutState, after: RolloutState, nowMs: number): readonly Measured[] {
  return [...checked(before, after), ...halted(before, after), ...zeroed(before, after, nowMs)];
}

const counted = (counter: Counter, tags: Readonly<Record<string, string>> = {}): Measured => ({ counter, tags });

function checked(before: RolloutState, { watch: { health } }: RolloutState): readonly Measured[] {
  if (health === undefined || health === before.watch.health) return [];
  return [
    counted('rollout_checks', { outcome: health.outcome }),
    ...health.guards.map(({ name, outcome }) => counted('rollout_guard_findings', { guard: name, outcome })),
  ];
}

function halted(before: RolloutState, { held, flag }: RolloutState): readonly Measured[] {
  const found: Measured[] = [];
  if (held !== undefined && before.held === undefined) {
    found.push(counted('rollout_holds', { because: held.because }));
    if (held.because === 'unconfirmed') found.push(counted('rollout_unconfirmed_raises'));
  }
  if (flag.drift !== undefined && before.flag.drift === undefined) found.push(counted('rollout_outside_changes'));
  return found;
}

function zeroed(before: RolloutState, { zero, stop }: RolloutState, nowMs: number): readonly Measured[] {
  if (zero.problem !== undefined && zero !== before.zero) return [counted('rollout_zero_failures')];
  const isWritten = zero.written !== undefined && before.zero.written === undefined;
  if (!isWritten || stop?.kind !== 'breach') return [];
  return [{ breachToZeroMs: Math.max(0, nowMs - stop.sinceMs) }];
}
