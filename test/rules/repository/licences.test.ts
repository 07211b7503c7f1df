import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

interface Locked {
  readonly license?: string;
  readonly dev?: boolean;
}

const ROOT = resolve(__dirname, '../../..');
const { packages } = JSON.parse(readFileSync(resolve(ROOT, 'package-lock.json'), 'utf8')) as {
  readonly packages: Readonly<Record<string, Locked>>;
};

/** What goes well with Apache-2.0 in a package that others install. */
const ALLOWED = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT'];
/** Packages whose `package.json` names none, by the file LICENSE in them. */
const BY_FILE: Readonly<Record<string, string>> = { jstat: 'MIT' };

const nameOf = (path: string): string => path.split('node_modules/').at(-1) ?? path;
const shipped = Object.entries(packages).filter(([path, { dev }]) => path !== '' && dev !== true);
const licenceOf = (path: string, { license }: Locked): string => license ?? BY_FILE[nameOf(path)] ?? 'none';

it('every package that is installed with this one has a licence that goes with it', () => {
  expect(shipped.length).toBeGreaterThan(80);
  const other = shipped
    .map(([path, locked]) => [nameOf(path), licenceOf(path, locked)] as const)
    .filter(([, licence]) => !licence.split(' AND ').every((one) => ALLOWED.includes(one)));
  expect(other).toEqual([]);
});

it.each(Object.entries(BY_FILE))('%s has the licence %s in its file', (name, licence) =>
  expect(readFileSync(resolve(ROOT, 'node_modules', name, 'LICENSE'), 'utf8')).toContain(licence),
);
