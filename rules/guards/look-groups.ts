import { murmur3 } from '../../flags/murmur3';

/** DescribeAlarms takes at most 100 names. */
export const ALARMS_PER_REQUEST = 100;
/** So few need no order. */
const FEW = 10;
/** Less than a request holds, because a group by hash is never exactly as large as its share. */
const ALARMS_PER_GROUP = 85;

/**
 * How long until the next check, at most the interval. Checks of many rollouts would come one by one all over the interval, each with a
 * request of its own: so rollouts of an account and region form groups of about a request's size, each of which checks at
 * one moment of the interval. The groups spread evenly over it, because all checks at once would hold up everything else.
 */
export function nextLookInMs(
  { nowMs, intervalMs }: { readonly nowMs: number; readonly intervalMs: number },
  { alarm, alarms }: { readonly alarm: string; readonly alarms: number },
): number {
  if (alarms <= FEW) return intervalMs;
  const groups = Math.ceil(alarms / ALARMS_PER_GROUP);
  const momentMs = ((murmur3(alarm) % groups) * intervalMs) / groups;
  const sinceMs = (((nowMs - momentMs) % intervalMs) + intervalMs) % intervalMs;
  return intervalMs - sinceMs;
}
