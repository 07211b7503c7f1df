import * as names from '../names';
import { z } from 'zod';
import { guardSchema, RESULTS_SAMPLE } from './guard';
import { awsName, duration, key, list } from '../problems/schema-key';
import { policyKeys, staleAfter } from './guard-policy';
import { durationMs } from '../duration';
import { LOOKS_MISSED } from '../rollout-parts';
import { soundSteps } from './steps';
import { duplicates, listAt, valueAt, type Finding } from '../problems/plan-problem';
import { withEnvironment } from '../names';
import { placesOf, watchPaths, type Place } from '../problems/places';
import { pathText, type Path } from '../problems/problems';
import type { AwsTarget, Verification, Watch } from '../environment-plan';
import type { Guard, GuardPolicy, WatchedAlarm } from '../../guards/guard';
import { withoutUndefined } from '../without-undefined';

const ALARMS_REMEDY = 'write a list such as `- { name: checkout-5xx-{env}, onBreach: rollback }`, the name in quotes';

/** The keys of `watch`: `shared` by all environments, or one environment's own. */
export function watchKeys(shared: boolean) {
  const alarm = z.strictObject({
    name: key(awsName(names.ALARM, 'must not have control characters, or spaces around it', shared), {
      is: 'Name of the CloudWatch alarm, such as shop-5xx-{env}.',
      remedy: 'write the name of the alarm, such as shop-5xx-{env}',
    }),
    ...policyKeys,
    staleAfter,
  });
  return {
    interval: duration('1s', '1h', {
      is: 'Time between two polls of the alarms, from 1s to 1h.',
      remedy: 'write a duration from 1s to 1h, as 1m',
    }),
    alarms: key(list(alarm, 'must name at least one alarm'), {
      is: 'CloudWatch alarms that guard every percentage. Every environment needs some: these, or its own.',
      remedy: ALARMS_REMEDY,
    }).optional(),
    guards: key(z.array(guardSchema(shared)), {
      is: 'Further guards of the percentages: metrics, logs, executions, results, and the new side compared with the old one.',
      remedy: 'write a list such as `- { name: jobs-succeed, executions: …, breachWhen: …, onBreach: rollback }`',
    }).optional(),
    pushQueue: key(awsName(names.QUEUE, 'may have only letters, digits, - and _', shared), {
      is: 'Name of the SQS queue that carries alarm changes; without it alarms are only polled. Environments of an account and region may name the same queue, which is then yours to create: `rollout setup` makes one for each environment.',
      remedy: 'write the name of the SQS queue, such as shop-rollout-alarms-{env}',
    }).optional(),
    events: key(z.boolean(), {
      is: 'Whether EventBridge sends to pushQueue the executions that failed, timed out or were aborted, of the state machines that guards on executions count, and the changes of the alarms: the guards look at once, at most once a second. Default: false.',
      remedy: 'write true or false',
    }).optional(),
    unwatchedAfter: duration('10s', '1h', {
      is: "Longest time without a check above 0 % before the dead man's alarm fires. Default: 5m, or three intervals if that is longer.",
      remedy: 'write a duration from 10s to 1h, as 5m, at least three times the interval',
    }).optional(),
    guardianGrace: duration('1s', '15m', {
      is: 'How long the guardian waits for the rollout to answer an alarm before it writes 0 % itself. Default: 2m.',
      remedy: 'write a duration from 1s to 15m, as 2m',
    }).optional(),
    dashboard: key(awsName(names.DASHBOARD, 'may have only letters, digits, - and _', shared), {
      is: 'Name of the CloudWatch dashboard, for links.',
      remedy: 'write the name of the dashboard, such as shop-{env}',
    }).optional(),
  };
}

/** Rules across alarms, guards and steps. */
export function watchFindings(raw: unknown): readonly Finding[] {
  const places = placesOf(raw);
  const lists = watchPaths(raw).flatMap((watch): readonly Path[] => [
    [...watch, 'alarms'],
    [...watch, 'guards'],
  ]);
  return once([
    ...lists.flatMap((path) => duplicates(raw, path, 'name')),
    ...places.flatMap((place) => noAlarms(raw, place)),
    ...places.flatMap((place) => sharedNames(raw, place)),
    ...places.flatMap((place) => nothingStops(raw, place)),
    ...lists.flatMap((path) => strangePercentages(raw, places, path)),
    ...places.flatMap((place) => tooLongForSoak(raw, place)),
    ...places.flatMap((place) => foreignAccounts(raw, place)),
    ...watchPaths(raw).flatMap((watch) => tooSoonUnwatched(raw, watch)),
    ...watchPaths(raw).flatMap((watch) => eventsWithoutQueue(raw, watch)),
  ]);
}

