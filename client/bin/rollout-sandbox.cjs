#!/usr/bin/env node
/** The sandbox in the current folder: the set-up of `.sandbox/`, then what `npm start` runs in a checkout. */
const { spawnSync } = require('node:child_process');
const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { code, load } = require('./load.cjs');

/** Of the package; a checkout has every package, and compiles those that are ES modules only. */
const { optional } = require(join(code, 'package.json'));
if (optional !== undefined && !process.features.require_module) {
  process.stderr.write(
    `The sandbox needs a Node that can require ES modules, 20.19 or 22.12 and newer; this is ${process.version}.\n`,
  );
  process.exit(1);
}

/** Before anything is downloaded. */
function missingPackages() {
  const isThere = (name) => module.paths.some((folder) => existsSync(join(folder, name)));
  return Object.entries(optional?.sandbox ?? {}).filter(([name]) => !isThere(name));
}

const missing = missingPackages();
if (missing.length > 0) {
  const words = missing.map(([name, version]) => `${name}@${version}`);
  process.stderr.write(`The sandbox needs more packages: run \`npm install --save-dev ${words.join(' ')}\`.\n`);
  process.exit(1);
}
const setUp = [join(code, 'sandbox/setup.mjs'), process.cwd()];
const { status } = spawnSync(process.execPath, setUp, { stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);
load('sandbox/start.ts');
