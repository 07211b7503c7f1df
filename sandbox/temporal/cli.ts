import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, UserError } from '../process/user-error';
import { SANDBOX } from '../process/state-folder';
import { versions } from '../versions';

export interface TemporalCli {
  readonly command: string;
  /** Its origin, for display. */
  readonly from: string;
}

/** The `temporal` command: the one on PATH, else the one of the set-up, else the one that the Temporal SDK downloads. */
export async function findTemporalCli(): Promise<TemporalCli> {
  if (answers('temporal')) return { command: 'temporal', from: 'temporal on PATH' };
  const installed = join(SANDBOX, 'venv-temporal', 'bin', 'temporal');
  if (answers(installed)) return { command: installed, from: `the set-up's ${versions().temporalBin}` };
  return { command: await download(), from: "the Temporal SDK's download" };
}

const answers = (command: string): boolean => spawnSync(command, ['--version'], { timeout: 60_000 }).status === 0;

/** The SDK downloads only to start a server of its own, so one is started for a moment. */
async function download(): Promise<string> {
  const downloadDir = join(SANDBOX, 'temporal-download');
  mkdirSync(downloadDir, { recursive: true });
  try {
    const { TestWorkflowEnvironment } = await import('@temporalio/testing');
    const executable = {
      type: 'cached-download',
      version: `v${versions().temporalBin}`,
      downloadDir,
      ttl: '365d',
    } as const;
    const started = await TestWorkflowEnvironment.createLocal({ server: { executable } });
    await started.teardown();
  } catch (error) {
    const why = messageOf(error);
    throw new UserError(
      `No Temporal server was found, and none could be downloaded: ${why}\nRun \`npm run setup\`, or set TEMPORAL_ADDRESS.`,
    );
  }
  const found = readdirSync(downloadDir)
    .map((name) => join(downloadDir, name))
    .find(answers);
  if (found === undefined || !existsSync(found))
    throw new UserError(`The download of Temporal left no command in ${downloadDir}.`);
  return found;
}