/** A mistake in a key that several environments share is reported once. */
function once(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ path, problem }) => {
    const id = `${pathText(path)} ${problem}`;
    return seen.size < seen.add(id).size;
  });
}

function noAlarms(raw: unknown, { alarms }: Place): readonly Finding[] {
  if (valueAt(raw, ['watch']) === undefined || valueAt(raw, alarms) !== undefined) return [];
  return [{ path: alarms, problem: 'missing', remedy: ALARMS_REMEDY }];
}

/** Messages name alarms and guards without their kind, so their names must differ. */
function sharedNames(raw: unknown, { environment, alarms, guards }: Place): readonly Finding[] {
  const nameOf = (item: unknown): string => withEnvironment(String(valueAt(item, ['name']) ?? ''), environment);
  const taken = listAt(raw, alarms).map(nameOf);
  return listAt(raw, guards).flatMap((guard, i) => {
    const first = taken.indexOf(nameOf(guard));
    if (first === -1 || nameOf(guard) === '') return [];
    const problem = `is already used by item ${first + 1} of alarms`;
    return [{ path: [...guards, i, 'name'], problem, remedy: 'write another name' }];
  });
}

function nothingStops(raw: unknown, { alarms, guards }: Place): readonly Finding[] {
  const watched = [...listAt(raw, alarms), ...listAt(raw, guards)];
  const stops = (item: unknown): boolean =>
    valueAt(item, ['onBreach']) !== 'notify' && valueAt(item, ['dryRun']) !== true;
  if (watched.length === 0 || watched.some(stops)) return [];
  const who = listAt(raw, guards).length === 0 ? 'every alarm' : 'every alarm and guard';
  const problem = `${who} only notifies or is a dry run, so nothing would stop a bad rollout`;
  const remedy = 'write onBreach: rollback or hold for at least one alarm, without dryRun';
  return [{ path: guards.length > alarms.length ? guards : alarms, problem, remedy }];
}

const numbersAt = (raw: unknown, steps: Path): readonly number[] =>
  listAt(raw, steps)
    .map((step) => valueAt(step, ['percentage']))
    .filter((percentage) => typeof percentage === 'number');

/** `percentages` of an alarm or a guard must be steps of an environment it applies to. */
function strangePercentages(raw: unknown, places: readonly Place[], list: Path): readonly Finding[] {
  const holdsFor = places.filter(({ alarms, guards }) =>
    [alarms, guards].some((path) => pathText(path) === pathText(list)),
  );
  const known = new Set(holdsFor.flatMap(({ steps }) => numbersAt(raw, steps)));
  if (known.size === 0 || !holdsFor.every(({ steps }) => soundSteps(raw, steps))) return [];
  const remedy = `write percentages of the steps: ${[...known].sort((a, b) => a - b).join(', ')}`;
  return listAt(raw, list).flatMap((item, i) =>
    listAt(item, ['percentages']).flatMap((percentage, j) => {
      if (typeof percentage !== 'number' || percentage <= 0 || known.has(percentage)) return [];
      return [{ path: [...list, i, 'percentages', j], problem: 'is not a percentage of the steps', remedy }];
    }),
  );
}

/** Without a profile, the alarm of that name in the environment's own account would be read. */
function foreignAccounts(raw: unknown, { environment, account, alarms, guards }: Place): readonly Finding[] {
  const home = valueAt(raw, account);
  return [alarms, guards].flatMap((list) =>
    listAt(raw, list).flatMap((item, i) => {
      const own = valueAt(item, ['account']);
      if (own === undefined || own === home || valueAt(item, ['profile']) !== undefined) return [];
      const problem = `is not the account of ${environment}, and no profile with its credentials is set`;
      const remedy = 'set profile beside it to the name of a profile of that account';
      return [{ path: [...list, i, 'account'], problem, remedy }];
    }),
  );
}

/** One late check must not fire the dead man's alarm. */
function tooSoonUnwatched(raw: unknown, watch: Path): readonly Finding[] {
  const path: Path = [...watch, 'unwatchedAfter'];
  const at = (key: Path): number | undefined => durationMs(String(valueAt(raw, key)));
  const afterMs = at(path);
  const intervalMs = at([...watch, 'interval']) ?? at(['watch', 'interval']);
  if (afterMs === undefined || intervalMs === undefined || afterMs >= LOOKS_MISSED * intervalMs) return [];
  const problem = `must be at least ${LOOKS_MISSED} times watch.interval`;
  return [{ path, problem, remedy: 'write a longer duration, or a shorter interval' }];
}

