import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import type { CommanderError } from 'commander';
import { CUT, documentedCommands } from './documented-commands';
import type { CommandRan } from './processes/run-commands';
import type { RunningSandbox } from './processes/running-sandbox';
import { parsed } from './typed-commands';

const ROOT = resolve(__dirname, '../..');

/** Commands that are only parsed (`test/rules/client/commands-of-documents.test.ts`), by how they begin, and why. */
export const ONLY_PARSED: readonly (readonly [begins: string, why: string])[] = [
  ['start-rollout', 'starts: e2e/cli, aws/client/adopt'],
  ['rollout start', 'starts: e2e/cli'],
  ['rollout adopt', 'needs a flag whose rollout is lost: aws/client/lost-temporal'],
  ['rollout abort', 'ends a rollout: e2e/cli, e2e/cli-verbs'],
  ['rollout approve', 'needs a raise that waits: e2e/cli-verbs'],
  ['rollout reject', 'needs a raise that waits: e2e/cli-verbs'],
  ['rollout promote', 'changes a rollout: e2e/judgement, e2e/cli-verbs'],
  ['rollout skip', 'changes a rollout: e2e/cli-verbs'],
  ['rollout extend', 'changes a rollout: e2e/cli-verbs'],
  ['rollout pause', 'changes a rollout: e2e/cli'],
  ['rollout resume', 'changes a rollout, or needs an outside change: e2e/cli'],
  ['rollout freeze', 'changes every environment: e2e/cli-verbs'],
  ['rollout unfreeze', 'changes every environment: e2e/cli-verbs'],
  ['rollout check prod health', 'a check of the plan on the page: workflows/client/check'],
  ['rollout notify', 'needs channels: workflows/client/notify'],
  ['rollout init', 'asks at a terminal, or reads the alarms of an account: rules/client/init, aws/client/adopt'],
  ['rollout setup', 'takes a deployment of CloudFormation, or asks for one: e2e/setup, aws/client/adopt'],
  ['rollout deploy', 'deploys: e2e/deploy'],
  ['rollout verify', 'takes as long as jobs: e2e/verify'],
  ['rollout release', 'deploys: e2e/cli-verbs'],
  ['rollout rollback', 'ends a rollout, or takes stacks back: e2e/deploy, e2e/nextflow, e2e/failed-deploy'],
  ['rollout findings', 'needs a rollback to the fallback: e2e/nextflow'],
  ['rollout flags set', 'writes 0 % past the rollout: aws/activities/break-glass'],
  ['rollout flags init', 'makes a parameter: aws/activities/break-glass'],
  ['rollout flags release-owner', 'needs an owner that is gone: e2e/cli-verbs'],
  ['rollout workers --', 'changes the current build: aws/worker/upgrade'],
  ['rollout watch', 'lasts as long as the rollout: e2e/cli'],
  ['rollout ui', 'lasts until Ctrl-C: aws/client'],
  ['rollout history prod --verify', 'needs a plan with an audit record: workflows/audit'],
];

const reasonFor = (command: string): string | undefined =>
  ONLY_PARSED.find(([begins]) => command === begins || command.startsWith(begins))?.[1];

/** A sentence cuts a command, and some of what it names is a word for something. */
function isWhole(words: readonly string[]): boolean {
  try {
    parsed(words);
    return true;
  } catch (error) {
    if (CUT.includes((error as CommanderError).code)) return false;
    throw error;
  }
}

export const shown = new Map(documentedCommands.map(([, command, { words }]) => [command, words]));
/** Those that only show something. */
export const toRun = [...shown].filter(([command, words]) => reasonFor(command) === undefined && isWhole(words));

/** Beside a sandbox in which a rollout of prod runs. */
export function runDocumented(sandbox: RunningSandbox, cwd: string): Promise<readonly CommandRan[]> {
  const commands = toRun.map(([, words]) => (words.includes('--help') ? words : [...words, '--sandbox']));
  return new Promise((done, fail) => {
    const file = join(ROOT, 'test/helpers/processes/run-commands.ts');
    const env = { ...sandbox.env, ROLLOUT_ACTOR: 'alice', NO_COLOR: '1' };
    const child = spawn(process.execPath, ['--require', join(ROOT, 'register.cjs'), file], { cwd, env });
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (printed += text));
    child.once('close', () => {
      try {
        done(JSON.parse(printed) as readonly CommandRan[]);
      } catch {
        fail(new Error(printed));
      }
    });
    child.stdin.end(JSON.stringify(commands));
  });
}
