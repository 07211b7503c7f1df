import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import type { JobKinds } from '../../rules/jobs/job-kind';
import type { AwsTarget } from '../../rules/plan/environment-plan';
import type { Guard, GuardPolicy, WatchedAlarm } from '../../rules/guards/guard';
import { isJudgedAt, policyOf } from '../../rules/guards/guard-policy';
import { judge } from '../../rules/guards/health';
import { nextLookInMs } from '../../rules/guards/look-groups';
import { verdictKey, withTrends } from '../../rules/guards/verdict-of';
import type { GuardHealth, Readings, Verdict } from '../../rules/guards/verdict';
import { singleLine } from '../../rules/format';
import type { AlarmReading, GuardReading } from '../../rules/guards/readings';
import type { FlagReading } from '../../rules/rollout/state/flag';
import type { OtherVariables } from '../../rules/delivery/delivery';
import type { Watched } from '../../rules/rollout/outside/unwatched';
import type { AwsFor } from '../aws';
import { messageOf, nameOf } from '../failures';
import { withHeartbeat } from '../heartbeat';
import { alarmsWatched } from './guards/alarm-lookup';
import { readAlarm } from './guards/alarms';
import { type FlagWatch, lookAtFlag } from './flag/flag-look';
import { readGuard } from './guards/guards';
import { unlessAborted } from '../poll';
import type { Observation } from './guards/observation';
import { reportLook } from './guards/report-look';
import { lookAtVariables, type VariablesWatch } from './delivery/variables';
import { within } from '../within';

export interface WatchOrder {
  readonly aws: AwsTarget;
  readonly alarms: readonly WatchedAlarm[];
  readonly guards: readonly Guard[];
  /** The percentage of the watched step; at 0 only alarms are judged. */
  readonly percentage: number;
  /** An ALARM, or a failed measurement, at any moment since then counts. */
  readonly sinceMs: number;
  /** The same for guards with `onBreach: hold`: an operator may have checked them and resumed. */
  readonly holdsSinceMs: number;
  /** When the step began, if not at `sinceMs`: an initial delay starts there. */
  readonly stepSinceMs?: number;
  /** The end of the soak: from then on the wait for samples counts. */
  readonly dueMs?: number;
  readonly intervalMs: number;
  /** `verdictKey` of the known verdict: only a different one is reported. Default: report the first verdict. */
  readonly known?: string;
  /** The flag to check as well; default: none. */
  readonly flag?: FlagWatch;
  /** The delivered variables to check as well; default: none. */
  readonly variables?: VariablesWatch;
  /** The rollout whose dead man's alarm a check above 0 % feeds; default: none. */
  readonly watched?: Watched;
}

/** The result of a check. */
export type WatchResult = Verdict & {
  /** The flag, after an outside change. */
  readonly flag?: FlagReading;
  /** The delivered variables, after an outside change. */
  readonly variables?: OtherVariables;
};

/**
 * A longer check is none: what was not read by then is an error. Less than the activity's own time, and more than its
 * heartbeat timeout, which detects a worker that is gone.
 */
const LOOK_MS = 12_000;
const RETRY_AFTER_ERROR_MS = 1_000;

const Numbers = z.record(z.string(), z.number());
const Memory = z.object({
  errorsInARow: Numbers,
  /** By the name of the guard. */
  goodAtMs: z.record(z.string(), Numbers).optional(),
  otherwiseSinceMs: Numbers.optional(),
  guards: z
    .array(z.object({ name: z.string(), measured: z.object({ trend: z.array(z.number()).optional() }).optional() }))
    .optional()
    .catch(undefined),
});
type Memory = z.infer<typeof Memory>;

/**
 * Checks the alarms and guards of a step and judges them. A poll is an attempt: while nothing new is seen the attempt fails
 * on purpose (BENIGN, no log, no metric) and Temporal starts the next one after the interval. Attempts add nothing to the
 * workflow's history, hold no slot between polls and are cancelled at once. The heartbeat remembers how many checks of a
 * failing guard failed in a row and when the last check was: the workflow reads that from a watch that was given up. It also holds
 * what each guard measured last, which `rollout status` shows: the workflow only learns what changed.
 */
