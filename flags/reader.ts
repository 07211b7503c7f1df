import { LastGood, type FetchedFlags, type FlagReading, type FlagTerms, type ReadResult } from './last-good';
import { type FlagFormat, STANDARD_KEYS } from './format';
import type { PushResult } from './pushed';
import { firstDelay, jittered, overdueAfterMs, staleAfterMs, timeOf } from './refresh';
import { type Sides, STANDARD_SIDES } from './routing';

export interface FlagReaderOptions extends FlagTerms {
  /** Key of the flag for OpenFeature and OFREP; `rollout` when left out. */
  readonly flagKey?: string;
  /**
   * Reads the parameter's value, with `version` when the store counts its values, as SSM does. May throw, and may hang; but
   * give it a time limit, because `refresh` waits for it.
   */
  readonly fetch: () => Promise<string | FetchedFlags>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /**
   * Milliseconds of a clock that is never set, such as `performance.now`. With both, a document ages by the faster one:
   * this one may stop while the machine is suspended, and `now` may be set back.
   */
  readonly monotonicNow?: () => number;
  /** `refreshMsFor` computes it for many instances. */
  readonly refreshMs: number;
  /**
   * Runs something later and returns a function that cancels it. Without it `current` and `route` start a read when one is
   * due.
   */
  readonly schedule?: (run: () => void, delayMs: number) => () => void;
  /** How long `fresh` waits for a read at most; default: 1 s. */
  readonly firstAnswerWithinMs?: number;
  /**
   * Listens to a relay (`listenToRelay`), calls `push` with every document that it sends, and returns a function that ends
   * that. Without it, and while the relay is away, only reads bring changes.
   */
  readonly listen?: (push: (pushed: string | FetchedFlags) => void) => () => void;
  /** From 0 up to 1, for the jitter: many instances must not read in the same millisecond. Without it there is none. */
  readonly random?: () => number;
}

/** One read that has ended, or one push, for metrics. */
export interface FlagRead {
  readonly result: ReadResult | PushResult;
  /** What brought it; a push has taken no time. */
  readonly from: 'parameter' | 'relay';
  readonly tookMs: number;
  /** What is held after it. */
  readonly reading: FlagReading;
}

/** Reads the flag in the background and answers from memory. No method throws. */
export interface FlagReader {
  /** At once, from memory. Never throws. */
  readonly current: () => FlagReading;
  /**
   * As `current`, but first waits for a read when none has begun for longer than a refresh: nothing was read yet, or the
   * process was suspended (a frozen Lambda, SIGSTOP, a suspended machine, a start from a snapshot). Call it before `route`.
   * It waits `firstAnswerWithinMs` at most, and without `schedule` not at all; its answer is then marked `last-good`. Never
   * throws.
   */
  readonly fresh: () => Promise<FlagReading>;
  /** Whether a new job goes to the new side by the current document; not while there is none. Never throws. */
  readonly isNew: (jobId: string) => boolean;
  /** The same as the name of the side. */
  readonly route: (jobId: string) => string;
  readonly flagKey: string;
  readonly sides: Sides;
  readonly format: FlagFormat;
  /** Reads now, or joins the read under way. Never throws. */
  readonly refresh: () => Promise<FlagReading>;
  /** A relay has sent this. It takes effect at once when it lowers the percentage; anything else waits for a read. Never throws. */
  readonly push: (pushed: string | FetchedFlags) => PushResult;
  /** Reports every read that ends, and every push, from now on; returns a function that stops that. Errors of a listener are ignored. */
  readonly onRead: (listener: (read: FlagRead) => void) => () => void;
  /** Ends the reads in the background and stops listening to the relay; what counted last stays. */
  readonly stop: () => void;
}

interface Read {
  readonly startedAtMs: number;
  readonly done: Promise<void>;
}

/** A read that takes longer than this many refreshes is replaced by a new one; its answer still counts if it comes. */
const ABANDON_AFTER_REFRESHES = 10;

const FIRST_ANSWER_WITHIN_MS = 1_000;

/**
 * Keeps the flag document of one environment in memory and refreshes it behind the requests. A value that cannot be read,
 * is not valid, or has a lower generation than the one held changes nothing: the last good document stays as long as
 * needed. An equal generation is accepted, so that a percentage edited by hand in the console has effect.
 */
