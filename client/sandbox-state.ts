import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Failure } from './failure';

export const PROJECT_ROOT = resolve(__dirname, '..');

export interface SandboxTemporal {
  readonly address: string;
  readonly namespace: string;
  /** Address of the Web UI. */
  readonly ui: string;
}

/** Where the running sandbox says its Temporal is. Throws a Failure when none is running. */
export function sandboxTemporal(): SandboxTemporal {
  const temporal = runningSandbox()?.temporal;
  if (temporal === undefined)
    throw new Failure(1, 'No sandbox is running. Start one in another terminal with `npm start`, then try again.');
  return temporal;
}

/** Where the sample API of an environment listens: a port that was chosen at the sandbox's start, so no plan can name it. */
export function sandboxApi(environment: string): string | undefined {
  return runningSandbox()?.api?.[environment];
}

interface SandboxState {
  readonly pid?: number;
  readonly temporal?: SandboxTemporal;
  readonly api?: Readonly<Record<string, string>>;
}

function runningSandbox(): SandboxState | undefined {
  const folder = process.env['ROLLOUT_SANDBOX_STATE'] ?? resolve(PROJECT_ROOT, '.sandbox/state');
  const state = readState(resolve(folder, 'sandbox.json'));
  return isRunning(state?.pid) ? state : undefined;
}

function readState(path: string): SandboxState | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as SandboxState;
  } catch {
    return undefined;
  }
}

/** A file may be left by a sandbox that was killed. */
function isRunning(pid: number | undefined): boolean {
  if (pid === undefined) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
