import { percent, singleLine, formatDuration } from '../format';
import type { FollowsGuard } from './guard';
import { at, breach, failedLook, judged, type GuardContext, type Judgement } from './judgement';
import type { FollowsAnswer, FollowsReading } from './readings';

const SHOWN = 3;

/**
 * An instance that does not follow the flag document for longer than readers need to refresh is a breach: it would ignore
 * raises and zero. An instance that does not answer is NOT KNOWN.
 */
export function judgeFollows(one: GuardContext, { withinMs }: FollowsGuard, reading: FollowsReading): Judgement {
  const { told, percentage, otherwiseSinceMs = one.fromMs } = reading;
  const of = (says: FollowsAnswer['says']): readonly FollowsAnswer[] => told.filter((answer) => answer.says === says);
  const [otherwise, nothing] = [of('otherwise'), of('nothing')];
  const words = (answers: readonly FollowsAnswer[]): string =>
    answers
      .slice(0, SHOWN)
      .map(({ where, why }) => `${singleLine(where)}: ${singleLine(why)}`)
      .join('; ');
  const count = (answers: readonly FollowsAnswer[]): string => `${answers.length} of ${told.length}`;
  const goal = `the flag document, which says ${percent(percentage)}`;
  if (otherwise.length > 0) {
    const why = `fails: ${count(otherwise)} instances of the API do not follow ${goal}: ${words(otherwise)}`;
    const untilMs = Math.max(one.fromMs, otherwiseSinceMs) + withinMs;
    if (one.moment.nowMs >= untilMs)
      return breach(one, `${why}; for longer than ${formatDuration(withinMs)}`, otherwiseSinceMs);
    return judged('inconclusive', `${why}; they have until ${at(untilMs)}`);
  }
  if (nothing.length > 0)
    return failedLook(one, `NOT KNOWN whether ${count(nothing)} instances follow ${goal}: ${words(nothing)}`);
  if (told.length === 0) return failedLook(one, 'NOT KNOWN: no instance was asked');
  return judged(
    'healthy',
    `holds: ${told.length === 1 ? 'the API follows' : `all ${told.length} answers of the API follow`} ${goal}`,
  );
}
