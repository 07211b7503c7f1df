import type { Expected, JobTerms, Results } from '../rules/jobs/job-kind';
import { jobAddress } from '../rules/jobs/jobs-api';
import { messageOf } from './failures';
import { cutInTheMiddle } from '../rules/format';
import { webFetch } from './web';
import { poll } from './poll';
import { within } from './within';

/** `bad`: the API answered, but not with the job's results. `unanswered`: it did not answer, so nothing is known. */
export type ReadResults =
  | { readonly state: 'good'; readonly why: string }
  | { readonly state: 'bad'; readonly why: string; readonly differences?: readonly string[] }
  | { readonly state: 'unanswered'; readonly why: string };

export interface ResultsOrder {
  /** Base addresses of the API and of its instances, as `https://api.example.org`. */
  readonly places: readonly string[];
  readonly job: string;
  readonly terms: JobTerms;
  readonly expected: Expected;
  readonly abortSignal: AbortSignal;
}

export interface PatientOrder extends ResultsOrder {
  /** How late results may appear: an eventually consistent store answers 404 for a moment. */
  readonly withinMs: number;
}

const REQUEST_WITHIN_MS = 10_000;
/** A larger result must not fill the memory of the worker. */
const MOST_BYTES = 16 * 1024 * 1024;
/** Behind one address instances answer in turn or at random: read this often, and more once one of them was bad. */
const READS_OF_ONE_ADDRESS = 4;
const READS_AFTER_A_BAD_ONE = 12;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2_000;

/** Reads all results once from each place. */
export async function readResults({ places, abortSignal, ...order }: ResultsOrder): Promise<ReadResults> {
  const read = await Promise.all(
    places.map(async (place) => ({ place, found: await fromPlace(place, { ...order, abortSignal }) })),
  );
  abortSignal.throwIfAborted();
  const of = (state: ReadResults['state']) => read.filter(({ found }) => found.state === state);
  const [bad, unanswered] = [of('bad'), of('unanswered')];
  const [worst = read[0]] = [...bad, ...unanswered];
  if (worst === undefined) return { state: 'unanswered', why: 'no address of the API is known' };
  const some = bad.length > 0 ? bad.length : unanswered.length;
  const addresses = new Set(places).size;
  const where = addresses === 1 ? `${some} of ${read.length} reads of ${worst.place}` : worst.place;
  return worst.found.state === 'good' ? worst.found : { ...worst.found, why: `${worst.found.why} (${where})` };
}

/**
 * Reads until every place answers with good results, for a bounded time. Behind a single address all reads of a round must
 * be good, so that one failing instance among several is seen.
 */
export async function awaitResults({ places, withinMs, ...order }: PatientOrder): Promise<ReadResults> {
  const [first = '', ...others] = places;
  const repeated = (reads: number): readonly string[] =>
    others.length > 0 ? places : Array.from({ length: reads }, () => first);
  let asked = repeated(READS_OF_ONE_ADDRESS);
  return poll(() => readResults({ ...order, places: asked }), {
    until: ({ state }) => state === 'good',
    meanwhile: () => (asked = repeated(READS_AFTER_A_BAD_ONE)),
    everyMs: FIRST_PAUSE_MS,
    longestMs: LONGEST_PAUSE_MS,
    withinMs,
    signal: order.abortSignal,
  });
}

async function fromPlace(
  place: string,
  { job, terms, expected, abortSignal }: Omit<ResultsOrder, 'places'>,
): Promise<ReadResults> {
  const { jobs, kind } = terms;
  const read = await Promise.all(
    Object.entries(jobs.results).map(async ([name, below]) => {
      const found = await textOf(jobAddress(place, jobs, job, below), `its ${name}`, abortSignal);
      return { name, ...found };
    }),
  );
  for (const state of ['bad', 'unanswered'] as const) for (const one of read) if (one.state === state) return one;
  const results: Results = Object.fromEntries(read.map(({ name, text = '' }) => [name, text]));
  const { ok, why, differences } = kind.judgeResults(results, expected);
  return ok ? { state: 'good', why } : { state: 'bad', why, differences };
}

type Text = { readonly state: 'good'; readonly text: string } | Exclude<ReadResults, { readonly state: 'good' }>;

/** The answer of a gateway or a login page says nothing about the job. */
const saysNothing = (status: number): boolean => status >= 500 || [401, 403, 407, 408, 425, 429].includes(status);

async function textOf(url: string, what: string, abortSignal: AbortSignal): Promise<Text & { readonly text?: string }> {
  try {
    const signal = within(REQUEST_WITHIN_MS, abortSignal);
    // A kept connection would always reach the same instance.
    const answer = await webFetch(url, { signal, headers: { connection: 'close' } });
    const text = await bounded(answer);
    if (text === undefined) return { state: 'unanswered', why: `${what} is longer than ${MOST_BYTES} bytes` };
    if (answer.status === 200) return { state: 'good', text };
    const why = `${what} answers ${answer.status}: ${cutInTheMiddle(text.replaceAll(/\s+/g, ' '), 120)}`;
    return { state: saysNothing(answer.status) ? 'unanswered' : 'bad', why };
  } catch (error) {
    abortSignal.throwIfAborted();
    return { state: 'unanswered', why: `${what} was not answered: ${messageOf(error)}` };
  }
}

/** Undefined when there is more than the worker should hold. */
async function bounded({ body }: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