/** Events come by the queue alone. */
function eventsWithoutQueue(raw: unknown, watch: Path): readonly Finding[] {
  const path: Path = [...watch, 'events'];
  const queue = valueAt(raw, [...watch, 'pushQueue']) ?? valueAt(raw, ['watch', 'pushQueue']);
  if (valueAt(raw, path) !== true || queue !== undefined) return [];
  const remedy = 'set pushQueue beside it, such as shop-rollout-alarms-{env}, or remove the key';
  return [{ path, problem: 'has no queue to come by: pushQueue is missing', remedy }];
}

interface Soak {
  readonly percentage: number;
  readonly text: string;
  readonly ms: number;
}

/** A measurement that does not fit into a soak would hold the percentage for longer than the plan says. */
function tooLongForSoak(raw: unknown, { steps, alarms, guards }: Place): readonly Finding[] {
  const soaks = listAt(raw, steps).flatMap((step): readonly Soak[] => {
    const [percentage, text] = [valueAt(step, ['percentage']), String(valueAt(step, ['soak']))];
    const ms = durationMs(text);
    return typeof percentage === 'number' && ms !== undefined ? [{ percentage, text, ms }] : [];
  });
  return [alarms, guards].flatMap((list) =>
    listAt(raw, list).flatMap((item, i) => {
      const only = listAt(item, ['percentages']);
      const own = soaks.filter(({ percentage }) => only.length === 0 || only.includes(percentage));
      const shortest = own.reduce<Soak | undefined>((a, b) => (a === undefined || b.ms < a.ms ? b : a), undefined);
      return shortest === undefined ? [] : lengthsAt(raw, [...list, i], shortest);
    }),
  );
}

function lengthsAt(raw: unknown, item: Path, soak: Soak): readonly Finding[] {
  const than = `the soak of ${soak.percentage} %, ${soak.text}`;
  const at = (...key: Path): { readonly path: Path; readonly ms: number } => {
    const path: Path = [...item, ...key];
    return { path, ms: durationMs(String(valueAt(raw, path))) ?? 0 };
  };
  const remedy = 'write a shorter duration, or percentages with longer soaks';
  const delay = at('initialDelay');
  if (delay.ms >= soak.ms) return [{ path: delay.path, problem: `must be shorter than ${than}`, remedy }];
  return [at('metric', 'period'), at('logs', 'period')].flatMap(({ path, ms }) => {
    if (ms + delay.ms <= soak.ms || ms === 0) return [];
    const after = delay.ms === 0 ? '' : ` after an initialDelay of ${String(valueAt(raw, delay.path))}`;
    return [{ path, problem: `must not be longer than ${than}${after && `,${after}`}`, remedy }];
  });
}

type WrittenWatch = z.infer<z.ZodObject<ReturnType<typeof watchKeys>>>;
type WrittenAlarm = NonNullable<WrittenWatch['alarms']>[number];
type WrittenGuard = NonNullable<WrittenWatch['guards']>[number];
type WrittenPolicy = Omit<WrittenAlarm, 'name' | 'staleAfter'> & Pick<WrittenGuard, 'minSamples' | 'tooFew'>;
type WrittenPlace = Pick<WrittenAlarm, 'region' | 'account' | 'profile'>;

/** Place of the environment, addresses of its API, and its jobs. */
interface Where extends Pick<Verification, 'apiUrl' | 'instances' | 'jobs'> {
  readonly home: AwsTarget;
}

const RESULTS_SETTLE_MS = 60_000;

/** `watch` of one environment, `{env}` already replaced; durations in milliseconds, no undefined keys. */
export function resolvedWatch(plan: WrittenWatch, where: Where): Watch {
  const { interval, alarms = [], guards = [], unwatchedAfter, guardianGrace, ...rest } = plan;
  const without = guards.filter(({ results }) => results !== undefined && where.apiUrl === undefined);
  return {
    intervalMs: ms(interval),
    alarms: alarms.map((written) => alarm(written, where.home)),
    guards: guards.flatMap((written) =>
      written.results === undefined ? [guard(written, where.home)] : resultsGuard(written, where),
    ),
    ...withoutUndefined({
      ...rest,
      guardsWithoutApi: without.length === 0 ? undefined : without.map(({ name }) => name),
      unwatchedAfterMs: optionalMs(unwatchedAfter),
      guardianGraceMs: optionalMs(guardianGrace),
    }),
  };
}

