import type { Refusal } from '../../rules/refusal';
import { formatTime, singleLine } from '../../rules/format';
import { CliError } from './cli-error';
import { localZone } from './render';

/** A refusal, in the same words for every verb: the rule, why, what would make it accept, from when. */
export function refusedBy(
  { rule, why, remedy, fromMs }: Refusal,
  facts: Readonly<Record<string, unknown>> = {},
): CliError {
  const from = fromMs === undefined ? '' : `\nAccepted from ${formatTime(fromMs, localZone(), Date.now())}.`;
  const text = `Refused (${rule}): ${singleLine(why)}.\nWhat would make it accept: ${singleLine(remedy)}.${from}`;
  return new CliError(3, text, { rule, why, remedy, fromMs, ...facts });
}
