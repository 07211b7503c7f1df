/** 0 done, 1 failed, 2 wrong usage, 3 refused by a rule, 4 a wait whose time was up. */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

/** An expected failure: the message is all the operator needs; `facts` go into the JSON answer. */
export class CliError extends Error {
  override readonly name = 'Failure';

  constructor(
    readonly exitCode: 1 | 2 | 3,
    message: string,
    readonly facts: Readonly<Record<string, unknown>> = {},
    /** The part of the message that was not printed before, for people. */
    readonly unsaid: string = message,
  ) {
    super(message);
  }
}