/** The plan was checked: every duration in it can be read. */
const ms = (written: string): number => durationMs(written) ?? 0;
const optionalMs = (written: string | undefined): number | undefined =>
  written === undefined ? undefined : ms(written);

function alarm({ name, staleAfter, ...written }: WrittenAlarm, home: AwsTarget): WatchedAlarm {
  return withoutUndefined({ name, staleAfterMs: optionalMs(staleAfter), ...policy(written, home) });
}

function policy(
  { initialDelay, tooFew, region, account, profile, ...rest }: WrittenPolicy,
  home: AwsTarget,
): GuardPolicy {
  return withoutUndefined({
    ...rest,
    aws: elsewhere({ region, account, profile }, home),
    initialDelayMs: optionalMs(initialDelay),
    tooFew: tooFew === undefined ? undefined : { withinMs: ms(tooFew.within), then: tooFew.then },
  });
}

/** Undefined when it is the place of the environment. */
function elsewhere({ region, account, profile }: WrittenPlace, home: AwsTarget): AwsTarget | undefined {
  const there = withoutUndefined({
    account: account ?? home.account,
    region: region ?? home.region,
    profile: profile ?? home.profile,
  });
  const same = there.account === home.account && there.region === home.region && there.profile === home.profile;
  return same ? undefined : there;
}

function guard(written: WrittenGuard, home: AwsTarget): Guard {
  const { name, metric, logs, executions, compare, results: _results, breachWhen, staleAfter, ...rest } = written;
  const named = { name, ...policy(rest, home) };
  const series = {
    ...named,
    ...withoutUndefined({ staleAfterMs: optionalMs(staleAfter) }),
    breach: bounds(breachWhen),
  };
  if (metric !== undefined) return { ...series, ...metricLook(metric) };
  if (logs !== undefined) {
    const { period, ...place } = logs;
    return { ...series, kind: 'logs', ...place, periodMs: ms(period) };
  }
  if (executions !== undefined) {
    const { userErrors = [], ...machine } = executions;
    const { successRateBelow, averageDurationAbove, failedWithin: burst } = breachWhen;
    const failedWithin = burst === undefined ? undefined : { count: burst.count, ofMs: ms(burst.of) };
    const averageDurationAboveMs = optionalMs(averageDurationAbove);
    const breach = withoutUndefined({ successRateBelow, averageDurationAboveMs, failedWithin });
    return { ...named, kind: 'executions', ...withoutUndefined(machine), userErrors, breach };
  }
  // The check of the plan found exactly one kind.
  const { sides, duration, significance, ...lines } = compare as NonNullable<typeof compare>;
  const { slowerByPercent, failuresHigherByPoints } = breachWhen;
  return {
    ...named,
    kind: 'comparison',
    side: { field: sides.field, fresh: sides.new, baseline: sides.old },
    ...withoutUndefined({ ...lines, durationField: duration, significancePercent: significance }),
    breach: withoutUndefined({ slowerByPercent, failuresHigherByPoints }),
  };
}

/** Empty without an API address to fetch results from. */
function resultsGuard(written: WrittenGuard, { home, jobs, apiUrl, instances = [] }: Where): readonly Guard[] {
  const { name, results, breachWhen, metric: _m, logs: _l, executions: _e, compare: _c, ...rest } = written;
  if (apiUrl === undefined || results === undefined || jobs === undefined) return [];
  const { stateMachine, sample = RESULTS_SAMPLE, settle, confidence } = results;
  const { staleAfter: _stale, ...policyKeys } = rest;
  return [
    withoutUndefined({
      ...{ name, kind: 'results' as const, ...policy(policyKeys, home), stateMachine, jobs, sample, confidence },
      places: [...new Set([apiUrl, ...instances].map((address) => address.replace(/\/+$/, '')))],
      settleMs: optionalMs(settle) ?? RESULTS_SETTLE_MS,
      breach: { successRateBelow: breachWhen.successRateBelow ?? 100 },
    }),
  ];
}

function metricLook({ metrics, period, ...rest }: NonNullable<WrittenGuard['metric']>) {
  const queries = Object.entries(metrics).map(([id, { dimensions = {}, ...query }]) => ({ id, ...query, dimensions }));
  return { kind: 'metric' as const, metrics: queries, periodMs: ms(period), ...withoutUndefined(rest) };
}

const bounds = ({ above, below }: WrittenGuard['breachWhen']) => withoutUndefined({ above, below });
