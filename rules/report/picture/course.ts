import { percent } from '../../format';
import type { Verdict } from '../../guards/verdict';
import type { Asked, Fact, FlagRead } from './facts';
import { time } from './times';

/** From here on the flag had this percentage, as far as it is known. */
export interface CoursePoint {
  readonly atMs: number;
  /** Absent from where it is not known. */
  readonly percentage?: number;
  readonly why: string;
  /** `outside`: another person or program wrote it. */
  readonly source: 'read' | 'raise' | 'zero' | 'outside' | 'not-known';
}

/** A time in which nothing could be raised. */
export interface Span {
  readonly kind: 'paused' | 'on-hold' | 'frozen' | 'open';
  readonly fromMs: number;
  readonly toMs: number;
  readonly why: string;
  readonly by?: string;
}

/** One decision, of the rollout or of a person, with its reason. */
export interface DecisionMade {
  readonly atMs: number;
  /** As `raise`, `zero`, `hold`, `approve`. */
  readonly decision: string;
  readonly percentage?: number;
  readonly why: string;
  readonly by?: string;
}

export const DECISION_COLUMNS = ['When', 'Who', 'What', 'Why'];

/** The decisions as the rows of a table. */
export const decisionCells = (
  of: { readonly decisions: readonly DecisionMade[] } & Parameters<typeof time>[0],
): readonly (readonly string[])[] =>
  of.decisions.map(({ atMs, by, decision, percentage, why }) => [
    time(of, atMs),
    by ?? 'the rollout',
    `${decision.replaceAll('-', ' ')}${percentage === undefined ? '' : ` ${percent(percentage)}`}`,
    why,
  ]);

const isZero = (percentage: number): boolean => percentage === 0;

/** The percentage of the flag over time. Two points of the same percentage in a row are one. */
export function courseOf(facts: readonly Fact[]): readonly CoursePoint[] {
  const points: CoursePoint[] = [];
  for (const fact of facts) {
    const point = pointOf(fact);
    const last = points.at(-1);
    if (point === undefined || (last !== undefined && last.percentage === point.percentage)) continue;
    points.push(point);
  }
  return points;
}

function pointOf(fact: Fact): CoursePoint | undefined {
  switch (fact.kind) {
    case 'flag-read':
      return readPoint(fact);
    case 'written': {
      const { atMs, percentage, why } = fact;
      return { atMs, percentage, why, source: isZero(percentage) ? 'zero' : 'raise' };
    }
    case 'not-written':
      return {
        atMs: fact.atMs,
        why: `${percent(fact.percentage)} was not confirmed: ${fact.why}`,
        source: 'not-known',
      };
    case 'broken-off':
      return { atMs: fact.atMs, why: fact.why, source: 'not-known' };
    default:
      return undefined;
  }
}

function readPoint({ atMs, percentage, why, writer, isOutside }: FlagRead): CoursePoint {
  if (percentage === undefined) return { atMs, why: why ?? 'the flag could not be read', source: 'not-known' };
  const by = writer === undefined ? '' : `, written by ${writer}`;
  return { atMs, percentage, why: `found${by}`, source: isOutside === true ? 'outside' : 'read' };
}

/** Pauses and holds. One that lasts ends at `untilMs`. */
export function haltsOf(facts: readonly Fact[], untilMs: number): readonly Span[] {
  const spans: Span[] = [];
  const open = new Map<Span['kind'], Omit<Span, 'toMs'>>();
  const begin = (
    kind: 'paused' | 'on-hold',
    { atMs, by }: { readonly atMs: number; readonly by?: string },
    why: string,
  ) => {
    if (!open.has(kind)) open.set(kind, { kind, fromMs: atMs, why, by });
  };
  const endAll = (atMs: number): void => {
    for (const span of open.values()) spans.push({ ...span, toMs: atMs });
    open.clear();
  };
  let stopped = false;
  for (const fact of facts) {
    if (stopped) break;
    const halt = haltBy(fact);
    if (halt !== undefined) begin(halt.kind, fact, halt.why);
    stopped = isStop(fact);
    if (stopped || (fact.kind === 'asked' && fact.verb === 'resume')) endAll(fact.atMs);
  }
  endAll(untilMs);
  return spans.sort((a, b) => a.fromMs - b.fromMs);
}

