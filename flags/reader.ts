import { parseFlags, type FlagDocument } from './contract';
import { route, type Backend } from './routing';

export interface FlagReaderOptions {
  /** Reads the parameter's value; may throw, and may hang. */
  readonly fetch: () => Promise<string>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly refreshMs: number;
  /** Runs something later and returns how to call it off. Without it `current` itself starts a read when one is due. */
  readonly schedule?: (run: () => void, delayMs: number) => () => void;
  /** From 0 up to 1, for the jitter: many instances must not ask in the same millisecond. Without it there is none. */
  readonly random?: () => number;
}

export interface FlagReading {
  /** The last good document; absent before the first one was read. */
  readonly document?: FlagDocument;
  /** `parameter`: the last read brought it. `last-good`: the last read failed or was refused. `fallback`: none yet, Nextflow. */
  readonly source: 'parameter' | 'last-good' | 'fallback';
  /** Since the read that brought the document was started; absent before the first one. */
  readonly ageMs?: number;
  readonly why: string;
}

export interface FlagReader {
  /** At once, from memory. Never throws. */
  readonly current: () => FlagReading;
  /** Where a new job runs by the current document; Nextflow while there is none. Never throws. */
  readonly route: (jobId: string) => Backend;
  /** Reads now, or joins the read under way. Never throws. */
  readonly refresh: () => Promise<FlagReading>;
  readonly stop: () => void;
}

interface Read {
  readonly startedAtMs: number;
  readonly done: Promise<void>;
}

interface State {
  document?: FlagDocument;
  /** When the read that brought the document was started. */
  readAtMs?: number;
  lastTryMs: number;
  /** Why the last read brought nothing. */
  trouble?: string;
  underWay?: Read;
  stopped: boolean;
  cancel?: () => void;
}

/** A read that takes longer than this many refreshes is given up for a new one; its answer still counts if it comes. */
const ABANDON_AFTER_REFRESHES = 10;
const JITTER = 0.2;

/**
 * Keeps the flag document of one environment in memory and refreshes it behind the requests. What cannot be read, is
 * not valid, or carries a lower generation than the one held changes nothing: the last good document stays for as long
 * as it takes. An equal generation is taken, so that a percentage edited by hand in the console has effect.
 */
export function createFlagReader(options: FlagReaderOptions): FlagReader {
  const state: State = { lastTryMs: -Infinity, stopped: false };
  const begin = (): Promise<void> => {
    const underWay = state.underWay;
    const startedAtMs = options.now();
    if (underWay && startedAtMs - underWay.startedAtMs < ABANDON_AFTER_REFRESHES * options.refreshMs)
      return underWay.done;
    state.lastTryMs = startedAtMs;
    const read: Read = {
      startedAtMs,
      done: readOnce(options.fetch, state, startedAtMs).then(() => {
        if (state.underWay === read) delete state.underWay;
      }),
    };
    state.underWay = read;
    return read.done;
  };
  const repeat = (): void => {
    if (state.stopped || !options.schedule) return;
    void begin();
    state.cancel = options.schedule(repeat, jittered(options));
  };
  const current = (): FlagReading => {
    const nowMs = options.now();
    if (!options.schedule && !state.stopped && nowMs - state.lastTryMs >= options.refreshMs) void begin();
    return reading(state, nowMs);
  };
  repeat();
  return {
    current,
    route: (jobId) => {
      const { document } = current();
      return document ? route(jobId, document) : 'nextflow';
    },
    refresh: () => begin().then(() => reading(state, options.now())),
    stop: () => {
      state.stopped = true;
      state.cancel?.();
    },
  };
}

/** One read; never throws. Reads may end in another order than they began: an older one never undoes a newer one. */
async function readOnce(fetch: () => Promise<string>, state: State, startedAtMs: number): Promise<void> {
  let trouble: string | undefined;
  try {
    const parsed = parseFlags(await fetch());
    trouble = parsed.ok ? accept(state, parsed.document, startedAtMs) : `the parameter is refused: ${parsed.why}`;
  } catch (error) {
    trouble = `the parameter could not be read: ${error instanceof Error ? error.message || error.name : String(error)}`;
  }
  if (startedAtMs < (state.readAtMs ?? -Infinity)) return;
  if (trouble === undefined) delete state.trouble;
  else state.trouble = trouble;
}

/** Takes the document over, or says why not. */
function accept(state: State, document: FlagDocument, startedAtMs: number): string | undefined {
  const held = state.document;
  if (held && document.generation < held.generation)
    return `generation ${document.generation} is lower than ${held.generation}, which was read before`;
  if (held && document.generation === held.generation && startedAtMs < (state.readAtMs ?? -Infinity)) return undefined;
  state.document = document;
  state.readAtMs = Math.max(startedAtMs, state.readAtMs ?? -Infinity);
  return undefined;
}

function reading(state: State, nowMs: number): FlagReading {
  const { document, readAtMs, trouble } = state;
  if (!document || readAtMs === undefined)
    return { source: 'fallback', why: `all new jobs go to Nextflow: ${trouble ?? 'the parameter was not read yet'}` };
  const ageMs = Math.max(0, nowMs - readAtMs);
  const what = `generation ${document.generation} by ${document.writer}, read ${ageMs} ms ago`;
  if (trouble === undefined) return { document, source: 'parameter', ageMs, why: what };
  return { document, source: 'last-good', ageMs, why: `${what}, is kept: ${trouble}` };
}

function jittered({ refreshMs, random }: FlagReaderOptions): number {
  return random ? refreshMs * (1 - JITTER + 2 * JITTER * random()) : refreshMs;
}
