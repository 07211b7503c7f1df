import { mutableImages } from './mutable-images';

/** An image that a tag names and no digest, as a template has it. */
export interface TaggedImage {
  readonly stack: string;
  /** References that nobody knows are shown as `${LogicalId}`. */
  readonly image: string;
  /** What the tag means, as `sha256:…`; absent when that is not known. */
  readonly digest?: string;
  /** Why it is not known. */
  readonly why?: string;
}

/** Where ECR has it. */
export interface EcrImage {
  readonly account: string;
  readonly region: string;
  readonly repository: string;
  readonly tag: string;
}

/** What a template's references stand for. */
export interface Surroundings {
  readonly account: string;
  readonly region: string;
  readonly parameters: Readonly<Record<string, string | undefined>>;
}

const SHOWN_OF_DIGEST = 'sha256:'.length + 12;
const shown = (digest: string): string => digest.slice(0, SHOWN_OF_DIGEST);

/** Images that a tag names, with what is known of their references put in. */
export function taggedImages(
  stack: string,
  template: string,
  { account, region, parameters }: Surroundings,
): readonly TaggedImage[] {
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const known: Readonly<Record<string, string | undefined>> = {
    ...parameters,
    ...{ 'AWS::AccountId': account, 'AWS::Region': region, 'AWS::URLSuffix': suffix },
  };
  const filled = mutableImages(template).map((image) =>
    image.replace(/\$\{([^}]+)\}/g, (reference, name: string) => known[name] ?? reference),
  );
  // A reference may turn out to name a digest.
  return [...new Set(filled)].filter((image) => !image.includes('@sha256:')).map((image) => ({ stack, image }));
}

/** Undefined for an image of another registry, and for one whose name is not known whole. */
export function ecrImage(image: string): EcrImage | undefined {
  const named = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/([^:@$…]+)(?::([^:@$…]+))?$/.exec(image);
  if (named === null) return undefined;
  const [, account = '', region = '', repository = '', tag = 'latest'] = named;
  return { account, region, repository, tag };
}

/** `PaviStack: repo:main, now sha256:0123456789ab`; what could not be resolved says so. */
export function imageWords({ stack, image, digest, why }: TaggedImage): string {
  const name = `${stack}: ${image}`;
  if (digest !== undefined) return `${name}, now ${shown(digest)}`;
  return why === undefined ? name : `${name}, NOT RESOLVED to a digest: ${why}`;
}

/** Images whose tags mean something else than they did, as sentences; silent about what was or is not known. */
export function movedImages(before: readonly TaggedImage[], now: readonly TaggedImage[]): readonly string[] {
  return before.flatMap(({ stack, image, digest }) => {
    const found = now.find((one) => one.stack === stack && one.image === image);
    if (digest === undefined || found?.digest === digest) return [];
    const meant = `${stack}: ${image} meant ${shown(digest)} before the last deployment`;
    if (found?.digest !== undefined)
      return [`${meant}, and means ${shown(found.digest)} now: the template brings the tag back, not that image`];
    return [`${meant}; what it means now is not known: ${found?.why ?? 'it was not looked at'}`];
  });
}
