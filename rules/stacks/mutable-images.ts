import { parseTemplate } from './template';

/**
 * Container images in a CloudFormation template that a tag names and no digest: what runs can change without a
 * deployment, and deploying the template again does not bring the old image back. References are shown as `${LogicalId}`.
 */
export function mutableImages(template: string): readonly string[] {
  const found = new Set<string>();
  try {
    collect(parseTemplate(template), found);
  } catch {
    // CloudFormation took it, and nobody can read it: report what looks like an image.
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

/** A string, or what joins to one; undefined for a structure that is no image's name. */
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