export function createFlagReader(given: FlagReaderOptions): FlagReader {
  const options = { ...given, now: timeOf(given.now, given.monotonicNow) };
  const held = new LastGood(given);
  const sides = given.sides ?? STANDARD_SIDES;
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
  const current = (): FlagReading => {
    readWhenDue();
    return reads.reading();
  };
  const isNew = (jobId: string): boolean => {
    try {
      readWhenDue();
      return held.isNew(jobId);
    } catch {
      return false; // A caller without types may pass an id that is no text; its request must survive that.
    }
  };
  repeat(firstDelay(options));
  const endListening = given.listen?.((pushed) => reads.push(pushed));
  return {
    current,
    fresh: async () => {
      const isFresh = stopped || (await reads.caughtUp(options.firstAnswerWithinMs ?? FIRST_ANSWER_WITHIN_MS));
      return isFresh ? current() : reads.reading(0);
    },
    isNew,
    route: (jobId) => (isNew(jobId) ? sides.new : sides.old),
    flagKey: given.flagKey ?? 'rollout',
    sides,
    format: given.format ?? STANDARD_KEYS,
    refresh: () => reads.begin().then(() => reads.reading()),
    push: (pushed) => reads.push(pushed),
    onRead: (listener) => reads.listen(listener),
    stop: () => {
      stopped = true;
      cancel?.();
      endListening?.();
    },
  };
}

/** Reads one at a time and reports each result. */
class Reads {
  readonly #options: FlagReaderOptions;
  readonly #held: LastGood;
  readonly #listeners = new Set<(read: FlagRead) => void>();
  #underWay: Read | undefined;
  #lastTryMs = -Infinity;
  /** When a read was last requested, also while one was under way already. */
  #lastAskedMs = -Infinity;
  /** The first read after a pause longer than a refresh; until it ends, the held document is old. */
  #firstAfterGap: Read | undefined;

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

  reading(staleMs = staleAfterMs(this.#options.refreshMs)): FlagReading {
    return this.#held.reading(this.#options.now(), staleMs);
  }

  /**
   * Waits this long for the first read after a pause longer than a refresh, and starts it if needed. Reads that only fail
   * or take long continue in the background: no request waits for them. False when the read has not ended.
   */
  async caughtUp(withinMs: number): Promise<boolean> {
    if (this.#isLate()) void this.begin();
    const read = this.#firstAfterGap;
    if (read === undefined) return true;
    const { schedule, now } = this.#options;
    const leftMs = read.startedAtMs + withinMs - now();
    if (schedule === undefined || leftMs <= 0) return false;
    let cancel: (() => void) | undefined;
    const patience = new Promise<false>((resolve) => (cancel = schedule(() => resolve(false), leftMs)));
    const isDone = await Promise.race([read.done.then(() => true), patience]);
    cancel?.();
    return isDone;
  }

  /** Starts a read, or joins the one under way. Never throws. */
  begin(): Promise<void> {
    const startedAtMs = this.#options.now();
    const afterGap = this.#isLate();
    this.#lastAskedMs = startedAtMs;
    const patienceMs = ABANDON_AFTER_REFRESHES * this.#options.refreshMs;
    // A read from before the pause is not waited for: its connection may be gone.
    if (this.#underWay && !afterGap && startedAtMs - this.#underWay.startedAtMs < patienceMs)
      return this.#underWay.done;
    this.#lastTryMs = startedAtMs;
    const read: Read = {
      startedAtMs,
      done: this.#readOnce(startedAtMs).then((result) => {
        if (this.#underWay === read) this.#underWay = undefined;
        if ((this.#firstAfterGap?.startedAtMs ?? Infinity) <= startedAtMs) this.#firstAfterGap = undefined;
        this.#tell(result, startedAtMs);
      }),
    };
    this.#underWay = read;
    if (afterGap) this.#firstAfterGap = read;
    return read.done;
  }

  #isLate(): boolean {
    return this.#options.now() - this.#lastAskedMs > overdueAfterMs(this.#options.refreshMs);
  }

  async #readOnce(startedAtMs: number): Promise<ReadResult> {
    try {
      return this.#held.offer(await this.#options.fetch(), startedAtMs);
    } catch (error) {
      return this.#held.failed(error, startedAtMs);
    }
  }

  push(pushed: string | FetchedFlags): PushResult {
    const result = this.#offered(pushed);
    this.#tell(result, this.#options.now(), 'relay');
    return result;
  }

  #offered(pushed: string | FetchedFlags): PushResult {
    try {
      return this.#held.push(pushed, this.#options.now());
    } catch {
      // A caller without types may push what is no text.
      return 'refused';
    }
  }

  #tell(result: FlagRead['result'], startedAtMs: number, from: FlagRead['from'] = 'parameter'): void {
    const nowMs = this.#options.now();
    const read = { result, from, tookMs: nowMs - startedAtMs, reading: this.reading() };
    for (const listener of this.#listeners) {
      try {
        listener(read);
      } catch {
        // Metrics must not stop the flags.
      }
    }
  }
}
