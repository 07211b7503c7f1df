import { setTimeout as sleep } from 'node:timers/promises';
import type { BreakGlass, FlagReading, ZeroByHand } from '../../activities/break-glass';
import { countUnreadable, createBreakGlass, isNonRetryable, messageOf } from '../../activities/break-glass';
import { zeroByHand } from '../../rules/delivery/manual-zero';
import type { FlagPlace } from '../../rules/plan/flag-place';
import type { Refusal } from '../../rules/refusal';
import { breakGlassBy } from '../../rules/rollout/outside/emergency-writers';
import { LATE_WRITE_MS } from '../../rules/rollout/zero';
import { formatDuration } from '../../rules/format';
import { actorOfZero } from '../input/actor';
import { awsAddress, routeTo } from '../../rules/proxy';
import { describeZero } from './break-glass-words';
import { CliError } from '../terminal/cli-error';
import type { ExitCode } from '../terminal/cli-error';
import type { CommonOptions, ReasonedOptions } from '../options';
import { commandLine } from '../options';
import { anyPercentageOf } from '../program/shared-options';
import { defineVerb } from '../program/verb';
import type { Target } from '../target';
import { remark, say, warn } from '../terminal/output';
import { refusedBy } from '../terminal/refused';
import { sandboxAws } from '../input/sandbox-state';

const BETWEEN_TRIES_MS = 1_000;
/** Bounded, because an operator watches and can repeat it. Only the rollout's own zero must be retried without end. */
const TRIED_FOR_MS = 60_000;

/** The way to one environment's flag with AWS alone. Nothing in this file asks Temporal. */
export interface Way extends FlagPlace {
  readonly environment: string;
  readonly glass: BreakGlass;
  readonly options: CommonOptions;
}

interface FlagsSetOptions extends ReasonedOptions {
  readonly percentage: number;
  /** Write without Temporal. */
  readonly breakGlass?: boolean;
}

export const verb = defineVerb<FlagsSetOptions>({
  name: 'flags set',
  argument: '<env>',
  group: 'Go back',
  summary: 'emergency: writes 0 % with AWS alone, without Temporal, and reads it back twice',
  examples: [['rollout flags set prod --percentage 0 --break-glass --reason "Temporal is down"', '0 % with AWS alone']],
  reason: 'required',
  options: [
    { flags: '--percentage <n>', summary: 'only 0 is accepted', required: true, parse: anyPercentageOf },
    { flags: '--break-glass', summary: 'confirms that you bypass the rollout' },
  ],
  handler: flagsSet,
});

/** Writes 0 until it is read back, and checks again after the longest time that a write given up elsewhere can take. */
async function flagsSet(target: Target, options: FlagsSetOptions): Promise<ExitCode> {
  const { named: environment } = target;
  const refusal = refusalOf(environment, options);
  if (refusal !== undefined) throw refusedBy(refusal, { environment });
  const by = actorOfZero(options.by);
  const way = wayTo(target, environment);
  const order = { writer: breakGlassBy(by), reason: options.reason };
  const first = await zero(way, order);
  const confirmedAtMs = Date.now();
  remark(
    options,
    `0 % is written and read back; checking again in ${formatDuration(LATE_WRITE_MS)}, in case an earlier write arrives late.`,
  );
  // Runs beside the second check: nothing comes before the zero, and nothing waits for this.
  const counted = way.unreadableAt === undefined ? undefined : countUnreadable(way.aws, way.unreadableAt);
  const { readBack, rewritten } = await untilItLasts(way, order, first.readBack);
  const unreadable = await Promise.race([counted, sleep(1, undefined)]);
  const { version, document } = readBack;
  const before = first.before?.document;
  const byHand = way.delivery === undefined ? [] : zeroByHand(way.delivery, way.aws.region);
  const json = {
    ...{ verb: 'flags set', done: true, environment, percentage: 0, by, reason: options.reason },
    ...{ parameter: way.flag.parameter, version, generation: document?.generation, confirmedAtMs, rewritten },
    unreadable,
    ...(byHand.length === 0 ? {} : { inEffect: false, byHand }),
    before:
      before === undefined
        ? undefined
        : { percentage: first.before?.percentage, generation: before.generation, writer: before.writer },
  };
  const zeroed = { ...first, readBack, rewritten, byHand, unreadable };
  say(options, { text: describeZero(`${way.service} ${environment}`, zeroed), json });
  return 0;
}

