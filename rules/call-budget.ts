/** How many requests of one API an account and region may still get from this process. */
export interface Budget {
  /** The present rate; lower than the quota after AWS has refused one. */
  readonly perSecond: number;
  /** Below 0: so many requests wait. */
  readonly tokens: number;
  readonly atMs: number;
}

/** Calls a second, by the name of the API; APIs that share a quota have one entry. */
export type Quotas = Readonly<Record<string, number>>;

/**
 * AWS's default quotas for an account and region. Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html,
 * https://docs.aws.amazon.com/general/latest/gr/ssm.html, https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html,
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html; the lowest of all regions.
 */
const DEFAULT_QUOTAS: Quotas = {
  DescribeAlarms: 9,
  DescribeAlarmHistory: 3,
  GetMetricData: 50,
  GetParameter: 40,
  ListExecutions: 5,
  DescribeExecution: 15,
  FilterLogEvents: 5,
};

/** The service and its tools need the same quota. */
const SHARE = 0.8;
/** Requests that may be sent at once, in seconds of the rate. */
const BURST_S = 2;
/** A request that would wait longer is not sent: its check would be over before it. */
const LONGEST_WAIT_MS = 5_000;
/** After a refusal the rate grows back by this share of the quota a second. */
const RECOVERY_PER_S = 0.05;
const LOWEST_SHARE = 0.05;

export function fullBudget(quota: number, nowMs: number): Budget {
  const perSecond = quota * SHARE;
  return { perSecond, tokens: burstOf(perSecond), atMs: nowMs };
}

/** Takes one request: how long it waits, or that it is not sent. */
export function take(
  before: Budget,
  quota: number,
  nowMs: number,
): { readonly budget: Budget; readonly waitMs: number | 'too-long' } {
  const now = at(before, quota, nowMs);
  const tokens = now.tokens - 1;
  const waitMs = tokens >= 0 ? 0 : Math.ceil((-tokens / now.perSecond) * 1_000);
  if (waitMs > LONGEST_WAIT_MS) return { budget: now, waitMs: 'too-long' };
  return { budget: { ...now, tokens }, waitMs };
}

/** AWS has refused a request because there were too many, of this process or of others: half as many from now on. */
export function throttled(before: Budget, quota: number, nowMs: number): Budget {
  const now = at(before, quota, nowMs);
  const perSecond = Math.max(quota * LOWEST_SHARE, now.perSecond / 2);
  return { perSecond, tokens: Math.min(0, now.tokens), atMs: nowMs };
}

function at({ perSecond, tokens, atMs }: Budget, quota: number, nowMs: number): Budget {
  const seconds = Math.max(0, nowMs - atMs) / 1_000;
  const recovered = Math.min(quota * SHARE, perSecond + seconds * RECOVERY_PER_S * quota);
  return {
    perSecond: recovered,
    tokens: Math.min(burstOf(recovered), tokens + seconds * perSecond),
    atMs: Math.max(atMs, nowMs),
  };
}

const burstOf = (perSecond: number): number => Math.max(1, perSecond * BURST_S);

/**
 * `DescribeAlarms=50,GetParameter=1000`: quotas that AWS has raised for you.
 * @throws every problem at once.
 */
export function parseQuotas(text: string | undefined): Quotas {
  const entries = (text ?? '').split(',').map((entry) => entry.trim());
  const problems: string[] = [];
  const quotas: Record<string, number> = { ...DEFAULT_QUOTAS };
  for (const entry of entries.filter((one) => one !== '')) {
    const [, name = '', value = ''] = /^(\w+)=(\d+(?:\.\d+)?)$/.exec(entry) ?? [];
    if (!(name in DEFAULT_QUOTAS) || !(Number(value) > 0)) problems.push(entry);
    else quotas[name] = Number(value);
  }
  if (problems.length === 0) return quotas;
  const names = Object.keys(DEFAULT_QUOTAS).join(', ');
  throw new Error(
    `ROLLOUT_AWS_QUOTAS has ${problems.map((one) => `"${one}"`).join(', ')}: write NAME=CALLS_PER_SECOND, separated by commas, with a name of ${names}`,
  );
}
