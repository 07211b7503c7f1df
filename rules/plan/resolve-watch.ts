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

/** `watch` of one environment at `home`, `{env}` already replaced; durations in milliseconds, nothing that is undefined. */
export function resolvedWatch({ interval, alarms, guards, ...rest }: WrittenWatch, home: AwsTarget): Watch {
  return {
    intervalMs: ms(interval),
    alarms: alarms.map((written) => alarm(written, home)),
    guards: (guards ?? []).map((written) => guard(written, home)),
    ...withoutUndefined(rest),
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
  const { name, metric, logs, executions, compare, breachWhen, staleAfter, ...rest } = written;
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
  // The check of the plan found exactly one of the four.
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

function metricLook({ metrics, period, ...rest }: NonNullable<WrittenGuard['metric']>) {
  const queries = Object.entries(metrics).map(([id, { dimensions = {}, ...query }]) => ({ id, ...query, dimensions }));
  return { kind: 'metric' as const, metrics: queries, periodMs: ms(period), ...withoutUndefined(rest) };
}

const bounds = ({ above, below }: WrittenGuard['breachWhen']) => withoutUndefined({ above, below });
