import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { checkAnswer } from '../answers';
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

const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');

/** The same in a terminal that has these variables. JSON is checked against the schema that it names. */
export function runWith(
  variables: NodeJS.ProcessEnv,
  program: 'rollout' | 'start-rollout',
  words: readonly string[],
): Promise<Ran> {
  const env = { ...variables, ROLLOUT_ACTOR: 'alice', NO_COLOR: '1' };
  const command = [`client/bin/${program}.cjs`, ...words];
  return new Promise((done, fail) =>
    execFile(process.execPath, command, { cwd: ROOT, env, encoding: 'utf8' }, (error, stdout, stderr) => {
      try {
        if (words.includes('--json'))
          for (const line of linesOf(stdout)) checkAnswer(JSON.parse(line) as Record<string, unknown>);
        done({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      } catch (wrong) {
        fail(wrong);
      }
    }),
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
