import { createAwsForZero } from '../../activities/aws';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import { type RelayedReaders, startRelayedReaders } from '../relayed-readers';
import { parameterIn } from './clock';
import { TARGET } from './stage';

/** Instances of an API. */
const READERS = 10;
export const REFRESH_MS = 5_000;

export interface ReadersAfter {
  /** Ms until the parameter is confirmed at 0 %. */
  readonly zeroMs: number;
  /** From then until the last instance is at 0 %: told by the relay, and by its own refresh alone. */
  readonly byRelayMs: number;
  readonly byRefreshMs: number;
}

/** Instances of an API that follow the flag of a rollout, with the relay at the address and without, while it goes to 0 %. */
export async function measureReaders(
  { aws, flag }: EnvironmentPlan,
  url: string,
  toZero: () => Promise<number>,
): Promise<ReadersAfter> {
  const awsFor = createAwsForZero();
  const { ssm } = awsFor(TARGET);
  const read = async (): Promise<string> => (await parameterIn(ssm, flag.parameter))?.Value ?? '';
  const start = (withRelay: boolean): Promise<RelayedReaders> =>
    startRelayedReaders({ aws, flag, awsFor, readers: READERS, refreshMs: REFRESH_MS, withRelay, url, fetch: read });
  const both = [await start(true), await start(false)] as const;
  const [relayed, alone] = both.map((readers) => readers.untilAtMost(0));
  const zeroMs = await toZero();
  const after = async (times: Promise<readonly number[]> | undefined): Promise<number> =>
    Math.max(0, Math.max(...((await times) ?? [])) - zeroMs);
  const [byRelayMs, byRefreshMs] = [await after(relayed), await after(alone)];
  await Promise.all(both.map((readers) => readers.close()));
  return { zeroMs, byRelayMs, byRefreshMs };
}