function refusalOf(environment: string, options: FlagsSetOptions): Refusal | undefined {
  if (options.percentage !== 0)
    return {
      rule: 'break-glass',
      why: `${options.percentage} % would be a raise that no rollout watches; break-glass writes only 0`,
      remedy: `--percentage 0; a raise is \`npx start-rollout ${environment}\``,
    };
  if (options.breakGlass === true) return undefined;
  return {
    rule: 'break-glass',
    why: 'this bypasses Temporal: no running rollout takes part, and none ends',
    remedy: `with Temporal \`${commandLine('rollback', environment, options)}\`; while it is down add --break-glass`,
  };
}

/** Where the flag is, and the functions that read it and write 0. Throws a Failure when no plan says where. */
export function wayTo({ options, planFile }: Target, environment: string): Way {
  const place = planFile.flagPlace(environment);
  if (options.sandbox === true) {
    // In the sandbox, no setting of the shell for a real account may apply.
    for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
    Object.assign(process.env, sandboxAws());
  }
  const route = routeTo(awsAddress('ssm', place.aws.region, process.env), process.env);
  if (route.by === 'nothing') throw new CliError(2, `AWS was not contacted: ${route.problem}.`);
  return { ...place, environment, options, glass: createBreakGlass(place.aws, place.flag) };
}

/** An answer without an account number is no evidence against the account. */
export function checkAccount({ aws }: Way, account: string | undefined, wrote = false): void {
  if (account === undefined || account === aws.account) return;
  const done = wrote ? 'The parameter of that account WAS WRITTEN: 0 %. ' : '';
  throw refusedBy(
    {
      rule: 'account',
      why: `${done}the credentials belong to account ${account}, and the plan names ${aws.account}`,
      remedy: `credentials of ${aws.account}, for example with AWS_PROFILE`,
    },
    { account, wrote },
  );
}

type Zero = Extract<Awaited<ReturnType<BreakGlass['writeZero']>>, { status: 'zero' }>;

/** Retries until 0 is read back, and prints the reason of each failure. */
async function zero(way: Way, order: ZeroByHand): Promise<Zero> {
  const untilMs = Date.now() + TRIED_FOR_MS;
  for (;;) {
    try {
      const written = await way.glass.writeZero(order);
      if (written.status === 'zero') return written;
      checkAccount(way, written.account, written.wrote);
    } catch (error) {
      if (error instanceof CliError) throw error;
      const why = messageOf(error);
      if (isNonRetryable(error) || Date.now() >= untilMs)
        throw new CliError(1, `0 % is NOT CONFIRMED in ${way.environment}: ${why}.`, { confirmed: false });
      warn(`0 % is not confirmed yet, trying again: ${why}`);
      await sleep(BETWEEN_TRIES_MS);
    }
  }
}

/** The second check, and one more for each late write. */
async function untilItLasts(
  way: Way,
  order: ZeroByHand,
  written: FlagReading,
): Promise<{ readonly readBack: FlagReading; readonly rewritten: number }> {
  for (let rewritten = 0; ; rewritten += 1) {
    await sleep(LATE_WRITE_MS);
    const readBack = await readAgain(way, written);
    if (readBack?.percentage === 0) return { readBack, rewritten };
    warn(
      `0 % did not last: found ${readBack === undefined ? 'nothing' : (readBack.percentage ?? readBack.why)}; writing it again.`,
    );
    await zero(way, order);
  }
}

async function readAgain(way: Way, { version }: FlagReading): Promise<FlagReading | undefined> {
  const untilMs = Date.now() + TRIED_FOR_MS;
  for (;;) {
    try {
      return await way.glass.read();
    } catch (error) {
      if (isNonRetryable(error) || Date.now() >= untilMs)
        throw new CliError(
          1,
          `0 % was written and read back (version ${version}), but the second check failed: ${messageOf(error)}.`,
          { confirmed: true, lookedAgain: false },
        );
      await sleep(BETWEEN_TRIES_MS);
    }
  }
}
