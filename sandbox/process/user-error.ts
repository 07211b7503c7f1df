/** What the sandbox stops with: a text for the person at the keyboard, without a stack trace. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    message: string,
    readonly exitCode = 1,
  ) {
    super(message);
  }
}
