import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** The folder with this code: the checkout, or `dist/` of an installed package. */
export const ROOT = resolve(__dirname, '..');

/** Whether this is an installed package: it contains compiled code only. */
export const IS_INSTALLED = __filename.endsWith('.js');

/** Of the package. */
export function version(): string {
  const text = readFileSync(resolve(ROOT, IS_INSTALLED ? '../package.json' : 'package.json'), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
