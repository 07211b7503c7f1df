import type { CommonOptions } from '../options';
import type { Verb } from '../target';

/** One option of one verb. */
export interface OptionDeclaration {
  /** In commander's notation: `--tick <id>`. */
  readonly flags: string;
  readonly summary: string;
  readonly required?: true;
  readonly choices?: readonly string[];
  readonly default?: string;
  /** Throws commander's InvalidArgumentError for wrong usage. */
  readonly parse?: (text: string, before: unknown) => unknown;
}

/** In the order of the documentation. */
export const GROUPS = ['Inspect', 'Raise', 'Deploy', 'Go back'] as const;

/** The declaration of a verb: the program, its help, the completion and the tables in the documents are made from it. */
export interface VerbDeclaration<Options extends CommonOptions = CommonOptions> {
  /** As typed after `rollout`: `abort`, `flags get`. */
  readonly name: string;
  /** `<env>` is required; without `[env]` the verb uses the only running rollout, or every environment. */
  readonly argument?: '<env>' | '[env]' | '<shell>';
  /** A second word, which the handler finds in the options under the key. */
  readonly second?: { readonly argument: '[name]'; readonly key: string };
  readonly group: (typeof GROUPS)[number];
  /** Shown in the README too. */
  readonly daily?: true;
  /** What it does, one line, with a verb in the third person. */
  readonly summary: string;
  /** Whole words to type, and what they mean. */
  readonly examples: readonly (readonly [words: string, meaning: string])[];
  /** Whether it changes something: then it takes `--by` and `--reason`. */
  readonly reason?: 'optional' | 'required';
  readonly options?: readonly OptionDeclaration[];
  /** The verb leads to 0 % or stops raises: when no worker confirms it, it prints the command that needs no Temporal. */
  readonly leadsToZero?: true;
  readonly handler: Verb<Options>;
}

/** A verb is one file that exports this as `verb`, listed in `client/program/verbs.ts`. */
export function defineVerb<Options extends CommonOptions>(declaration: VerbDeclaration<Options>): VerbDeclaration {
  // Commander passes the options that the declaration names.
  return declaration as VerbDeclaration;
}

/** For verbs that may act on a deployment instead of a rollout. */
export const DEPLOYMENT: OptionDeclaration = {
  flags: '--deployment',
  summary: 'act on the deployment (default: the rollout if one runs, else the deployment)',
};
