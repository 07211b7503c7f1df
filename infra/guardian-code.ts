import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { buildSync } from 'esbuild';

/** Where `npm run build` puts the function's code in the package. */
const BUILT = join(__dirname, 'guardian');

/**
 * Gives `use` a folder with `index.js`, the only code of the guardian's function, and with settings that are too long for a variable. A
 * checkout bundles the code from the source; the package contains it. Needs no download; the same sources give the same bytes.
 */
export function withGuardianCode<T>(settings: string | undefined, use: (folder: string) => T): T {
  const isBuilt = existsSync(join(BUILT, 'index.js'));
  if (isBuilt && settings === undefined) return use(BUILT);
  const folder = mkdtempSync(join(tmpdir(), 'guardian-'));
  try {
    if (isBuilt) copyFileSync(join(BUILT, 'index.js'), join(folder, 'index.js'));
    else bundleGuardian(folder);
    if (settings !== undefined) writeFileSync(join(folder, 'settings.json'), settings);
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Writes `index.js` into the folder. */
export function bundleGuardian(folder: string): void {
  const esbuild = require('esbuild') as { readonly buildSync: typeof buildSync };
  esbuild.buildSync({
    // Its comments name files relative to this folder.
    absWorkingDir: resolve(__dirname, '..'),
    entryPoints: [join(__dirname, 'guardian-handler.ts')],
    outfile: join(folder, 'index.js'),
    bundle: true,
    platform: 'node',
    target: 'node22',
    external: ['@aws-sdk/*'],
    logLevel: 'warning',
  });
}
