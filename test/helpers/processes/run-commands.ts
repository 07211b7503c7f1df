/**
 * Runs command lines one after the other as the programs do, in one process: to start a process for each takes most of its time. From standard
 * input it reads them as JSON, and it prints what became of each.
 */
import { readFileSync, writeSync } from 'node:fs';
import type { Command } from 'commander';
import { program } from '../../../client/program/program';

export interface CommandRan {
  readonly words: readonly string[];
  readonly code: number;
  readonly printed: string;
}

async function ran([name = '', ...words]: readonly string[]): Promise<CommandRan> {
  let code = 0;
  let printed = '';
  const keep = (text: string | Uint8Array): boolean => {
    printed += String(text);
    return true;
  };
  process.stdout.write = keep;
  process.stderr.write = keep;
  try {
    const command = program(name as 'rollout', (exitCode) => (code = exitCode), words);
    const strict = (one: Command): void => void one.exitOverride().commands.forEach(strict);
    strict(command);
    await command.parseAsync([...words], { from: 'user' });
  } catch (error) {
    code = (error as { readonly exitCode?: number }).exitCode ?? 1;
    printed += error instanceof Error ? error.message : String(error);
  }
  return { words: [name, ...words], code, printed };
}

async function main(): Promise<void> {
  const ends: CommandRan[] = [];
  for (const words of JSON.parse(readFileSync(0, 'utf8')) as readonly (readonly string[])[])
    ends.push(await ran(words));
  writeSync(1, JSON.stringify(ends));
  process.exit();
}

void main();
