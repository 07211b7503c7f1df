import type { VerbDeclaration } from './verb';

export const EXIT_CODES = `
Exit codes: 0 done, 1 failed, 2 wrong usage or a wrong plan, 3 refused by a rule. A watch ends with 0 when the rollout completed, 3 when it was refused at the start, and 1 when it was rolled back, aborted or cut off.

Temporal is found by TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_… or a profile of the
Temporal configuration file.`;

export const REFUSED = `
A refused verb changes nothing: it says which rule refused, what would make it accept and, where time alone decides, from
when; with --json as { error, exitCode, rule, why, remedy, fromMs }.
`;

const LONGEST = 48;

/** All examples of these verbs, one per line. */
export function examplesOf(verbs: readonly VerbDeclaration[]): string {
  const all = verbs.flatMap(({ examples }) => examples);
  const lines = all.map(([words, meaning]) => `  ${words.padEnd(LONGEST)}  ${meaning}`);
  return ['', 'Examples:', ...lines, ''].join('\n');
}
