import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { IS_INSTALLED, ROOT } from '../installed';
import { CliError } from '../terminal/cli-error';

export interface SandboxTemporal {
  readonly address: string;
  readonly namespace: string;
  /** Address of the Web UI. */
  readonly ui: string;
}

/** Where the running sandbox's Temporal is. Throws a Failure when none is running. */
export function sandboxTemporal(): SandboxTemporal {
  const temporal = runningSandbox()?.temporal;
  if (temporal === undefined) throw notRunning();
  return temporal;
}

/** Where the sample API of an environment listens. The sandbox chooses the port at its start, so no plan can name it. */
export function sandboxApi(environment: string): string | undefined {
  return runningSandbox()?.api?.[environment];
}

/** Where the sandbox's AWS is, as environment variables for the AWS SDK. Throws a Failure when none is running. */
function sandboxAws(): Readonly<Record<string, string>> {
  const aws = runningSandbox()?.aws;
  if (aws === undefined) throw notRunning();
  return {
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_CONFIG_FILE: aws.configFile,
    AWS_SHARED_CREDENTIALS_FILE: aws.credentialsFile,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/** In the sandbox, no setting of the shell for a real account may apply; those of the SDK itself (`AWS_SDK_JS_…`) name none. */
export function useSandboxAws(): void {
  const settings = sandboxAws();
  for (const name of Object.keys(process.env)) if (/^AWS_(?!SDK_JS_)/.test(name)) delete process.env[name];
  Object.assign(process.env, settings);
}

const notRunning = (): CliError =>
  new CliError(1, 'No sandbox is running. Start one in another terminal with `npm start`, then try again.');

interface SandboxState {
  readonly pid?: number;
  readonly temporal?: SandboxTemporal;
  readonly api?: Readonly<Record<string, string>>;
  readonly aws?: { readonly endpoint: string; readonly configFile: string; readonly credentialsFile: string };
}

function runningSandbox(): SandboxState | undefined {
  const folder = process.env['ROLLOUT_SANDBOX_STATE'] ?? join(sandboxHome(), '.sandbox/state');
  const state = readState(resolve(folder, 'sandbox.json'));
  return isRunning(state?.pid) ? state : undefined;
}

/** A checkout has its own sandbox; that of an installed package belongs to the folder it was started in, here or above. */
function sandboxHome(): string {
  if (!IS_INSTALLED) return ROOT;
  const here = process.cwd();
  for (let at = here; ; at = dirname(at)) {
    if (existsSync(join(at, '.sandbox/state/sandbox.json'))) return at;
    if (at === dirname(at)) return here;
  }
}

function readState(path: string): SandboxState | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as SandboxState;
  } catch {
    return undefined;
  }
}

/** A killed sandbox leaves its file behind. */
function isRunning(pid: number | undefined): boolean {
  if (pid === undefined) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