export function createWatch(
  awsFor: AwsFor,
  jobKinds: JobKinds = [],
): { watchAlarms(order: WatchOrder): Promise<WatchResult> } {
  return {
    async watchAlarms(order) {
      const context = Context.current();
      const { heartbeatDetails } = context.info;
      const memory = Memory.safeParse(heartbeatDetails).data ?? { errorsInARow: {} };
      // A worker's clock may be behind the server's, which gives the start of the step.
      const nowMs = Math.max(Date.now(), stepSinceOf(order), order.holdsSinceMs);
      report(awsFor, order, context);
      const abortSignal = within(LOOK_MS, context.cancellationSignal);
      const looking = (): Promise<[Readings, FlagReading | undefined, OtherVariables | undefined]> =>
        Promise.all([
          readAll(awsFor, order, { nowMs, abortSignal, jobKinds, memory }),
          lookAtFlag(awsFor, { aws: order.aws, watch: order.flag }, abortSignal),
          lookAtVariables(order.aws, order.variables, abortSignal),
        ]);
      const [readings, flag, variables] = await withHeartbeat(looking, { details: () => heartbeatDetails });
      if (context.cancellationSignal.aborted) return context.cancelled;
      const errorsInARow = counted(memory.errorsInARow, failedOf(order, readings));
      const { percentage, dueMs } = order;
      const judged = judge(order, readings, {
        nowMs,
        stepSinceMs: stepSinceOf(order),
        holdsSinceMs: order.holdsSinceMs,
        percentage,
        errorsInARow,
        dueMs,
      });
      const verdict = { ...judged, guards: withTrends(judged.guards, memory.guards ?? []) };
      const shown = verdict.guards.map(shortened);
      context.heartbeat({ errorsInARow, lookedAtMs: nowMs, ...remembered(memory, readings), guards: shown });
      const outsideChanges = { flag, variables };
      if ((flag ?? variables) !== undefined) return { ...verdict, ...outsideChanges };
      const hiccup = isHiccup(order, errorsInARow);
      const tooEarlyToTell = hiccup && verdict.outcome !== 'breach' && verdict.asks === undefined;
      if (verdictKey(verdict) !== order.known && !tooEarlyToTell) return verdict;
      throw nothingNew(verdict, hiccup ? Math.min(RETRY_AFTER_ERROR_MS, order.intervalMs) : nextIn(awsFor, order));
    },
  };
}

/** For `rollout report` and `status`: a check without news leaves nothing in the history. */
const shortened = (guard: GuardHealth): GuardHealth => ({ ...guard, why: singleLine(guard.why) });

/** Temporal's Web UI shows it as the last failure: a stack trace would look like a defect. */
function nothingNew({ why }: Verdict, nextRetryDelay: number): ApplicationFailure {
  const failure = ApplicationFailure.create({ type: 'NothingNew', message: why, category: 'BENIGN', nextRetryDelay });
  failure.stack = '';
  return failure;
}

/** In ms: together with other rollouts of the account and region. */
function nextIn(awsFor: AwsFor, { aws, alarms: [first], intervalMs }: WatchOrder): number {
  if (first === undefined) return intervalMs;
  const alarms = alarmsWatched(awsFor(first.aws ?? aws).cloudwatch);
  return Math.ceil(nextLookInMs({ nowMs: Date.now(), intervalMs }, { alarm: first.name, alarms }));
}

/** Before the check: a long one counts too. */
function report(awsFor: AwsFor, { watched, percentage, aws }: WatchOrder, { log }: Context): void {
  if (watched === undefined || percentage === 0) return;
  reportLook(awsFor, { ...watched, aws }, (why) => log.warn(why));
}

/** A read that failed only a few times may succeed in a moment: it is repeated soon, and not reported. */
const isHiccup = ({ alarms, guards }: WatchOrder, errorsInARow: Readonly<Record<string, number>>): boolean =>
  [...alarms, ...guards].some((one) => {
    const inARow = errorsInARow[one.name] ?? 0;
    return inARow > 0 && inARow <= policyOf(one).errorLimit;
  });

const stepSinceOf = ({ stepSinceMs, sinceMs }: WatchOrder): number => stepSinceMs ?? sinceMs;

