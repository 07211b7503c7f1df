import { CommanderError } from 'commander';
import { Failure } from './failure';
import type { ExitCode } from './failure';
import { warn } from './output';
import { program } from './program';
import type { ProgramName } from './program';

/** The two programs of the operator; sets the exit code of the process. */
export async function main(name: ProgramName): Promise<void> {
  process.exitCode = await run(name, process.argv.slice(2));
}

async function run(name: ProgramName, words: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const command = program(name, (code) => (exitCode = code));
  for (const one of [command, ...command.commands]) one.exitOverride();
  try {
    await command.parseAsync([...words], { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has already said what was wrong. Help that was asked for is no error.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return failed(error, words);
  }
}

function failed(error: unknown, words: readonly string[]): ExitCode {
  const failure =
    error instanceof Failure ? error : new Failure(1, error instanceof Error ? error.message : String(error));
  if (words.includes('--debug') && !(error instanceof Failure)) warn(error instanceof Error ? (error.stack ?? '') : '');
  warn(failure.message);
  if (words.includes('--json')) {
    const answer = { error: failure.message, exitCode: failure.exitCode, ...failure.facts };
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
  return failure.exitCode;
}
