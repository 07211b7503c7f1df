const { existsSync } = require('node:fs');
const { join } = require('node:path');

// The versions of the SDK are pinned: which Node later ones will need is no news for the person who types a verb.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

// A shell may be in a folder that was deleted since: neither the programs nor their libraries could then ask where they are.
try {
  process.cwd();
} catch {
  process.chdir('/');
  console.error('The current folder was deleted: relative paths begin at / now. Change to another folder.');
}

const here = join(__dirname, '../..');
/** Where the code is: beside this folder in a checkout and in `dist/`, and in `dist/` for the package's own programs. */
const code = existsSync(join(here, 'register.cjs')) ? here : join(here, 'dist');
require(join(code, 'register.cjs'));

/** Loads a file by its name in the source: compiled while loading in a checkout, compiled already in the package. */
exports.load = (file) => require(join(code, file));
exports.code = code;
