import { type Sides, STANDARD_SIDES } from '../../flags/routing';
import type { FlagTarget } from '../plan/flag-target';

/** Where a job runs: where the percentage sends it, or where everything ran before. */
export type Side = 'new' | 'old';

/** Names of the two sides in headers and answers of the API, from those in the plan: `Step Functions` is `step-functions`. */
export function sideWords({ sides }: Pick<FlagTarget, 'sides'>): Sides {
  if (sides === undefined) return STANDARD_SIDES;
  const words = { new: wordOf(sides.new), old: wordOf(sides.old) };
  const areUsable = words.new !== '' && words.old !== '' && compared(words.new) !== compared(words.old);
  return areUsable ? words : STANDARD_SIDES;
}

const wordOf = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');

/** The side that a text of the API names, whatever the case, spaces, - and _ in it: `step_functions`. */
export function sideNamed(text: string | undefined, words: Sides): Side | undefined {
  if (text === undefined) return undefined;
  if (compared(text) === compared(words.new)) return 'new';
  return compared(text) === compared(words.old) ? 'old' : undefined;
}

const compared = (text: string): string => text.toLowerCase().replaceAll(/[\s_-]+/g, '');
