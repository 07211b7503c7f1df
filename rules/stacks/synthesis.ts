import { canonicalJson, shortHash } from '../plan/plan-hash';
import type { StackChanges } from './deployment';

/** A stack as the CDK app synthesized it. */
export interface SynthesizedStack {
  readonly name: string;
  /** As JSON of CloudFormation. Assets and images of containers are in it by their hashes, digests or tags. */
  readonly template: unknown;
  readonly parameters: Readonly<Record<string, string | undefined>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** What a deployment would deploy, and what it would change. */
export interface Synthesis {
  /** `templateHash` of the environment's stacks. */
  readonly template: string;
  /** By environment that comes after this one: the same of what the same source makes there. */
  readonly promises: Readonly<Record<string, string>>;
  /** As in `Deployed`. */
  readonly revision?: string;
  readonly changes: readonly StackChanges[];
  /** Images that a tag names and no digest, as `stack: image`: what runs may change without a deployment. */
  readonly mutableImages: readonly string[];
  /** Why something could not be found out. */
  readonly notes: readonly string[];
}

/**
 * Which stacks they are, in 12 hexadecimal characters: names, templates, parameters and tags, in the order in which they are
 * deployed. The same source gives the same hash in every folder and on every machine.
 */
export const templateHash = (stacks: readonly SynthesizedStack[]): string =>
  shortHash(
    canonicalJson(stacks.map(({ name, template, parameters, tags }) => ({ name, template, parameters, tags }))),
  );
