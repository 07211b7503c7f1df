import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { devDependencies } from '../../../package.json';
import { type Browser, chromium } from 'playwright-core';

const ROOT = resolve(__dirname, '../../..');
/** Path of an installed Chrome or Chromium, to be used instead of the one that npm installs. */
const VARIABLE = 'ROLLOUT_CHROME';
/** The browser asks its vendor for nothing, and draws without an imitated graphics card, which takes a third of its CPU. */
const QUIET = [
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
  ...['--disable-gpu', '--disable-software-rasterizer'],
];

/**
 * A headless Chromium: the one of ROLLOUT_CHROME, else the npm package's, which is made for Linux on x64, elsewhere an
 * installed Chrome. The caller closes it.
 */
export async function startChromium(): Promise<Browser> {
  const installed = process.env[VARIABLE];
  try {
    if (installed !== undefined && installed !== '')
      return await chromium.launch({ executablePath: installed, args: QUIET });
    if (process.platform !== 'linux' || process.arch !== 'x64')
      return await chromium.launch({ channel: 'chrome', args: QUIET });
    return await chromium.launch({ executablePath: await unpacked(), args: ['--no-sandbox', ...QUIET] });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    const how = `install Chrome, set ${VARIABLE} to the path of its program, and run the test again`;
    throw new Error(`Chromium cannot start on ${process.platform} ${process.arch} (${why}): ${how}.`, { cause });
  }
}

/**
 * The package unpacks its browser into the folder for temporary files, and takes a half-written one for a whole one. So it
 * unpacks in a process and a folder of its own, which gets its final name when it is complete.
 */
async function unpacked(): Promise<string> {
  const folder = join(ROOT, '.sandbox', `chromium-${devDependencies['@sparticuz/chromium']}`);
  const program = join(folder, 'chromium');
  if (existsSync(program)) return program;
  mkdirSync(join(ROOT, '.sandbox'), { recursive: true });
  const fresh = mkdtempSync(`${folder}-`);
  const script = `require('@sparticuz/chromium').executablePath()`;
  try {
    await promisify(execFile)(process.execPath, ['-e', script], { cwd: ROOT, env: { ...process.env, TMPDIR: fresh } });
    renameSync(fresh, folder);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    // Another test file was quicker.
    if (!existsSync(program)) throw error;
  }
  return program;
}
