/**
 * `node --require ./register.cjs FILE`: compiles each TypeScript file when it is loaded, and keeps the result in `.sandbox/compiled/`, so that the
 * next process only reads it. `tsx` does the same, but also reads and checks every file of every package, which is half of a short command's time.
 * Types are not checked here.
 */
const { createHash } = require('node:crypto');
const { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const { dirname, isAbsolute, join, relative } = require('node:path');

/** People start these programs in a fresh clone too, and after an update or an install that was cut off. */
function endToInstall(why) {
  const where = process.cwd() === __dirname ? '' : ` in ${__dirname}`;
  const remedy = `run \`npm install\`${where}, or \`npm start\`${where}, which also starts the sandbox`;
  process.stderr.write(`${why}: ${remedy}.\n`);
  process.exit(1);
}

function compilerVersion() {
  try {
    return JSON.parse(readFileSync(require.resolve('esbuild/package.json'), 'utf8')).version;
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    return endToInstall('Nothing is installed yet');
  }
}

const FOLDER = join(__dirname, '.sandbox', 'compiled');
const version = compilerVersion();
const OPTIONS = {
  loader: 'ts',
  format: 'cjs',
  target: 'node20',
  sourcemap: 'inline',
  sourcesContent: false,
  // Node would load a second copy of a package that has one for `import` and one for `require`.
  supported: { 'dynamic-import': false },
};

/** A result is used only for the source and the compiler that it was made from: its last line has their hash. */
function compiled(file) {
  const source = readFileSync(file, 'utf8');
  const hash = createHash('sha256')
    .update(JSON.stringify([version, OPTIONS, file, source]))
    .digest('hex');
  const end = `\n//${hash}\n`;
  const place = join(FOLDER, `${relative(__dirname, file).replaceAll(/[^\w.-]/g, '+')}.js`);
  const kept = read(place);
  if (kept?.endsWith(end)) return kept;
  const code = require('esbuild').transformSync(source, { ...OPTIONS, sourcefile: file }).code + end;
  keep(place, code);
  return code;
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** In one step, since other processes read it meanwhile. A folder that cannot be written, as in a container, only costs time. */
function keep(place, code) {
  const unfinished = `${place}.${process.pid}`;
  try {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(unfinished, code);
    renameSync(unfinished, place);
  } catch {
    // Compiled again by the next process.
  }
}

/**
 * Among files of one name beside each other, TypeScript means the one in TypeScript; Node would take a `.json` first. Ends the
 * process when a package that one of our files needs is not installed.
 */
function withTypeScriptFirst(resolve) {
  return function resolveFilename(request, parent, ...rest) {
    if (!parent?.filename?.endsWith('.ts')) return resolve.call(this, request, parent, ...rest);
    if (request.startsWith('.')) {
      const file = `${join(dirname(parent.filename), request)}.ts`;
      return existsSync(file) ? file : resolve.call(this, request, parent, ...rest);
    }
    try {
      return resolve.call(this, request, parent, ...rest);
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND' || isAbsolute(request)) throw error;
      return endToInstall(`The package ${request} is not installed`);
    }
  };
}

if (process.features.require_module) {
  process.setSourceMapsEnabled(true);
  Module._resolveFilename = withTypeScriptFirst(Module._resolveFilename);
  Module._extensions['.ts'] = (module, file) => module._compile(compiled(file), file);
} else {
  // Before 20.19, Node cannot require packages that are ES modules only.
  require('tsx/cjs');
}
