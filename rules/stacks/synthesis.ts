import { canonicalJson, shortHash } from '../plan/plan-hash';
import type { StackChanges } from './results';
import type { TaggedImage } from './images';

/** A stack as the CDK app synthesized it. */
export interface SynthesizedStack {
  readonly name: string;
  /** CloudFormation JSON. It names assets and container images by hash, digest or tag. */
  readonly template: unknown;
  readonly parameters: Readonly<Record<string, string | undefined>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** What a deployment would deploy and change. */
export interface Synthesis {
  /** `templateHash` of the environment's stacks. */
  readonly template: string;
  /** By following environment: the template hash that the same source gives there. */
  readonly nextTemplates: Readonly<Record<string, string>>;
  /** As in `Deployed`. */
  readonly revision?: string;
  readonly changes: readonly StackChanges[];
  /** Images named by tag without digest, as `imageWords`: they may change without a deployment. */
  readonly mutableImages: readonly string[];
  /** Why something is unknown. */
  readonly notes: readonly string[];
}

/**
 * Hash of the stacks in 12 hexadecimal characters: names, templates, parameters and tags, in deployment order, and the digests
 * behind image tags. The same source gives the same hash in every folder and on every machine, until a tag is moved.
 */
export function templateHash(stacks: readonly SynthesizedStack[], images: readonly TaggedImage[] = []): string {
  const made = stacks.map(({ name, template, parameters, tags }) => ({ name, template, parameters, tags }));
  const digests = images.flatMap(({ stack, image, digest }) => (digest === undefined ? [] : [[stack, image, digest]]));
  return shortHash(canonicalJson(digests.length === 0 ? made : { made, digests }));
}
