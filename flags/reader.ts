import { LastGood, type FetchedFlags, type FlagReading, type ReadResult } from './last-good';
import { firstDelay, jittered } from './refresh';
import type { Backend } from './routing';

export interface FlagReaderOptions {
  /**
   * Reads the parameter's value, with `version` when the store counts its values, as SSM does. May throw, and may hang;
   * give it a time limit all the same, for `refresh` waits for it.
   */
  readonly fetch: () => Promise<string | FetchedFlags>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** `refreshMsFor` says how long it has to be for many instances. */
  readonly refreshMs: number;
  /** Runs something later and returns how to call it off. Without it `current` and `route` start a read when one is due. */
  readonly schedule?: (run: () => void, delayMs: number) => () => void;
  /** From 0 up to 1, for the jitter: many instances must not ask in the same millisecond. Without it there is none. */
  readonly random?: () => number;
}

/** One read that has ended, for metrics. */
export interface FlagRead {
  readonly result: ReadResult;
  readonly tookMs: number;
  /** What is held after it. */
  readonly reading: FlagReading;
}

export interface FlagReader {
  /** At once, from memory. Never throws. */
  readonly current: () => FlagReading;
  /** Where a new job runs by the current document; Nextflow while there is none. Never throws. */
  readonly route: (jobId: string) => Backend;
  /** Reads now, or joins the read under way. Never throws. */
  readonly refresh: () => Promise<FlagReading>;
  /** Tells of every read that ends from now on; returns how to stop that. What a listener throws is ignored. */
  readonly onRead: (listener: (read: FlagRead) => void) => () => void;
  readonly stop: () => void;
}

interface Read {
  readonly startedAtMs: number;
  readonly done: Promise<void>;
}

/** A read that takes longer than this many refreshes is given up for a new one; its answer still counts if it comes. */
const ABANDON_AFTER_REFRESHES = 10;

/**
 * Keeps the flag document of one environment in memory and refreshes it behind the requests. What cannot be read, is
 * not valid, or carries a lower generation than the one held changes nothing: the last good document stays for as long
 * as it takes. An equal generation is taken, so that a percentage edited by hand in the console has effect.
 */
export function createFlagReader(options: FlagReaderOptions): FlagReader {
  const held = new LastGood();
  const reads = new Reads(options, held);
  let stopped = false;
  let cancel: (() => void) | undefined;
  const repeat = (delayMs: number): void => {
    if (stopped || !options.schedule) return;
    void reads.begin();
    cancel = options.schedule(() => repeat(jittered(options)), delayMs);
  };
  const readWhenDue = (): void => {
    if (!options.schedule && !stopped) reads.beginWhenDue();
  };
  repeat(firstDelay(options));
  return {
    current: () => {
      readWhenDue();
      return held.reading(options.now());
    },
    route: (jobId) => {
      try {
        readWhenDue();
        return held.route(jobId);
      } catch {
        // An id that is no text comes from a caller without types; its request must survive that.
        return 'nextflow';
      }
    },
    refresh: () => reads.begin().then(() => held.reading(options.now())),
    onRead: (listener) => reads.listen(listener),
    stop: () => {
      stopped = true;
      cancel?.();
    },
  };
}

/** Reads one at a time and tells what came of them. */
class Reads {
  readonly #options: FlagReaderOptions;
  readonly #held: LastGood;
  readonly #listeners = new Set<(read: FlagRead) => void>();
  #underWay: Read | undefined;
  #lastTryMs = -Infinity;

  constructor(options: FlagReaderOptions, held: LastGood) {
    this.#options = options;
    this.#held = held;
  }

  listen(listener: (read: FlagRead) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  beginWhenDue(): void {
    if (this.#options.now() - this.#lastTryMs >= this.#options.refreshMs) void this.begin();
  }

  /** Starts a read, or joins the one under way. Never throws. */
  begin(): Promise<void> {
    const startedAtMs = this.#options.now();
    const patienceMs = ABANDON_AFTER_REFRESHES * this.#options.refreshMs;
    if (this.#underWay && startedAtMs - this.#underWay.startedAtMs < patienceMs) return this.#underWay.done;
    this.#lastTryMs = startedAtMs;
    const read: Read = {
      startedAtMs,
      done: this.#readOnce(startedAtMs).then((result) => {
        if (this.#underWay === read) this.#underWay = undefined;
        this.#tell(result, startedAtMs);
      }),
    };
    this.#underWay = read;
    return read.done;
  }

  async #readOnce(startedAtMs: number): Promise<ReadResult> {
    try {
      return this.#held.offer(await this.#options.fetch(), startedAtMs);
    } catch (error) {
      return this.#held.failed(error, startedAtMs);
    }
  }

  #tell(result: ReadResult, startedAtMs: number): void {
    const nowMs = this.#options.now();
    const read = { result, tookMs: nowMs - startedAtMs, reading: this.#held.reading(nowMs) };
    for (const listener of this.#listeners) {
      try {
        listener(read);
      } catch {
        // Metrics must not stop the flags.
      }
    }
  }
}
