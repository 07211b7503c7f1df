import { type FlagDocument, type ParsedFlags, parseFlags } from './contract';
import type { FlagFormat } from './format';
import { routerFor, type Sides, STANDARD_SIDES } from './routing';

/** What a store returns: the text of the parameter, unread. */
export interface FetchedFlags {
  readonly text: string;
  /** SSM's own count of the parameter's values. For display, to tell which value an instance has; `generation` decides. */
  readonly version?: number;
}

/** The document that counts now, where it is from, and its age in ms. */
export interface FlagReading {
  /** The last good document; absent before the first one was read. */
  readonly document?: FlagDocument;
  /** The store's version of it, if the store has versions. */
  readonly version?: number;
  /**
   * `parameter`: the last read brought it. `last-good`: the last read failed or was refused, or is too long ago, for
   * example after the process was suspended. `fallback`: none yet, the old side.
   */
  readonly source: 'parameter' | 'last-good' | 'fallback';
  /** Since the read that brought the document was started; absent before the first one. */
  readonly ageMs?: number;
  readonly why: string;
}

/** The result of a read. `overtaken`: a later one had ended before, so this one does not count. */
export type ReadResult = 'taken' | 'refused' | 'failed' | 'overtaken';

interface Held {
  readonly document: FlagDocument;
  readonly isNew: (jobId: string) => boolean;
  readonly version?: number;
  /** When the read that brought it was started. */
  readonly readAtMs: number;
}

const NOT_READ_SINCE = 'no read has ended since, as after the process or the machine stood still';

/** How a service's flag is written and called. */
export interface FlagTerms {
  /** How the parameter holds the percentage: the plan's `flag.keys` or `flag.format`; the standard keys when left out. */
  readonly format?: FlagFormat;
  /** Names of the two sides in answers and texts; `new` and `old` when left out. */
  readonly sides?: Sides;
  /** For a parameter that holds only a number: the plan's `flag.salt`. A document has its own. */
  readonly salt?: string;
}

/** The last good document of an environment. Reads may end in another order than they began. */
export class LastGood {
  #held: Held | undefined;
  /** Why the last read brought nothing. */
  #trouble: string | undefined;

  readonly #terms: FlagTerms;

  constructor(terms: FlagTerms = {}) {
    this.#terms = terms;
  }

  /** The old side while there is no document. */
  isNew(jobId: string): boolean {
    return this.#held?.isNew(jobId) ?? false;
  }

  /** @param staleAfterMs the age from which a document is stale although no read has failed. */
  reading(nowMs: number, staleAfterMs = Infinity): FlagReading {
    if (!this.#held) {
      const why = this.#trouble ?? 'the parameter was not read yet';
      return { source: 'fallback', why: `all new jobs go to ${(this.#terms.sides ?? STANDARD_SIDES).old}: ${why}` };
    }
    const { document, version, readAtMs } = this.#held;
    const ageMs = Math.max(0, nowMs - readAtMs);
    const held = { document, version, ageMs };
    const what = `generation ${document.generation} by ${document.writer}, read ${ageMs} ms ago`;
    const trouble = this.#trouble ?? (ageMs > staleAfterMs ? NOT_READ_SINCE : undefined);
    if (trouble === undefined) return { ...held, source: 'parameter', why: what };
    return { ...held, source: 'last-good', why: `${what}, is kept: ${trouble}` };
  }

  /** A read that was started at `startedAtMs` has ended with this. */
  offer(fetched: string | FetchedFlags, startedAtMs: number): ReadResult {
    const { text, version } = typeof fetched === 'string' ? { text: fetched } : fetched;
    const parsed = this.#parsed(text, version);
    if (!parsed.ok) return this.#keep('refused', `the parameter is refused: ${parsed.why}`, startedAtMs);
    const { document } = parsed;
    const held = this.#held;
    if (held && document.generation < held.document.generation) {
      const lower = `generation ${document.generation} is lower than ${held.document.generation}, which was read before`;
      return this.#keep('refused', lower, startedAtMs);
    }
    const late = this.#isLate(startedAtMs);
    if (late && document.generation === held?.document.generation) return 'overtaken';
    this.#held = {
      document,
      // An unchanged document keeps its router, and with it the engine's optimizations.
      isNew: held && sameChoice(held.document, document) ? held.isNew : routerFor(document),
      version,
      readAtMs: Math.max(startedAtMs, held?.readAtMs ?? -Infinity),
    };
    if (!late) this.#trouble = undefined;
    return 'taken';
  }

  #parsed(text: string, version?: number): ParsedFlags {
    const { format, salt = '' } = this.#terms;
    const parsed = parseFlags(text, format, version);
    return parsed.ok && format === 'number' ? { ok: true, document: { ...parsed.document, salt } } : parsed;
  }

  /** A read that was started at `startedAtMs` has failed. */
  failed(error: unknown, startedAtMs: number): ReadResult {
    const why = error instanceof Error ? error.message || error.name : String(error);
    return this.#keep('failed', `the parameter could not be read: ${why}`, startedAtMs);
  }

  #keep(result: ReadResult, trouble: string, startedAtMs: number): ReadResult {
    if (this.#isLate(startedAtMs)) return 'overtaken';
    this.#trouble = trouble;
    return result;
  }

  #isLate(startedAtMs: number): boolean {
    return this.#held !== undefined && startedAtMs < this.#held.readAtMs;
  }
}

const sameChoice = (one: FlagDocument, other: FlagDocument): boolean =>
  one.percentage === other.percentage && one.salt === other.salt;
