import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { buildSync } from 'esbuild';

/** Where `npm run build` puts the function's code in the package. */
const BUILT = join(__dirname, 'guardian');

/**
 * Gives `use` a folder with `index.js`, the only file of the guardian's function. A checkout bundles it from the source; the package
 * contains it. Needs no download; the same sources give the same bytes.
 */
export function withGuardianCode<T>(use: (folder: string) => T): T {
  if (existsSync(join(BUILT, 'index.js'))) return use(BUILT);
  const folder = mkdtempSync(join(tmpdir(), 'guardian-'));
  try {
    bundleGuardian(folder);
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
