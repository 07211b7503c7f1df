import { formatTime, percent, singleLine } from '../../rules/format';
import type * as lookModule from './break-glass-look';
import type { FlagLook } from './break-glass-look';
import { CliError } from '../terminal/cli-error';
import type { ExitCode } from '../terminal/cli-error';
import { breakGlassLine } from '../options';
import type { CommandOptions, NextWay } from '../options';
import type { Target } from '../target';
import { warn } from '../terminal/output';
import { localZone } from '../terminal/render';

/** The operator waits at most this long for another way, including the start of the program. */
const SAID_AFTER_MS = 2_800;
const LOOK_WITHIN_MS = 1_500;

/**
 * Runs a verb that leads to 0 % or stops raises. When it is not confirmed, prints what is NOT KNOWN and the complete
 * command that writes 0 % without Temporal: after some seconds of silence, and at a failure.
 */
export async function orNextWay(verb: string, target: Target, run: () => Promise<ExitCode>): Promise<ExitCode> {
  const way = new WayByAws(verb, target);
  target.nextWay = way;
  try {
    return await run();
  } catch (error) {
    throw await way.after(error);
  } finally {
    way.heard();
  }
}

class WayByAws implements NextWay {
  readonly lines: readonly string[];
  private readonly timer: NodeJS.Timeout;
  private said = false;

  constructor(
    private readonly verb: string,
    private readonly target: Target,
  ) {
    const { options }: { readonly options: CommandOptions } = target;
    const typed = options.reason?.trim() ?? '';
    const reason = typed === '' ? `${verb} was not confirmed` : typed;
    this.lines = environmentsMeant(target).map((name) => breakGlassLine(name, reason, options));
    this.timer = setTimeout(() => this.say(), SAID_AFTER_MS);
  }

  heard(): void {
    clearTimeout(this.timer);
  }

  say(): void {
    this.print(`NOT CONFIRMED: whether and when \`${this.verb}\` takes effect is NOT KNOWN.`);
  }

  /**
   * Adds the way to a failure, unless it was printed already. A refusal by a rule is an answer, and so is one by a worker
   * (the fact `answered`). A plan that cannot be read stops the verb, but not this way.
   */
  async after(error: unknown): Promise<unknown> {
    this.heard();
    const failure = error instanceof CliError ? error : undefined;
    const readsNoPlan = failure?.exitCode === 2 && failure.facts['problems'] !== undefined;
    if (failure?.facts['answered'] === true) return failure;
    if (failure !== undefined && failure.exitCode !== 1 && !readsNoPlan) return failure;
    const said = failure?.message ?? (error instanceof Error ? error.message : String(error));
    const unsent = `\`${this.verb}\` was not sent; the state of the rollout is NOT KNOWN. `;
    const message = failure?.facts['unsent'] === true ? unsent + said : said;
    if (this.said) warn(message);
    else this.print(message);
    // Required only here: loading the AWS clients and calling AWS must not delay the printing of the way.
    const flag = await this.look();
    const facts = { ...failure?.facts, breakGlass: this.lines, flag };
    return new CliError(failure?.exitCode ?? 1, message, facts, flag === undefined ? '' : flagWords(flag));
  }

  private print(message: string): void {
    if (this.said) return;
    this.said = true;
    const { environment } = this.target;
    const to = this.lines.length > 1 ? 'one of these lines' : 'this line';
    const where = environment === undefined ? 'the traffic' : `the traffic of ${environment}`;
    const lines = this.lines.map((line) => `  ${line}`);
    warn([message, `To return ${where} to 0 % without Temporal, paste ${to}:`, '', ...lines, ''].join('\n'));
  }

  private look(): Promise<FlagLook> | undefined {
    const { environment } = this.target;
    if (environment === undefined) return undefined;
    const { lookAtFlag } = require('./break-glass-look') as typeof lookModule;
    return lookAtFlag(this.target, environment, LOOK_WITHIN_MS);
  }
}

/** Without a name, any environment of the plan may be the target. */
export function environmentsMeant({ environment, planFile }: Target): readonly string[] {
  if (environment !== undefined) return [environment];
  try {
    return planFile.environments();
  } catch {
    return ['ENVIRONMENT'];
  }
}

/** `The flag of staging says 100 %`, or that it is not known. */
export function flagWords({ environment, percentage, atMs, why }: FlagLook): string {
  if (percentage === undefined)
    return `The value of the flag of ${environment} is NOT KNOWN: ${singleLine(why ?? 'no answer')}.`;
  return `The flag of ${environment} says ${percent(percentage)}, read from AWS at ${formatTime(atMs, localZone(), Date.now())}.`;
}
