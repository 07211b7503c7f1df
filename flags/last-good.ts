import { type FlagDocument, type ParsedFlags, parseFlags } from './contract';
import type { FlagFormat } from './format';
import { afterRead, judgePush, type Limit, limits, type PushResult } from './pushed';
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
   * `parameter`: the last read brought it. `relay`: a relay pushed it since, and it is lower. `last-good`: the last read failed or was refused, or is too long ago, for
   * example after the process was suspended. `fallback`: none yet, the old side.
   */
  readonly source: 'parameter' | 'relay' | 'last-good' | 'fallback';
  /** Since the read that brought the document was started, or since the relay pushed it; absent before the first one. */
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

/** A pushed document beside the one that was read. */
interface Pushed extends Limit {
  readonly text: string;
  readonly isNew: (jobId: string) => boolean;
  readonly version?: number;
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
  #pushed: Pushed | undefined;
  /** The text of the last push that a read has refuted: a relay that repeats it is not believed again. */
  #refuted: string | undefined;
  /** The one of the two that counts. */
  #isNew: (jobId: string) => boolean = nowhere;

  readonly #terms: FlagTerms;

  constructor(terms: FlagTerms = {}) {
    this.#terms = terms;
  }

  /** The old side while there is no document. */
  isNew(jobId: string): boolean {
    return this.#isNew(jobId);
  }

  /** @param staleAfterMs the age from which a document is stale although no read has failed. */
  reading(nowMs: number, staleAfterMs = Infinity): FlagReading {
    if (!this.#held) {
      const why = this.#trouble ?? 'the parameter was not read yet';
      return { source: 'fallback', why: `all new jobs go to ${(this.#terms.sides ?? STANDARD_SIDES).old}: ${why}` };
    }
    // A monotonic clock has fractions, which nobody wants to read.
    const since = (atMs: number): number => Math.max(0, Math.floor(nowMs - atMs));
    const trouble = this.#trouble ?? (since(this.#held.readAtMs) > staleAfterMs ? NOT_READ_SINCE : undefined);
    const pushed = this.#counting();
    const { document, version } = pushed ?? this.#held;
    const ageMs = since(pushed?.atMs ?? this.#held.readAtMs);
    const came = pushed === undefined ? 'read' : 'pushed by the relay';
    const what = `generation ${document.generation} by ${document.writer}, ${came} ${ageMs} ms ago`;
    const counts = { document, version, ageMs };
    if (trouble !== undefined) return { ...counts, source: 'last-good', why: `${what}, is kept: ${trouble}` };
    return { ...counts, source: pushed === undefined ? 'parameter' : 'relay', why: what };
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
    this.#compare(document, startedAtMs);
    return 'taken';
  }

  /** A relay has pushed this. It only ever lowers what was read, and the next read decides (`pushed.ts`). */
  push(fetched: string | FetchedFlags, atMs: number): PushResult {
    const { text, version } = typeof fetched === 'string' ? { text: fetched } : fetched;
    const parsed = this.#parsed(text, version);
    if (!parsed.ok || text === this.#refuted) return 'refused';
    const { document } = parsed;
    const result = judgePush(document, this.#held?.document, this.#pushed?.document);
    if (result === 'taken') {
      this.#pushed = { document, text, version, atMs, isNew: routerFor(document) };
      this.#choose();
    }
    return result;
  }

  #compare(read: FlagDocument, startedAtMs: number): void {
    const found = this.#pushed && afterRead(this.#pushed, read, startedAtMs);
    if (found === 'refuted') this.#refuted = this.#pushed?.text;
    if (found !== 'stays') this.#pushed = undefined;
    this.#choose();
  }

  #choose(): void {
    this.#isNew = (this.#held && (this.#counting() ?? this.#held).isNew) ?? nowhere;
  }

  /** The pushed document, while it counts in place of the one that was read. */
  #counting(): Pushed | undefined {
    return this.#pushed && limits(this.#pushed.document, this.#held?.document) ? this.#pushed : undefined;
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

const nowhere = (): boolean => false;

const sameChoice = (one: FlagDocument, other: FlagDocument): boolean =>
  one.percentage === other.percentage && one.salt === other.salt;
