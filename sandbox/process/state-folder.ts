import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { IS_INSTALLED, ROOT } from '../../client/installed';

/** `.sandbox/` of the checkout; that of an installed package is in the folder of its user. */
export const SANDBOX = join(IS_INSTALLED ? process.cwd() : ROOT, '.sandbox');

/** With the emulator's packages. */
export const PYTHON = join(SANDBOX, 'venv-aws', 'bin', 'python');

/** What the running sandbox publishes for other programs, in `sandbox.json` of its state folder. */
export interface SandboxInfo {
  readonly pid: number;
  readonly temporal: { readonly address: string; readonly namespace: string; readonly ui: string };
  readonly aws: { readonly endpoint: string; readonly configFile: string; readonly credentialsFile: string };
  /** Addresses of the sample APIs, without `/api`, by environment. */
  readonly api: Readonly<Record<string, string>>;
  readonly workerPid: number;
}

export interface StateFolder {
  /** Cleared at each start. ROLLOUT_SANDBOX_STATE names another one, for a second sandbox beside the first. */
  readonly path: string;
  /** Kept over starts, so that errors can be read afterwards. */
  readonly logs: string;
}

export function stateFolder(): StateFolder {
  const named = process.env['ROLLOUT_SANDBOX_STATE'] ?? '';
  if (named !== '') return { path: resolve(named), logs: `${resolve(named)}-logs` };
  return { path: join(SANDBOX, 'state'), logs: join(SANDBOX, 'logs') };
}

export function readInfo({ path }: StateFolder): SandboxInfo | undefined {
  return readJson<SandboxInfo>(join(path, 'sandbox.json'));
}

export function writeInfo({ path }: StateFolder, info: SandboxInfo): void {
  writeWhole(join(path, 'sandbox.json'), JSON.stringify(info, null, 2));
}

export function removeInfo({ path }: StateFolder): void {
  rmSync(join(path, 'sandbox.json'), { force: true });
}

export function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Readers see the old or the new text, never a part of it. */
export function writeWhole(file: string, text: string): void {
  mkdirSync(resolve(file, '..'), { recursive: true });
  writeFileSync(`${file}.${process.pid}`, text);
  renameSync(`${file}.${process.pid}`, file);
}
