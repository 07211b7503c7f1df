import { setTimeout as sleep } from 'node:timers/promises';
import type { BreakGlass, FlagReading, ZeroByHand, ZeroWritten } from '../../activities/break-glass';
import {
  countUnreadable,
  createBreakGlass,
  isNonRetryable,
  messageOf,
  untilZeroLasts,
} from '../../activities/break-glass';
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
import type { Answers } from '../answers/answers';
import { remark, say, warn } from '../terminal/output';
import { refusedBy } from '../terminal/refused';
import { poll } from '../temporal/poll';
import { useSandboxAws } from '../input/sandbox-state';

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
  const { readBack, rewritten } = await lasting(way, order, first);
  const unreadable = await Promise.race([counted, sleep(1, undefined)]);
  const { version, document } = readBack;
  const before = first.before?.document;
  const byHand = way.delivery === undefined ? [] : zeroByHand(way.delivery, way.aws.region);
  const json: Answers['flag-zero'] = {
    ...{ verb: 'flags set', done: true, environment, percentage: 0, by, reason: options.reason },
    ...{ parameter: way.flag.parameter, version, generation: document?.generation, confirmedAtMs, rewritten },
    unreadable,
    inEffect: byHand.length === 0 ? undefined : false,
    byHand: byHand.length === 0 ? undefined : byHand,
    before:
      before === undefined
        ? undefined
        : { percentage: first.before?.percentage, generation: before.generation, writer: before.writer },
  };
  const zeroed = { ...first, flag: way.flag, readBack, rewritten, byHand, unreadable };
  say(options, 'flag-zero', { text: describeZero(`${way.service} ${environment}`, zeroed), json });
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
  if (options.service !== undefined && options.service !== place.service)
    throw new CliError(
      2,
      `The plan is of ${place.service}, and not of ${options.service}: name the plan of ${options.service} with --plan FILE.`,
    );
  if (options.sandbox === true) useSandboxAws();
  const route = routeTo(awsAddress('ssm', place.aws.region, process.env), process.env);
  if (route.by === 'nothing') throw new CliError(2, `AWS was not contacted: ${route.problem}.`);
  return { ...place, environment, options, glass: createBreakGlass(place.aws, place.flag) };
}

/** An answer without an account number is no evidence against the account. */
export function checkAccount(way: Way, account: string | undefined): void {
  if (account !== undefined && account !== way.aws.account) throw otherAccount(way, { account, wrote: false });
}

export function otherAccount({ aws }: Way, { account, wrote }: Omit<OtherAccount, 'status'>): CliError {
  const done = wrote ? 'The parameter of that account WAS WRITTEN: 0 %. ' : '';
  return refusedBy(
    {
      rule: 'account',
      why: `${done}the credentials belong to account ${account}, and the plan names ${aws.account}`,
      remedy: `credentials of ${aws.account}, for example with AWS_PROFILE`,
    },
    { account, wrote },
  );
}

type Zero = Extract<ZeroWritten, { status: 'zero' }>;
type OtherAccount = Exclude<ZeroWritten, { status: 'zero' }>;

/** Writes 0 until it is read back, and prints the reason of each failure. */
async function zero(way: Way, order: ZeroByHand): Promise<Zero> {
  const tried = await retried(
    () => way.glass.writeZero(order),
    (why) => warn(`0 % is not confirmed yet, trying again: ${why}`),
  );
  if (!tried.ok)
    throw new CliError(1, `0 % is NOT CONFIRMED in ${way.environment}: ${tried.why}.`, { confirmed: false });
  if (tried.value.status === 'zero') return tried.value;
  throw otherAccount(way, tried.value);
}

/** Checks again after the longest late write, and writes 0 again also over a raise by another rollout. */
async function lasting(
  way: Way,
  order: ZeroByHand,
  first: Zero,
): Promise<{ readonly readBack: FlagReading; readonly rewritten: number }> {
  const { found, rewritten } = await untilZeroLasts(first.generation, {
    format: way.flag.format,
    lateWriteMs: LATE_WRITE_MS,
    sleep,
    write: () => zero(way, order),
    read: () => readAgain(way, first.readBack),
    overRaise: true,
    onLost: (other: FlagReading | undefined) => {
      const seen = other === undefined ? 'nothing' : (other.percentage ?? other.why);
      warn(`0 % did not last: found ${seen}; writing it again.`);
    },
  });
  return { readBack: found ?? first.readBack, rewritten };
}

async function readAgain(way: Way, { version }: FlagReading): Promise<FlagReading | undefined> {
  const tried = await retried(() => way.glass.read());
  if (tried.ok) return tried.value;
  throw new CliError(
    1,
    `0 % was written and read back (version ${version}), but the second check failed: ${tried.why}.`,
    { confirmed: true, lookedAgain: false },
  );
}

type Tried<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string; readonly ends: boolean };

/** Retries for a minute, unless a retry cannot help. */
function retried<T>(step: () => Promise<T>, onFailure?: (why: string) => void): Promise<Tried<T>> {
  const once = () =>
    step().then(
      (value): Tried<T> => ({ ok: true, value }),
      (error: unknown): Tried<T> => ({ ok: false, why: messageOf(error), ends: isNonRetryable(error) }),
    );
  return poll(once, {
    until: (tried) => tried.ok || tried.ends,
    meanwhile: (tried) => (tried.ok ? undefined : onFailure?.(tried.why)),
    everyMs: BETWEEN_TRIES_MS,
    withinMs: TRIED_FOR_MS,
  });
}
