import { atWords } from '../../rules/report/rollout-headline';
import { percent, singleLine } from '../../rules/format';
import type { RolloutView } from '../temporal/find-rollout';
import type { Which } from '../temporal/which-rollout';
import { CliError } from '../terminal/cli-error';

/** The message when no rollout runs that the verb could act on: how the last one ended, and where it left the flag. */
export function nothingTo(verb: string, which: Which | undefined, seen: RolloutView | undefined): string {
  const name = which === undefined ? 'any environment' : `${which.service} ${which.environment}`;
  const none = `Nothing to ${verb}: no rollout of ${name} is running`;
  return seen === undefined ? `${none}.` : `${none}; the last one ${ending(seen)}`;
}

/** For programs: nothing was sent, and how the last rollout ended. */
export const nothingFacts = (verb: string, seen: RolloutView | undefined) => ({
  verb,
  sent: false,
  running: false,
  last: seen?.status,
});

/** The Failure when no rollout runs that the verb could act on. `verb` as it is sent: `accept-undelivered`. */
export const nothingRuns = (verb: string, which: Which | undefined, seen: RolloutView | undefined): CliError =>
  new CliError(3, nothingTo(verb.replaceAll('-', ' '), which, seen), nothingFacts(verb, seen));

/** `ended, aborted (enough), at 0 %.`, and how to set the flag to 0 if it is above. */
export function ending({ status }: RolloutView): string {
  const { outcome, percentage, lastKnown, environment } = status;
  const left = percentage === 0 ? '' : ` ${leftAt(percentage)}: \`rollout rollback ${environment}\` sets it to 0.`;
  const how =
    outcome === undefined ? 'ended without an outcome' : `ended, ${outcome.outcome} (${singleLine(outcome.why)})`;
  const last = lastKnown?.percentage === undefined ? '' : `, last known at ${percent(lastKnown.percentage)}`;
  return `${how},${atWords(status)}${last}.${left}`;
}

const leftAt = (percentage: number | undefined): string =>
  percentage === undefined ? 'The value of the flag is NOT KNOWN' : `It left the flag at ${percent(percentage)}`;
