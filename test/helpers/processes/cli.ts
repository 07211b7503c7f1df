import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { RunningSandbox } from './running-sandbox';

const ROOT = resolve(__dirname, '../../..');

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one of the programs as in a terminal beside the sandbox. */
export const runIn = (
  { env }: RunningSandbox,
  program: 'rollout' | 'start-rollout',
  words: readonly string[],
): Promise<Ran> => runWith(env, program, words);

/** The same in a terminal that has these variables. */
export function runWith(
  variables: NodeJS.ProcessEnv,
  program: 'rollout' | 'start-rollout',
  words: readonly string[],
): Promise<Ran> {
  const env = { ...variables, ROLLOUT_ACTOR: 'alice', NO_COLOR: '1' };
  const command = [`client/bin/${program}.cjs`, ...words];
  return new Promise((done) =>
    execFile(process.execPath, command, { cwd: ROOT, env, encoding: 'utf8' }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    ),
  );
}

/** The plan without the alarm push: each test has an account of its own, and its queue would not be there. */
export const withoutPush = (text: string): string => text.replaceAll(/^ *(pushQueue:|events: true).*\n/gm, '');

/** The sandbox's plan, changed and put beside the system's temporary files; what it names beside itself is still found. */
export function changedPlan(name: string, change: (text: string) => string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'rollout-plan-')), name);
  const plans = join(ROOT, 'plans');
  const changed = change(readFileSync(join(plans, 'sandbox.yaml'), 'utf8'))
    .replace('directory: ..', `directory: ${ROOT}`)
    .replaceAll(/(?<= )pavi-[\w-]+\.(?:json|aln)/g, (file) => join(plans, file));
  writeFileSync(path, changed);
  return path;
}
