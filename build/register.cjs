/**
 * `node --require ./register.cjs FILE.ts` in the package, where `npm run build` has compiled every file: plans and programs name the
 * sources, and this finds the compiled ones. It says in one line which package of an optional part is missing.
 */
const Module = require('node:module');
const { isAbsolute, join, sep } = require('node:path');

const INSIDE = __dirname + sep;
/** This one says it itself: a worker without a part still does the rest of its work. */
const ASKS = join(__dirname, 'activities/optional-packages.js');
const { optional } = require('./package.json');

function endToInstall(name) {
  // The part `sandbox` holds the other ones.
  const wanted = Object.values(optional).find((part) => part[name] !== undefined) ?? optional.sandbox;
  const words = Object.entries(wanted).map(([one, version]) => `${one}@${version}`);
  process.stderr.write(`The package ${name} is not installed: run \`npm install ${words.join(' ')}\`.\n`);
  process.exit(1);
}

const resolve = Module._resolveFilename;
Module._resolveFilename = function resolveFilename(request, parent, ...rest) {
  try {
    return resolve.call(this, request, parent, ...rest);
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    if (request.endsWith('.ts')) return resolve.call(this, request.replace(/\.ts$/, '.js'), parent, ...rest);
    const from = parent?.filename ?? '';
    if (request.startsWith('.') || isAbsolute(request) || !from.startsWith(INSIDE) || from === ASKS) throw error;
    const [scope, name] = request.split('/');
    return endToInstall(request.startsWith('@') ? `${scope}/${name}` : scope);
  }
};
