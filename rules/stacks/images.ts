import { partitionOf } from '../partition';
import { mutableImages } from './mutable-images';

/** An image that a template names by tag, without a digest. */
export interface TaggedImage {
  readonly stack: string;
  /** Unknown references are shown as `${LogicalId}`. */
  readonly image: string;
  /** The digest behind the tag, as `sha256:…`; absent when unknown. */
  readonly digest?: string;
  /** Why the digest is unknown. */
  readonly why?: string;
}

/** Place of an image in ECR. */
export interface EcrImage {
  readonly account: string;
  readonly region: string;
  readonly repository: string;
  readonly tag: string;
}

/** Values for a template's references. */
export interface Surroundings {
  readonly account: string;
  readonly region: string;
  readonly parameters: Readonly<Record<string, string | undefined>>;
}

const SHOWN_OF_DIGEST = 'sha256:'.length + 12;
const shown = (digest: string): string => digest.slice(0, SHOWN_OF_DIGEST);

/** Images named by tag, with known references filled in. */
export function taggedImages(
  stack: string,
  template: string,
  { account, region, parameters }: Surroundings,
): readonly TaggedImage[] {
  const known: Readonly<Record<string, string | undefined>> = {
    ...parameters,
    ...{ 'AWS::AccountId': account, 'AWS::Region': region, 'AWS::URLSuffix': partitionOf(region).domain },
  };
  const filled = mutableImages(template).map((image) =>
    image.replace(/\$\{([^}]+)\}/g, (reference, name: string) => known[name] ?? reference),
  );
  // A filled-in reference may name a digest.
  return [...new Set(filled)].filter((image) => !image.includes('@sha256:')).map((image) => ({ stack, image }));
}

/** Undefined for an image of another registry, or if part of its name is unknown. */
export function ecrImage(image: string): EcrImage | undefined {
  const named = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.([a-z0-9.-]+)\/([^:@$…]+)(?::([^:@$…]+))?$/.exec(image);
  if (named === null) return undefined;
  const [, account = '', region = '', domain, repository = '', tag = 'latest'] = named;
  if (domain !== partitionOf(region).domain) return undefined;
  return { account, region, repository, tag };
}

/** `ShopStack: repo:main, now sha256:0123456789ab`, or why it could not be resolved. */
export function imageWords({ stack, image, digest, why }: TaggedImage): string {
  const name = `${stack}: ${image}`;
  if (digest !== undefined) return `${name}, now ${shown(digest)}`;
  return why === undefined ? name : `${name}, NOT RESOLVED to a digest: ${why}`;
}

/** One sentence for each image whose tag means another digest than before; none for unknown digests. */
export function movedImages(before: readonly TaggedImage[], now: readonly TaggedImage[]): readonly string[] {
  return before.flatMap(({ stack, image, digest }) => {
    const found = now.find((one) => one.stack === stack && one.image === image);
    if (digest === undefined || found?.digest === digest) return [];
    const meant = `${stack}: ${image} meant ${shown(digest)} before the last deployment`;
    if (found?.digest !== undefined)
      return [`${meant} and means ${shown(found.digest)} now: deploying the template restores the tag, not that image`];
    return [`${meant}; what it means now is NOT KNOWN: ${found?.why ?? 'it was not read'}`];
  });
}
