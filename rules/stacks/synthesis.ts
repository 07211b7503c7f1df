import { canonicalJson, shortHash } from '../plan/plan-hash';
import type { StackChanges } from './results';
import type { TaggedImage } from './images';

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
  readonly nextTemplates: Readonly<Record<string, string>>;
  /** As in `Deployed`. */
  readonly revision?: string;
  readonly changes: readonly StackChanges[];
  /** Images that a tag names and no digest, as `imageWords`: what runs may change without a deployment. */
  readonly mutableImages: readonly string[];
  /** Why something could not be found out. */
  readonly notes: readonly string[];
}

/**
 * Which stacks they are, in 12 hexadecimal characters: names, templates, parameters and tags, in the order in which they are
 * deployed, and the digests that tags of images mean. The same source gives the same hash in every folder and on every
 * machine, until a tag is moved.
 */
export function templateHash(stacks: readonly SynthesizedStack[], images: readonly TaggedImage[] = []): string {
  const made = stacks.map(({ name, template, parameters, tags }) => ({ name, template, parameters, tags }));
  const digests = images.flatMap(({ stack, image, digest }) => (digest === undefined ? [] : [[stack, image, digest]]));
  return shortHash(canonicalJson(digests.length === 0 ? made : { made, digests }));
}
