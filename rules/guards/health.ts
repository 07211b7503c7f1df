import type { Watch } from '../plan/environment-plan';
import type { Guard } from './guard';
import { isJudgedAt } from './guard-policy';
import { alarmFindings, contextOf, type Finding, finding, named, verdictOf } from './verdict-of';
import { type GuardContext, type Judgement, at, failedLook, judged } from './judgement';
import type { Moment, Readings, Verdict } from './verdict';
import { judgeComparison } from './judge-comparison';
import { judgeExecutions } from './judge-executions';
import { judgeFollows } from './judge-follows';
import { judgeResults } from './judge-results';
import { judgeSeries } from './judge-series';
import type { GuardReading } from './readings';

/**
 * > Check these metrics during rollout … Alarms: …
 *
 * Judges each alarm and guard by what was read since the step began.
 */
export function judge(watch: Pick<Watch, 'alarms' | 'guards'>, readings: Readings, moment: Moment): Verdict {
  const found = [...alarmFindings(watch.alarms, readings, moment), ...guardFindings(watch.guards, readings, moment)];
  return verdictOf(found, moment);
}

function guardFindings(guards: readonly Guard[], readings: Readings, moment: Moment): Finding[] {
  return guards
    .filter((guard) => isJudgedAt(guard, moment.percentage))
    .map((guard) => {
      const one = contextOf(guard, moment);
      return finding(one, 'guard', judgeGuard(one, guard, named(readings.guards, guard.name)));
    });
}

/** A guard that could not be read is neither healthy nor a breach, regardless of its last outcome. */
function judgeGuard(one: GuardContext, guard: Guard, reading: GuardReading | undefined): Judgement {
  if (one.moment.nowMs <= one.fromMs) return judged('inconclusive', `is not judged before ${at(one.fromMs)}`);
  if (reading === undefined) return failedLook(one, 'it was not read');
  if (reading.kind === 'error') return failedLook(one, reading.why);
  if (guard.kind === 'executions' && reading.kind === 'executions') return judgeExecutions(one, guard, reading);
  if (guard.kind === 'comparison' && reading.kind === 'comparison') return judgeComparison(one, guard, reading);
  if (guard.kind === 'results' && reading.kind === 'results') return judgeResults(one, guard, reading);
  if (guard.kind === 'follows' && reading.kind === 'follows') return judgeFollows(one, guard, reading);
  if ((guard.kind === 'metric' || guard.kind === 'logs') && reading.kind === 'series')
    return judgeSeries(one, guard, reading);
  return failedLook(one, `a guard of kind ${guard.kind} got a reading of kind ${reading.kind}`);
}
