/** An error of the sandbox for the person at the keyboard: text without a stack trace. */
export class UserError extends Error {
  override readonly name = 'Problem';

  constructor(
    message: string,
    readonly exitCode = 1,
  ) {
    super(message);
  }
}

/** A child process ended before it was ready; the text has the end of its log. */
export class EndedAtStart extends UserError {}

/** The text of an error, whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
