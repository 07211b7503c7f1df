import { parseTemplate } from './template';

/**
 * Container images in a CloudFormation template that are named by tag, without a digest: they can change without a
 * deployment, and deploying the template again does not restore the old image. References are shown as `${LogicalId}`.
 */
export function mutableImages(template: string): readonly string[] {
  const found = new Set<string>();
  try {
    collect(parseTemplate(template), found);
  } catch {
    // CloudFormation accepted the template, but it cannot be parsed here: report what looks like an image.
    for (const [, image = ''] of template.matchAll(/^\s*-?\s*Image(?:Uri)?:\s*["']?([^\s"'{]+)/gim)) found.add(image);
  }
  return [...found].filter((image) => image !== '' && !image.includes('@sha256:')).sort();
}

function collect(value: unknown, found: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    const text = /^image(uri)?$/i.test(key) ? textOf(inner) : undefined;
    if (text === undefined) collect(inner, found);
    else found.add(text);
  }
}

/** A string or a join of strings; undefined for a structure that is not an image name. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { 'Fn::Join': join, 'Fn::Sub': sub, Ref: ref } = value as Record<string, unknown>;
  if (typeof ref === 'string') return `\${${ref}}`;
  if (typeof sub === 'string') return sub;
  if (!Array.isArray(join) || !Array.isArray(join[1])) return undefined;
  const parts = join[1].map((part: unknown) => textOf(part) ?? '…');
  return parts.join(typeof join[0] === 'string' ? join[0] : '');
}
