import type { Watch } from '../plan/environment-plan';
import { formatDuration } from '../format';
import type { Guard, WatchedAlarm } from './guard';
import { isJudgedAt, isOnlyTold, policyOf } from './guard-policy';
import { judgeAlarm } from './judge-alarm';
import { type GuardContext, type Judgement, times } from './judgement';
import type { GuardHealth, HealthOutcome, Moment, Readings, Verdict } from './verdict';

export type Finding = Judgement & {
  readonly name: string;
  readonly kind: 'alarm' | 'guard';
  readonly counts: boolean;
  /** The plan says to ignore it while it has no data. */
  readonly leftOut: boolean;
};

/**
 * The moment from which all guards that decide are judged; before it the verdict is inconclusive. A guard is judged only
 * after its beginning has passed (`judgeGuard`).
 */
export function judgedFromMs(
  { alarms, guards }: Pick<Watch, 'alarms' | 'guards'>,
  at: Pick<Moment, 'percentage' | 'stepSinceMs' | 'holdsSinceMs'>,
): number {
  const moment = { ...at, nowMs: at.stepSinceMs, errorsInARow: {} };
  const fromMs = [...alarms, ...guards]
    .filter((one) => isJudgedAt(one, at.percentage) && !isOnlyTold(policyOf(one)))
    .map((one) => contextOf(one, moment).fromMs + ('kind' in one ? 1 : 0));
  return Math.max(-Infinity, ...fromMs);
}

export function alarmFindings(alarms: readonly WatchedAlarm[], readings: Readings, moment: Moment): Finding[] {
  return alarms
    .filter((alarm) => isJudgedAt(alarm, moment.percentage))
    .map((alarm) => {
      const one = contextOf(alarm, moment);
      return finding(one, 'alarm', judgeAlarm(one, named(readings.alarms, alarm.name), readings.alarmsUnread));
    });
}

export const named = <T extends { readonly name: string }>(all: readonly T[], name: string): T | undefined =>
  all.find((reading) => reading.name === name);

export function contextOf(guard: WatchedAlarm | Guard, moment: Moment): GuardContext {
  const policy = policyOf(guard);
  const { percentage, stepSinceMs, holdsSinceMs = stepSinceMs } = moment;
  const delayedMs = stepSinceMs + (percentage === 0 ? 0 : policy.initialDelayMs);
  const fromMs = policy.onBreach === 'hold' ? Math.max(delayedMs, holdsSinceMs) : delayedMs;
  return { name: guard.name, policy, moment, fromMs };
}

export function finding({ name, policy }: GuardContext, kind: Finding['kind'], said: Judgement): Finding {
  const onlyTold = isOnlyTold(policy);
  const leftOut = !onlyTold && said.outcome === 'no-data' && policy.onNoData === 'ignore';
  const why = `${name} ${said.why}${policy.dryRun ? ' (dry run)' : ''}${leftOut ? ' (left out)' : ''}`;
  return { ...said, name, kind, why, leftOut, counts: !onlyTold && !leftOut };
}

const SEVERITY: readonly HealthOutcome[] = ['breach', 'error', 'no-data', 'inconclusive', 'healthy'];

/**
 * What a workflow judges itself: an alarm whose change was pushed. The guards need statistics, and are judged where they are read
 * (`judge` in `health.ts`).
 */
export const judgeAlarms = (alarms: readonly WatchedAlarm[], readings: Readings, moment: Moment): Verdict =>
  verdictOf(alarmFindings(alarms, readings, moment), moment);

/**
 * The worst finding decides the outcome; of equally bad ones, the one that asks for more. The strongest request of any finding is
 * kept. Without evidence the outcome is not healthy.
 */
export function verdictOf(found: readonly Finding[], moment: Moment): Verdict {
  const counted = found.filter(({ counts }) => counts).sort(worstFirst);
  const worst = counted[0];
  const told = {
    atMs: moment.nowMs,
    ringing: found.filter(({ outcome }) => outcome === 'breach').map(ringingOf),
    noticed: found.filter(({ counts, outcome }) => !counts && outcome === 'breach').map(({ name }) => name),
    guards: found.map(guardHealth),
  };
  const aside = withoutConsequence(found);
  if (worst === undefined) return { ...withoutEvidence(found, moment), ...told };
  if (worst.outcome === 'healthy') return { outcome: 'healthy', why: healthyWords(counted) + aside, ...told };
  const asker = counted.filter(({ asks }) => asks !== undefined).sort(mostAskedFirst)[0];
  const also = asker === undefined || asker.asks === worst.asks ? '' : `; ${asker.why}: asks for ${asker.asks}`;
  return {
    outcome: worst.outcome,
    why: worst.why + also + aside,
    ...(worst.kind === 'alarm' ? { alarm: worst.name } : { guard: worst.name }),
    asks: asker?.asks,
    ...told,
  };
}

