import type { CommonOptions } from '../options';
import type { Verb } from '../target';

/** One option of one verb. */
export interface OptionDeclaration {
  /** As commander reads them: `--tick <id>`. */
  readonly flags: string;
  readonly summary: string;
  readonly required?: true;
  readonly choices?: readonly string[];
  readonly default?: string;
  /** Throws commander's InvalidArgumentError for wrong usage. */
  readonly parse?: (text: string) => unknown;
}

/** In the order of the documentation. */
export const GROUPS = ['Look', 'Raise', 'Deploy', 'Go back'] as const;

/** Everything there is to say of a verb: the program, its help, the completion and the tables of the documents come from it. */
export interface VerbDeclaration<Options extends CommonOptions = CommonOptions> {
  /** As typed after `rollout`: `abort`, `flags get`. */
  readonly name: string;
  /** `<env>` must be named; without `[env]` the only running rollout, or every environment, is meant. */
  readonly argument?: '<env>' | '[env]' | '<shell>';
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
  /** It leads to 0 % or keeps a rollout from rising: when no worker confirms it, it names the way that needs no Temporal. */
  readonly leadsToZero?: true;
  readonly handler: Verb<Options>;
}

/** A verb is one file that exports this as `verb`, listed in `client/program/verbs.ts`. */
export function defineVerb<Options extends CommonOptions>(declaration: VerbDeclaration<Options>): VerbDeclaration {
  // Commander hands over the options that the declaration names.
  return declaration as VerbDeclaration;
}

/** For the verbs that may mean a deployment instead of a rollout. */
export const DEPLOYMENT: OptionDeclaration = {
  flags: '--deployment',
  summary: 'the deployment is meant (default: the only one of both that runs)',
};
