import type { Guard } from './guard';
import { judgeComparison } from './judge-comparison';
import { judgeExecutions } from './judge-executions';
import { at, failedLook, judged, type GuardContext, type Judgement } from './judgement';
import { judgeFollows } from './judge-follows';
import { judgeResults } from './judge-results';
import { judgeSeries } from './judge-series';
import type { GuardReading } from './readings';

/** A guard that could not be read is neither healthy nor a breach, regardless of its last outcome. */
export function judgeGuard(one: GuardContext, guard: Guard, reading: GuardReading | undefined): Judgement {
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
