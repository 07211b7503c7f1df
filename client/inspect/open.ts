import { spawn } from 'node:child_process';
import { webLink } from '../temporal/connect';
import { CliError, type ExitCode } from '../terminal/cli-error';
import type { CommonOptions } from '../options';
import { defineVerb } from '../program/verb';
import { currentRollout } from '../watch/current';
import type { Target } from '../target';
import { say, warn } from '../terminal/output';

export const verb = defineVerb<CommonOptions>({
  name: 'open',
  argument: '[env]',
  group: 'Inspect',
  summary: "opens the newest rollout in Temporal's Web UI; without a display it only prints the link",
  examples: [['rollout open prod', 'its history, in the browser']],
  handler: open,
});

async function open(target: Target): Promise<ExitCode> {
  const { which, seen } = await currentRollout(target);
  const link = webLink(await target.temporal(), which.workflowId, seen.runId);
  if (link === undefined)
    throw new CliError(1, 'The address of the Web UI is not known. Set TEMPORAL_UI, or add --ui URL.');
  const command = openerOf(link, process.platform, process.env);
  const opened = target.options.json !== true && command !== undefined && (await started(command));
  say(target.options, 'open', { text: link, json: { link, opened } });
  return 0;
}

type Command = readonly [program: string, ...words: string[]];

/** What opens a link in the person's browser; undefined where there is no display. */
export function openerOf(link: string, platform: NodeJS.Platform, env: NodeJS.ProcessEnv): Command | undefined {
  if (platform === 'darwin') return ['open', link];
  if (platform === 'win32') return ['explorer.exe', link];
  const hasDisplay = [env['DISPLAY'], env['WAYLAND_DISPLAY']].some((one) => one !== undefined && one !== '');
  return hasDisplay ? ['xdg-open', link] : undefined;
}

/** The browser outlives this program. */
function started([program, ...words]: Command): Promise<boolean> {
  return new Promise((done) => {
    const child = spawn(program, words, { detached: true, stdio: 'ignore' });
    child.once('spawn', () => {
      child.unref();
      done(true);
    });
    child.once('error', (error) => {
      warn(`No browser was opened (${error.message}); the link is below.`);
      done(false);
    });
  });
}
