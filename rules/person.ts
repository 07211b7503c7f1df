/**
 * A person's name, as `--by`, ROLLOUT_ACTOR and the field `by` give it. Two names that look the same are one person: else one person
 * could approve twice. Letters of other scripts that look alike stay different, as no rule without a list of them can tell.
 */

/** Line breaks and tabs, which `personOf` takes for spaces; a zero-width space is none of them. */
const SPACES = /[\s\u0085]/u;
/** What nothing is drawn for: controls, format characters as U+200B or U+202E, fillers, halves of pairs, the blank of Braille. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** The name as everybody sees it: one form of each letter, single spaces, nothing invisible. Empty when nothing can be seen. */
export function personOf(name: unknown): string {
  if (typeof name !== 'string') return '';
  const seen = [...name.normalize('NFKC')].map((character) => {
    if (character !== '\ufeff' && SPACES.test(character)) return ' ';
    return UNSEEN.test(character) ? '' : character;
  });
  return seen.join('').replaceAll(/ +/g, ' ').trim();
}

/** Why a name is not taken; undefined when it is. */
export function nameProblem(name: string): { readonly why: string; readonly remedy: string } | undefined {
  const remedy = 'write the name with letters that can be seen: --by NAME, ROLLOUT_ACTOR, or the field by';
  if (!/[\p{L}\p{N}\p{S}]/u.test(personOf(name))) return { why: 'nothing of the name can be seen', remedy };
  const unseen = [...name].find(
    (character) => UNSEEN.test(character) && (character === '\ufeff' || !SPACES.test(character)),
  );
  if (unseen === undefined) return undefined;
  const code = `U+${(unseen.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  return { why: `the name has a character that cannot be seen (${code} in "${personOf(name)}")`, remedy };
}

/** Without regard to case, since `Ada` and `ada` are one person. */
export const samePerson = (a: string, b: string): boolean => keyOf(a) === keyOf(b);

/** Upper case first: it takes `ß` for `ss`, and both sigmas for one. */
const keyOf = (name: string): string => personOf(name).toUpperCase().toLowerCase().normalize('NFKC');
