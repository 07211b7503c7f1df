/** `npm run size [-- FOLDER]`: what an installed package takes on the disk, and its ten largest packages, in MB of used blocks. */
import { lstatSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const folder = join(resolve(process.argv[2] ?? '.'), 'node_modules');
const BLOCK_BYTES = 512;

function bytesOf(path, skip = () => false) {
  const { blocks } = lstatSync(path);
  const entries = lstatSync(path).isDirectory() ? readdirSync(path).filter((name) => !skip(name)) : [];
  return blocks * BLOCK_BYTES + entries.reduce((sum, name) => sum + bytesOf(join(path, name)), 0);
}

const names = readdirSync(folder).flatMap((name) =>
  name.startsWith('@') ? readdirSync(join(folder, name)).map((inner) => `${name}/${inner}`) : [name],
);
const packages = names.filter((name) => !name.startsWith('.')).map((name) => [name, bytesOf(join(folder, name))]);
const mb = (bytes) => (bytes / 1e6).toFixed(1).padStart(8);
for (const [name, bytes] of packages.sort(([, a], [, b]) => b - a).slice(0, 10))
  console.log(`${mb(bytes)} MB  ${name}`);
console.log(`${mb(bytesOf(folder))} MB  ${packages.length} packages in ${folder}`);
