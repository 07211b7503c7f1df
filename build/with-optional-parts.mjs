/**
 * For an image of the worker: makes the packages of the optional parts, and the compiler that loads the sources, ordinary
 * dependencies in package.json, so that `npm ci --omit=dev` installs the versions of package-lock.json.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const COMPILER = ['esbuild', 'tsx'];
const { dependencies, devDependencies, peerDependencies, ...rest } = JSON.parse(readFileSync('package.json', 'utf8'));
const parts = [...Object.keys(peerDependencies).filter((name) => !name.startsWith('@openfeature/')), ...COMPILER];
for (const name of parts) {
  dependencies[name] = devDependencies[name];
  delete devDependencies[name];
}
writeFileSync('package.json', `${JSON.stringify({ ...rest, dependencies, devDependencies }, null, 2)}\n`);
