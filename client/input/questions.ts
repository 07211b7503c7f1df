import { createInterface, type Interface } from 'node:readline';
import { CliError } from '../terminal/cli-error';

/** Asks the operator, on standard error, and reads lines of standard input: of a terminal or of a pipe. */
export class Questions {
  private readonly input: Interface = createInterface({ input: process.stdin, terminal: false });
  private readonly lines = this.input[Symbol.asyncIterator]();

  /** The answer, or `standard` for an empty line. Throws a Failure when the input ends. */
  async ask(question: string, standard: string): Promise<string> {
    process.stderr.write(`${question} [${standard}]: `);
    const { value, done } = await this.lines.next();
    if (done === true)
      throw new CliError(2, `\nThe input ended before an answer. Give the answers as options and add --yes.`);
    return value.trim() === '' ? standard : value.trim();
  }

  close(): void {
    this.input.close();
  }
}
