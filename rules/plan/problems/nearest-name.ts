import { distance } from 'fastest-levenshtein';

/**
 * The name that was probably meant, or undefined when none is near. Upper and lower case count as
 * equal, and a longer word means the name it begins with: Tuesday means Tue.
 */
export function nearestName(written: string, names: readonly string[]): string | undefined {
  const word = written.toLowerCase();
  const longestSlip = Math.max(1, Math.floor(word.length / 3));
  const begun = names.find((name) => name.length >= 3 && word.startsWith(name.toLowerCase()));
  if (begun !== undefined) return begun;
  let best: { name: string; slips: number } | undefined;
  for (const name of names) {
    const slips = distance(word, name.toLowerCase());
    if (slips <= longestSlip && (best === undefined || slips < best.slips)) best = { name, slips };
  }
  return best?.name;
}
