import { durationMs } from './duration';
import type { AwsTarget, Watch } from './environment-plan';
import type { Guard, GuardPolicy, WatchedAlarm } from '../guards/guard';
import type { Plan } from './schema';
import { withoutUndefined } from './without-undefined';

type WrittenWatch = Plan['watch'];
type WrittenAlarm = WrittenWatch['alarms'][number];
type WrittenGuard = NonNullable<WrittenWatch['guards']>[number];
type WrittenPolicy = Omit<WrittenAlarm, 'name' | 'staleAfter'> & Pick<WrittenGuard, 'minSamples' | 'tooFew'>;
type WrittenPlace = Pick<WrittenAlarm, 'region' | 'account' | 'profile'>;

/** Where the environment is, and where its API answers. */
interface Where extends Pick<NonNullable<Plan['environments'][number]['verification']>, 'apiUrl' | 'instances'> {
  readonly home: AwsTarget;
}

export const RESULTS_SAMPLE = 20;
const RESULTS_SETTLE_MS = 60_000;

/** `watch` of one environment, `{env}` already replaced; durations in milliseconds, nothing that is undefined. */
export function resolvedWatch(plan: WrittenWatch, where: Where): Watch {
  const { interval, alarms, guards, unwatchedAfter, guardianGrace, ...rest } = plan;
  return {
    intervalMs: ms(interval),
    alarms: alarms.map((written) => alarm(written, where.home)),
    guards: (guards ?? []).flatMap((written) =>
      written.results === undefined ? [guard(written, where.home)] : resultsGuard(written, where),
    ),
    ...withoutUndefined({
      ...rest,
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

/** Undefined when that is where the environment is. */
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
    const { successRateBelow, averageDurationAbove } = breachWhen;
    const breach = withoutUndefined({ successRateBelow, averageDurationAboveMs: optionalMs(averageDurationAbove) });
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

/** Without an address of an API there is nothing to fetch from. */
function resultsGuard(written: WrittenGuard, { home, apiUrl, instances = [] }: Where): readonly Guard[] {
  const { name, results, breachWhen, metric: _m, logs: _l, executions: _e, compare: _c, ...rest } = written;
  if (apiUrl === undefined || results === undefined) return [];
  const { stateMachine, sample = RESULTS_SAMPLE, settle, confidence } = results;
  const { staleAfter: _stale, ...policyKeys } = rest;
  return [
    withoutUndefined({
      ...{ name, kind: 'results' as const, ...policy(policyKeys, home), stateMachine, sample, confidence },
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
