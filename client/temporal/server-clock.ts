import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { formatDuration } from '../../rules/format';
import { skewMsOf } from '../../rules/server-clock';
import type { Temporal } from './connect';

/** A smaller difference is network delay and does not matter. */
const TOLERATED_SKEW_MS = 5_000;

const asked = new WeakMap<Temporal, Promise<number | undefined>>();
const known = new WeakMap<Temporal, number>();

/** How far the clock of Temporal's server is ahead of this machine's, in ms; undefined when the server does not say. Asked once for each connection. */
export function serverSkewMs(temporal: Temporal): Promise<number | undefined> {
  const found = asked.get(temporal) ?? measured(temporal).catch(() => undefined);
  asked.set(temporal, found);
  return found;
}

/** The time by Temporal's server, as far as this connection knows it yet. */
export const nowMsOf = (temporal: Temporal): number => Date.now() + (known.get(temporal) ?? 0);

async function measured(temporal: Temporal): Promise<number | undefined> {
  const { connection, namespace } = temporal;
  const name = `rollout-clock-${randomUUID()}`;
  const question = { namespace, name, over: new AbortController(), nowMs: () => Date.now(), pause };
  const skewMs = await skewMsOf(connection, question);
  if (skewMs !== undefined) known.set(temporal, skewMs);
  return skewMs;
}

/** The time by Temporal's server, which measures all waits; by this machine when the server does not say. */
export const serverNowMs = async (temporal: Temporal): Promise<number> =>
  Date.now() + ((await serverSkewMs(temporal)) ?? 0);

/** A warning about this machine's clock; undefined when it agrees with the server's, or the server does not say. */
export async function skewWords(temporal: Temporal): Promise<string | undefined> {
  const skewMs = await serverSkewMs(temporal);
  if (skewMs === undefined || Math.abs(skewMs) <= TOLERATED_SKEW_MS) return undefined;
  const off = `${formatDuration(Math.abs(skewMs))} ${skewMs > 0 ? 'behind' : 'ahead of'}`;
  return `The clock of this machine is ${off} that of Temporal's server; the server's time counts.`;
}
