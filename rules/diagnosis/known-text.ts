import type { Trouble } from './diagnosis';

/** An error text of AWS and its meaning. */
export interface KnownText {
  readonly trouble: Trouble;
  readonly id: string;
  readonly pattern: RegExp;
  /** Of the match and its groups; a group that did not take part is undefined. */
  readonly cause: (match: readonly (string | undefined)[]) => string;
  readonly remedy: string;
  readonly isSymptom?: true;
}
