import type { Command } from 'commander';
import { CommanderError } from 'commander';
import { CliError } from './terminal/cli-error';
import type { ExitCode } from './terminal/cli-error';
import { jsonLine, outliveReaders, stackOf, warn, withOutput } from './terminal/output';
import { program } from './program/program';
import type { ProgramName } from './program/program';

/** Runs one of the operator's two programs and sets the exit code of the process. */
export async function main(name: ProgramName): Promise<void> {
  outliveReaders();
  process.exitCode = withOutput(await run(name, process.argv.slice(2)));
}

async function run(name: ProgramName, words: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const command = program(name, (code) => (exitCode = code), words);
  for (const one of withAllBelow(command)) one.exitOverride();
  try {
    await command.parseAsync([...words], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return misused(error, words);
    return failed(error, words);
  }
}

function withAllBelow(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withAllBelow)];
}

function failed(error: unknown, words: readonly string[]): ExitCode {
  const failure =
    error instanceof CliError ? error : new CliError(1, error instanceof Error ? error.message : String(error));
  if (words.includes('--debug') && !(error instanceof CliError)) warn(stackOf(error));
  if (failure.unsaid !== '') warn(failure.unsaid);
  return answered(failure, words);
}

/** Commander has already printed the error for people, but not for programs. Requested help is no error. */
function misused(error: CommanderError, words: readonly string[]): ExitCode {
  if (error.exitCode === 0) return 0;
  return answered(new CliError(2, error.message.replace(/^error: /, '')), words);
}

function answered({ message, exitCode, facts }: CliError, words: readonly string[]): ExitCode {
  if (words.includes('--json')) process.stdout.write(`${jsonLine('error', { error: message, exitCode, ...facts })}\n`);
  return exitCode;
}