/** The provider did not answer: neither a breach nor healthy. */
export function providerError(why: string, nowMs: number): Verdict {
  return { outcome: 'error', why, atMs: nowMs, ringing: [], noticed: [], guards: [] };
}

/**
 * Verdicts with the same key are the same news; a watch reports only when the key changes. Values and sample counts are
 * not in the key, otherwise every check would be news.
 */
export function verdictKey(
  verdict: Pick<Verdict, 'outcome' | 'alarm' | 'guard' | 'asks' | 'ringing' | 'guards'>,
): string {
  const { outcome, alarm = null, guard = null, asks = null, ringing, guards } = verdict;
  return JSON.stringify([outcome, alarm, guard, asks, ringing, guards.map((one) => [one.name, one.outcome])]);
}

/** Guards that are all left out are no evidence; if the plan sets none for this percentage, none is needed. */
function withoutEvidence(found: readonly Finding[], { percentage }: Moment): Pick<Verdict, 'outcome' | 'why'> {
  const aside = withoutConsequence(found);
  return found.some(({ leftOut }) => leftOut)
    ? { outcome: 'no-data', why: `every guard is left out for lack of data${aside}` }
    : { outcome: 'healthy', why: `the plan sets no deciding guard at ${percentage} %${aside}` };
}

function withoutConsequence(found: readonly Finding[]): string {
  const bad = found.filter(({ counts, outcome }) => !counts && outcome !== 'healthy' && outcome !== 'inconclusive');
  return bad.length === 0 ? '' : ` (without consequence: ${bad.map(({ why }) => why).join('; ')})`;
}

function healthyWords(counted: readonly Finding[]): string {
  const alarms = counted.filter(({ kind }) => kind === 'alarm').length;
  const guards = counted.length - alarms;
  const inOrder = [
    ...(alarms > 0 ? [`${times(alarms, 'alarm')} OK`] : []),
    ...(guards > 0 ? [`${times(guards, 'guard')} within bounds`] : []),
  ].join(' and ');
  const asides = counted.filter(({ aside }) => aside !== undefined).map(({ name, aside }) => `; ${name}: ${aside}`);
  return `${inOrder} since the step began${asides.join('')}${tooSlowWords(counted)}`;
}

function tooSlowWords(counted: readonly Finding[]): string {
  const late = counted.flatMap(({ name, ringsAfterMs }) =>
    ringsAfterMs === undefined ? [] : [{ name, ringsAfterMs }],
  );
  if (late.length === 0) return '';
  const longestMs = Math.max(...late.map(({ ringsAfterMs }) => ringsAfterMs));
  const who = late.length === 1 ? (late[0]?.name ?? '') : times(late.length, 'alarm');
  return `; ${who} may need up to ${formatDuration(longestMs)} to fire, longer than this soak`;
}

const ringingOf = ({ name, brokeAtMs }: Finding): string => (brokeAtMs === undefined ? name : `${name} ${brokeAtMs}`);

const guardHealth = ({ name, outcome, why, samples, measured }: Finding): GuardHealth => ({
  name,
  outcome,
  why,
  samples,
  measured,
});

const TREND_SHOWN = 24;

/** What a check keeps of the one before. */
interface Before {
  readonly name: string;
  readonly measured?: { readonly trend?: readonly number[] | undefined } | undefined;
}

/** Adds the value of this check to those of the checks before it. */
export const withTrends = (guards: readonly GuardHealth[], before: readonly Before[]): readonly GuardHealth[] =>
  guards.map((guard) => {
    const { name, measured } = guard;
    if (measured === undefined) return guard;
    const past = before.find((one) => one.name === name)?.measured?.trend ?? [];
    const value = Number(measured.value.toPrecision(4));
    return { ...guard, measured: { ...measured, trend: [...past, value].slice(-TREND_SHOWN) } };
  });

function worstFirst(a: Finding, b: Finding): number {
  const bySeverity = SEVERITY.indexOf(a.outcome) - SEVERITY.indexOf(b.outcome);
  return bySeverity !== 0 ? bySeverity : mostAskedFirst(a, b);
}

const strength = ({ asks }: Finding): number => (asks === 'rollback' ? 2 : asks === 'hold' ? 1 : 0);

const mostAskedFirst = (a: Finding, b: Finding): number => strength(b) - strength(a);