function haltBy(fact: Fact): { readonly kind: 'paused' | 'on-hold'; readonly why: string } | undefined {
  if (fact.kind === 'asked' && fact.verb === 'pause') return { kind: 'paused', why: reasonOf(fact) };
  if (fact.kind === 'asked' && fact.verb === 'reject') return { kind: 'on-hold', why: `rejected: ${reasonOf(fact)}` };
  if (fact.kind === 'checked' && fact.verdict.asks === 'hold') return { kind: 'on-hold', why: fact.verdict.why };
  if (fact.kind === 'not-written' && !isZero(fact.percentage)) return { kind: 'on-hold', why: fact.why };
  if (fact.kind === 'flag-read' && fact.isOutside === true && fact.percentage !== 0)
    return { kind: 'on-hold', why: 'another person or program changed the flag' };
  return undefined;
}

/** From here on it goes to 0 % and stays there. */
const isStop = (fact: Fact): boolean =>
  (fact.kind === 'asked' && fact.verb === 'abort') ||
  (fact.kind === 'checked' && isRollback(fact.verdict)) ||
  (fact.kind === 'written' && isZero(fact.percentage)) ||
  fact.kind === 'ended' ||
  fact.kind === 'broken-off';

const isRollback = ({ asks, outcome }: { readonly asks?: string; readonly outcome: string }): boolean =>
  asks === 'rollback' || (asks === undefined && outcome === 'breach');

const reasonOf = ({ reason }: Asked): string => reason ?? 'no reason given';

/** Every decision that the history has, with its reason. */
export const decisionsOf = (facts: readonly Fact[]): readonly DecisionMade[] =>
  facts.map(decisionOf).filter((one) => one !== undefined);

function decisionOf(fact: Fact): DecisionMade | undefined {
  const { atMs } = fact;
  switch (fact.kind) {
    case 'started':
      return { atMs, decision: 'start', why: fact.reason ?? 'no reason given', by: fact.by };
    case 'written': {
      const { percentage, why } = fact;
      return { atMs, decision: isZero(percentage) ? 'zero' : 'raise', percentage, why };
    }
    case 'not-written':
      return { atMs, decision: 'not-confirmed', percentage: fact.percentage, why: fact.why };
    case 'flag-read':
      return fact.isOutside === true
        ? { atMs, decision: 'outside-change', percentage: fact.percentage, why: readPoint(fact).why }
        : undefined;
    case 'checked':
      return checkMade(fact.atMs, fact.verdict);
    case 'asked': {
      const { verb, percentage, by, answer } = fact;
      const why =
        answer === undefined ? reasonOf(fact) : `${answer}${fact.reason === undefined ? '' : ` (${fact.reason})`}`;
      return { atMs, decision: verb, percentage, why, by: by ?? 'an unnamed person' };
    }
    case 'alarm-pushed':
      return { atMs, decision: 'alarm', why: `${fact.alarm} went to ${fact.state}: ${fact.why}` };
    case 'delivered':
      return { atMs, decision: 'delivered', percentage: fact.percentage, why: fact.why };
    case 'ended':
      return { atMs, decision: fact.outcome, why: fact.why };
    case 'broken-off':
      return { atMs, decision: 'broken-off', why: fact.why };
    case 'freezes-read':
      return undefined;
  }
}

function checkMade(atMs: number, { asks, outcome, why }: Verdict): DecisionMade {
  if (isRollback({ asks, outcome })) return { atMs, decision: 'breach', why };
  return asks === 'hold' ? { atMs, decision: 'hold', why } : { atMs, decision: 'check', why: `${outcome}: ${why}` };
}
