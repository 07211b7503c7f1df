import type { Refusal } from '../../rules/refusal';
import { instant, plain } from '../../rules/words';
import { Failure } from './failure';
import { localZone } from './render';

/** A refusal as every verb tells it: which rule, why, what would make it accept, from when. */
export function refusedBy(
  { rule, why, remedy, fromMs }: Refusal,
  facts: Readonly<Record<string, unknown>> = {},
): Failure {
  const from = fromMs === undefined ? '' : `\nAccepted from ${instant(fromMs, localZone(), Date.now())}.`;
  const text = `Refused (${rule}): ${plain(why)}.\nWhat would make it accept: ${plain(remedy)}.${from}`;
  return new Failure(3, text, { rule, why, remedy, fromMs, ...facts });
}
