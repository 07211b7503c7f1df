import type { Policy } from './guard-policy';
import type { GuardHealth, HealthOutcome, Measured, Moment } from './verdict';
import { formatDuration } from '../format';

/** The finding about one guard; its name is put before `why`. */
export interface Judgement {
  readonly outcome: HealthOutcome;
  readonly why: string;
  /** What its policy asks for beyond waiting. */
  readonly asks?: 'rollback' | 'hold';
  /** Time of the measurement that made it a breach: a different time is a new breach. */
  readonly brokeAtMs?: number;
  readonly samples?: NonNullable<GuardHealth['samples']>;
  readonly measured?: Measured;
  /** Worth reporting although the outcome is healthy. */
  readonly aside?: string;
  /** Set when the alarm may need this long to fire, longer than the soak of this step. */
  readonly ringsAfterMs?: number;
}

/** One guard, at one moment. */
export interface GuardContext {
  readonly name: string;
  readonly policy: Policy;
  readonly moment: Moment;
  /** Earlier measurements do not count. */
  readonly fromMs: number;
}

export const judged = (outcome: HealthOutcome, why: string): Judgement => ({ outcome, why });

export function breach({ policy }: GuardContext, why: string, brokeAtMs?: number): Judgement {
  const asks = policy.onBreach === 'notify' ? {} : { asks: policy.onBreach };
  return { outcome: 'breach', why, ...asks, brokeAtMs };
}

/** Without data the rollout waits anyway: only `rollback` asks for more. */
export function noData({ policy }: GuardContext, why: string): Judgement {
  return { outcome: 'no-data', why, ...(policy.onNoData === 'rollback' ? { asks: 'rollback' as const } : {}) };
}

/** Too few samples to judge. After the soak the rollout waits for more as long as the plan says. */
export function tooFew({ policy, moment }: GuardContext, why: string): Judgement {
  const { tooFew: limit } = policy;
  const { dueMs, nowMs } = moment;
  if (limit === undefined || dueMs === undefined || nowMs < dueMs + limit.withinMs) return judged('inconclusive', why);
  const waited = `${why}; waited ${formatDuration(nowMs - dueMs)} after the soak, the plan allows ${formatDuration(limit.withinMs)}`;
  return { outcome: 'inconclusive', why: waited, asks: limit.then };
}

export function failedLook({ name, policy, moment }: GuardContext, why: string): Judgement {
  const inARow = moment.errorsInARow[name] ?? 1;
  if (inARow <= policy.errorLimit)
    return judged('inconclusive', `could not be read (${inARow} of ${policy.errorLimit} tolerated times): ${why}`);
  const asks = policy.onError === 'rollback' ? { asks: 'rollback' as const } : {};
  return { outcome: 'error', why: `could not be read ${inARow} times in a row: ${why}`, ...asks };
}

export const at = (ms: number): string => new Date(ms).toISOString();

/** Four significant digits. */
export const figure = (value: number): string => String(Number(value.toPrecision(4)));

export const share = (part: number): string => `${figure(part * 100)} %`;

/** `850 ms`, `8.5 s`, `3 h 5 min`. */
export function lasting(ms: number): string {
  if (ms < 1000) return `${figure(ms)} ms`;
  return ms < 60_000 ? `${figure(ms / 1000)} s` : formatDuration(ms);
}

export const times = (count: number, what: string, many = `${what}s`): string =>
  `${count} ${count === 1 ? what : many}`;
