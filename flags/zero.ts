/**
 * The one way to 0 %, for each of its writers: the worker, break-glass and the guardian. A writer brings a driver with its
 * own patience and its own errors.
 */
import { type FlagDocument, flagForms, othersOf, parseFlags, REASON_CHARACTERS } from './contract';
import type { FlagFormat } from './format';
import { firstCharacters } from './parameter-text';

/** The document to write. */
export interface ZeroOrder {
  readonly writer: string;
  readonly reason: string;
  readonly salt: string;
  /** How the parameter holds the percentage; the standard keys when left out. */
  readonly format?: FlagFormat;
  /** How far above the present generation: further than any other kind of write (`rules/rollout/state/flag.ts`). */
  readonly above: number;
  /**
   * The lowest generation, for a writer that knows every raise under way. Without it the seconds since 1970, which exceed
   * every counted generation.
   */
  readonly atLeast?: number;
}

export interface ZeroDriver<Found extends { readonly text: string }> {
  /** How long the write waits at most for the read before it. */
  readonly readFirstMs: number;
  /** The parameter as it is; undefined when there is none. */
  read(abortSignal?: AbortSignal): Promise<Found | undefined>;
  /** Writes the longest form that the store takes (`writeFitting` of `parameter-text.ts`), and returns its text. */
  put(forms: readonly unknown[]): Promise<string>;
  /** In ms since 1970. */
  now(): number;
  sleep(ms: number, abortSignal?: AbortSignal): Promise<unknown>;
}

/** What the read before the write found. `unknown`: it failed or took too long, and the write does not wait for it. */
export type FoundBefore<Found> = Found | 'nothing' | 'unknown';

export type ZeroAttempt<Found, Reason = never> =
  | {
      readonly status: 'confirmed';
      readonly before: FoundBefore<Found>;
      readonly readBack: Found;
      readonly generation: number;
    }
  /** Read back as something else: a late write, or the store lost this one. Try again. */
  | { readonly status: 'unconfirmed'; readonly readBack: Found | undefined }
  /** Nothing was written, because of `unless`. */
  | { readonly status: 'not-written'; readonly because: Reason };

/**
 * One attempt: reads briefly, writes 0 above every generation, reads back. Idempotent. A failed read does not stop the
 * write; a failed write, and a failed read after it, are the driver's errors.
 *
 * @param unless a reason not to write, from the read before it: the credentials of another account, or a 0 that is there.
 */
export async function writeZero<Found extends { readonly text: string }, Reason = never>(
  driver: ZeroDriver<Found>,
  order: ZeroOrder,
  unless?: (before: FoundBefore<Found>) => Reason | undefined | Promise<Reason | undefined>,
): Promise<ZeroAttempt<Found, Reason>> {
  const before = await readBriefly(driver);
  const because = await unless?.(before);
  if (because !== undefined) return { status: 'not-written', because };
  const document = zeroOver(typeof before === 'string' ? undefined : before.text, { ...order, nowMs: driver.now() });
  const text = await driver.put(flagForms(document, order.format));
  const readBack = await driver.read();
  if (readBack?.text !== text) return { status: 'unconfirmed', readBack };
  return { status: 'confirmed', before, readBack, generation: document.generation };
}

async function readBriefly<Found extends { readonly text: string }>({
  readFirstMs,
  read,
  sleep,
}: ZeroDriver<Found>): Promise<FoundBefore<Found>> {
  const done = new AbortController();
  const unknown = (): 'unknown' => 'unknown';
  try {
    const found = read(done.signal).then((one): FoundBefore<Found> => one ?? 'nothing', unknown);
    return await Promise.race([found, sleep(readFirstMs, done.signal).then(unknown, unknown)]);
  } finally {
    done.abort();
  }
}

/**
 * The document that writes 0 % over any present one. A raise under way, unknown here, arrives with a lower generation, and
 * readers ignore it.
 */
export function zeroOver(
  present: string | undefined,
  { writer, reason, salt, format, above, atLeast, nowMs }: ZeroOrder & { readonly nowMs: number },
): FlagDocument {
  const parsed = present === undefined ? undefined : parseFlags(present, format);
  const uncounted = Math.floor(nowMs / 1_000);
  const wanted = Math.max(atLeast ?? uncounted, parsed?.ok ? parsed.document.generation + above : uncounted);
  // No reader would accept a fraction, or more than the safe integers; an equal one is not ignored.
  const generation = Math.min(Math.ceil(wanted), Number.MAX_SAFE_INTEGER);
  const zero = { schema: 1, generation, writer, reason: firstCharacters(reason, REASON_CHARACTERS), salt } as const;
  return { ...zero, percentage: 0, others: othersOf(present, format) };
}

/** What a later check finds of a 0 %. `raised-again`: by a writer that had read it, a rollout that was started again. */
export type Lasting = 'confirmed' | 'raised-again' | 'lost';

/** A plain number has no generation: any raise over it is taken for a late one. */
export function lastingOf(generation: number, text: string | undefined, format?: FlagFormat): Lasting {
  const parsed = text === undefined ? undefined : parseFlags(text, format);
  if (!parsed?.ok) return 'lost';
  if (parsed.document.percentage === 0) return 'confirmed';
  return parsed.document.generation > generation ? 'raised-again' : 'lost';
}

export interface LastingZero<Found extends { readonly text: string }> {
  readonly format?: FlagFormat | undefined;
  /** The longest time in which a write given up elsewhere may still arrive. */
  readonly lateWriteMs: number;
  /** Writes 0 until it is confirmed. */
  readonly write: () => Promise<{ readonly generation: number }>;
  readonly read: () => Promise<Found | undefined>;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** Whether 0 is written over a raise by a writer that had read the first 0. */
  readonly overRaise: boolean;
  /** Called before 0 is written again. */
  readonly onLost: (found: Found | undefined) => void;
}

/** Checks a written 0 % again after the longest time of a late write, and writes it again until it lasts. */
export async function untilZeroLasts<Found extends { readonly text: string }>(
  generation: number,
  steps: LastingZero<Found>,
): Promise<{ readonly lasting: Lasting; readonly found: Found | undefined; readonly rewritten: number }> {
  for (let rewritten = 0, written = generation; ; rewritten += 1) {
    await steps.sleep(steps.lateWriteMs);
    const found = await steps.read();
    const lasting = lastingOf(written, found?.text, steps.format);
    if (lasting === 'confirmed' || (lasting === 'raised-again' && !steps.overRaise))
      return { lasting, found, rewritten };
    steps.onLost(found);
    written = (await steps.write()).generation;
  }
}
