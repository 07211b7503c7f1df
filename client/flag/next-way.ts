import { formatTime, percent, singleLine } from '../../rules/format';
import type * as lookModule from './break-glass-look';
import type { FlagLook } from './break-glass-look';
import { Failure } from '../terminal/failure';
import type { ExitCode } from '../terminal/failure';
import { breakGlassLine } from '../options';
import type { CommandOptions, NextWay } from '../options';
import type { Target } from '../target';
import { warn } from '../terminal/output';
import { localZone } from '../terminal/render';

/** Nobody has to wait longer than five seconds for another way, the start of the program included. */
const SAID_AFTER_MS = 2_800;
const LOOK_WITHIN_MS = 1_500;

/**
 * Runs a verb that leads to 0 %, or keeps a rollout from rising. When nobody confirms it, what is not known is said, and the
 * whole command that writes 0 % without Temporal: after some seconds of silence, and at an end that is a failure.
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
    this.print(`NOT CONFIRMED: whether \`${this.verb}\` takes effect, and when, is NOT KNOWN.`);
  }

  /**
   * A failure with the way printed, unless it was. What a rule refuses is an answer, and so is what a worker said (the fact
   * `answered`). A plan that cannot be read keeps the verb from working, and not this way.
   */
  async after(error: unknown): Promise<unknown> {
    this.heard();
    const failure = error instanceof Failure ? error : undefined;
    const readsNoPlan = failure?.exitCode === 2 && failure.facts['problems'] !== undefined;
    if (failure?.facts['answered'] === true) return failure;
    if (failure !== undefined && failure.exitCode !== 1 && !readsNoPlan) return failure;
    const said = failure?.message ?? (error instanceof Error ? error.message : String(error));
    const unsent = `\`${this.verb}\` was not sent; what the rollout does is NOT KNOWN. `;
    const message = failure?.facts['unsent'] === true ? unsent + said : said;
    if (this.said) warn(message);
    else this.print(message);
    // Only now: what loads the clients of AWS, and asks AWS, must not keep the way from being printed.
    const flag = await this.look();
    const facts = { ...failure?.facts, breakGlass: this.lines, flag };
    return new Failure(failure?.exitCode ?? 1, message, facts, flag === undefined ? '' : flagWords(flag));
  }

  private print(message: string): void {
    if (this.said) return;
    this.said = true;
    const { environment } = this.target;
    const to = this.lines.length > 1 ? 'one of these lines' : 'this line';
    const where = environment === undefined ? 'the traffic' : `the traffic of ${environment}`;
    const lines = this.lines.map((line) => `  ${line}`);
    warn([message, `To put ${where} to 0 % without Temporal, paste ${to}:`, '', ...lines, ''].join('\n'));
  }

  private look(): Promise<FlagLook> | undefined {
    const { environment } = this.target;
    if (environment === undefined) return undefined;
    const { lookAtFlag } = require('./break-glass-look') as typeof lookModule;
    return lookAtFlag(this.target, environment, LOOK_WITHIN_MS);
  }
}

/** Without a name every environment of the plan may be meant. */
function environmentsMeant({ environment, planFile }: Target): readonly string[] {
  if (environment !== undefined) return [environment];
  try {
    return planFile.environments();
  } catch {
    return ['ENVIRONMENT'];
  }
}

/** `The flag of staging says 100 %`, or that nobody knows it. */
export function flagWords({ environment, percentage, atMs, why }: FlagLook): string {
  if (percentage === undefined)
    return `What the flag of ${environment} says is NOT KNOWN: ${singleLine(why ?? 'no answer')}.`;
  return `The flag of ${environment} says ${percent(percentage)}, read from AWS at ${formatTime(atMs, localZone(), Date.now())}.`;
}
