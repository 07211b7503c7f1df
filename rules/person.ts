/**
 * A person's name, from `--by`, ROLLOUT_ACTOR or the field `by`. Two names that look the same are one person, otherwise one
 * person could approve twice. Similar letters of other scripts stay different: telling them apart would need a list.
 */

/** Line breaks and tabs count as spaces in `personOf`; a zero-width space does not. */
const SPACES = /[\s\u0085]/u;
/** Invisible characters: controls, format characters such as U+200B or U+202E, fillers, lone surrogates, the Braille blank. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** The name as displayed: normalized letters, single spaces, nothing invisible. Empty when nothing is visible. */
export function personOf(name: unknown): string {
  if (typeof name !== 'string') return '';
  const seen = [...name.normalize('NFKC')].map((character) => {
    if (character !== '\ufeff' && SPACES.test(character)) return ' ';
    return UNSEEN.test(character) ? '' : character;
  });
  return seen.join('').replaceAll(/ +/g, ' ').trim();
}

/** Why a name is not accepted; undefined when it is. */
export function nameProblem(name: string): { readonly why: string; readonly remedy: string } | undefined {
  const remedy = 'write the name with visible letters: --by NAME, ROLLOUT_ACTOR, or the field by';
  if (!/[\p{L}\p{N}\p{S}]/u.test(personOf(name))) return { why: 'the name has no visible letter', remedy };
  const unseen = [...name].find(
    (character) => UNSEEN.test(character) && (character === '\ufeff' || !SPACES.test(character)),
  );
  if (unseen === undefined) return undefined;
  const code = `U+${(unseen.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  return { why: `the name has an invisible character (${code} in "${personOf(name)}")`, remedy };
}

/** Ignores case: `Ada` and `ada` are one person. */
export const samePerson = (a: string, b: string): boolean => keyOf(a) === keyOf(b);

/** Upper case first: it maps `ß` to `ss` and unifies both sigmas. */
const keyOf = (name: string): string => personOf(name).toUpperCase().toLowerCase().normalize('NFKC');
