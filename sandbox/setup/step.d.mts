export class SetupProblem extends Error {}
export function say(text: string): void;
export function endOn(signal: string, exitCode: number): void;
export function interruption(): { readonly signal: string; readonly exitCode: number } | undefined;
export function runStep(step: {
  readonly title: string;
  readonly commands: readonly (readonly [string, ...string[]])[];
  readonly log: string;
  readonly progress?: () => string;
  readonly env?: NodeJS.ProcessEnv;
}): Promise<void>;