/** Where a guard starts to count; the delay belongs to a step with traffic. */
function sinceOf({ onBreach, initialDelayMs = 0 }: GuardPolicy, order: WatchOrder): number {
  const asked = onBreach === 'hold' ? order.holdsSinceMs : order.sinceMs;
  return order.percentage === 0 ? asked : Math.max(asked, stepSinceOf(order) + initialDelayMs);
}

async function readAll(
  awsFor: AwsFor,
  order: WatchOrder,
  { memory, ...look }: Pick<Observation, 'nowMs' | 'abortSignal' | 'jobKinds'> & { readonly memory: Memory },
): Promise<Readings> {
  const isNow = (one: Guard | WatchedAlarm): boolean => isJudgedAt(one, order.percentage);
  // Whatever the SDK does before its request, such as waiting for credentials, ignores the signal.
  const inTime = <T>(reading: Promise<T>): Promise<T> => unlessAborted(reading, look.abortSignal);
  const of = (one: GuardPolicy): Observation => {
    const aws = one.aws ?? order.aws;
    return { ...look, aws, clients: awsFor(aws), sinceMs: sinceOf(one, order) };
  };
  const [alarms, guards] = await Promise.all([
    Promise.allSettled(order.alarms.filter(isNow).map((alarm) => inTime(readAlarm(alarm, of(alarm))))),
    Promise.all(
      order.guards
        .filter((guard) => isNow(guard) && of(guard).sinceMs < look.nowMs)
        .map((guard) => readGuard(guard, { ...of(guard), ...memoryOf(memory, guard.name) })),
    ),
  ]);
  const read = alarms.filter((alarm): alarm is PromiseFulfilledResult<AlarmReading> => alarm.status === 'fulfilled');
  const unread = alarms.find((alarm): alarm is PromiseRejectedResult => alarm.status === 'rejected');
  return {
    alarms: read.map(({ value }) => value),
    guards,
    alarmsUnread:
      unread === undefined
        ? undefined
        : `CloudWatch did not answer: ${nameOf(unread.reason)}: ${messageOf(unread.reason)}`,
  };
}

const memoryOf = ({ goodAtMs, otherwiseSinceMs }: Memory, name: string) => ({
  goodAtMs: goodAtMs?.[name],
  otherwiseSinceMs: otherwiseSinceMs?.[name],
});

/** What the next check has to know. A failed check leaves it unchanged. */
function remembered(before: Memory, { guards }: Readings): Omit<Memory, 'errorsInARow' | 'guards'> {
  const goodAtMs = { ...before.goodAtMs };
  const otherwiseSinceMs = { ...before.otherwiseSinceMs };
  for (const reading of guards) {
    if (reading.kind === 'results') goodAtMs[reading.name] = { ...reading.goodAtMs };
    if (reading.kind !== 'follows') continue;
    if (reading.otherwiseSinceMs === undefined) delete otherwiseSinceMs[reading.name];
    else otherwiseSinceMs[reading.name] = reading.otherwiseSinceMs;
  }
  const unlessEmpty = <T extends object>(record: T): T | undefined =>
    Object.keys(record).length === 0 ? undefined : record;
  return { goodAtMs: unlessEmpty(goodAtMs), otherwiseSinceMs: unlessEmpty(otherwiseSinceMs) };
}

/** Names of the guards that could not be read in this check. */
function failedOf({ alarms, percentage }: WatchOrder, readings: Readings): readonly string[] {
  const read = new Set(readings.alarms.map(({ name }) => name));
  return [
    ...alarms.filter((alarm) => isJudgedAt(alarm, percentage) && !read.has(alarm.name)).map(({ name }) => name),
    ...readings.guards.filter(isFailed).map(({ name }) => name),
  ];
}

/** Also a check in which AWS or the API did not answer. */
const isFailed = (reading: GuardReading): boolean =>
  reading.kind === 'error' ||
  (reading.kind === 'results' && reading.unanswered > 0) ||
  (reading.kind === 'follows' && reading.told.some(({ says }) => says === 'nothing'));

const counted = (before: Readonly<Record<string, number>>, failed: readonly string[]): Record<string, number> =>
  Object.fromEntries(failed.map((name) => [name, (before[name] ?? 0) + 1]));
