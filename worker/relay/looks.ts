import { setTimeout as sleep } from 'node:timers/promises';
import type { AwsFor } from '../../activities/aws';
import { readValue, valueOf } from '../../activities/observe/flag/flags';
import { NAMES_PER_REQUEST, parameterNamed } from '../../activities/observe/flag/parameter-batch';
import { untilAborted } from '../loop';
import type { RelayedFlag } from './documents';

const EVERY_MS = 1_000;
/** Of the 40 reads that SSM allows by default in a second, for an account and region: readers and worker need the rest. */
const REQUESTS_PER_SECOND = 5;
/** So that many notices in a row cannot use up SSM's rate. */
const LOOK_AGAIN_AFTER_MS = 200;

export interface LookParts {
  readonly awsFor: AwsFor;
  readonly flags: readonly RelayedFlag[];
  /** Only flags that somebody listens to are read. */
  readonly isHeard: (flag: RelayedFlag) => boolean;
  readonly report: (problem: string) => void;
  readonly signal: AbortSignal;
}

/** Reads the flags from SSM: each second what is listened to, and at once what somebody says has changed. */
export class Looks {
  readonly #next = new Map<RelayedFlag, Promise<void>>();
  readonly #lastMs = new Map<RelayedFlag, number>();
  readonly #done: Promise<unknown>;

  constructor(private readonly parts: LookParts) {
    const places = new Map<string, RelayedFlag[]>();
    for (const flag of parts.flags) {
      const key = JSON.stringify([flag.aws.account, flag.aws.region, flag.aws.profile]);
      places.set(key, [...(places.get(key) ?? []), flag]);
    }
    this.#done = Promise.all([...places.values()].map((flags) => this.#repeat(flags)));
  }

  /** Reads one flag now, or joins a read that has not begun yet. Errors are reported. */
  look(flag: RelayedFlag): Promise<void> {
    const waiting = this.#next.get(flag);
    if (waiting) return waiting;
    const waitMs = (this.#lastMs.get(flag) ?? -Infinity) + LOOK_AGAIN_AFTER_MS - Date.now();
    const next = this.#after(waitMs).then(() => {
      this.#next.delete(flag);
      return this.#lookNow(flag);
    });
    this.#next.set(flag, next);
    return next;
  }

  ended(): Promise<unknown> {
    return this.#done;
  }

  async #after(ms: number): Promise<void> {
    if (ms > 0) await sleep(ms, undefined, { signal: this.parts.signal }).catch(() => undefined);
  }

  async #lookNow(flag: RelayedFlag): Promise<void> {
    const { awsFor, report, signal } = this.parts;
    if (signal.aborted) return;
    const startedAtMs = Date.now();
    this.#lastMs.set(flag, startedAtMs);
    try {
      const value = await readValue(awsFor, flag.aws, flag.flag.parameter, signal);
      if (value !== undefined) flag.offer(value, startedAtMs, 'read');
    } catch (error) {
      if (!signal.aborted) report(error instanceof Error ? error.message : String(error));
    }
  }

  async #repeat(flags: readonly RelayedFlag[]): Promise<void> {
    const { awsFor, isHeard, report, signal } = this.parts;
    const requests = Math.ceil(flags.length / NAMES_PER_REQUEST);
    const pauseMs = Math.max(EVERY_MS, (requests * 1_000) / REQUESTS_PER_SECOND);
    await untilAborted({ abortSignal: signal, pauseMs, pauseAfterErrorMs: pauseMs, report }, async () => {
      const read = async (flag: RelayedFlag): Promise<void> => {
        const startedAtMs = Date.now();
        const value = valueOf(await parameterNamed(awsFor(flag.aws).ssm, flag.flag.parameter));
        if (value !== undefined) flag.offer(value, startedAtMs, 'read');
      };
      // One that fails keeps no other back.
      const ends = await Promise.allSettled(flags.filter(isHeard).map(read));
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
    });
  }
}
