import { rawDocument } from './contract';
import { aboutAnswer, isNewFor, isSplit, percentageOf, sideFor, type AnswerMetadata } from './evaluation';
import { isObject } from './json';
import type { FlagReading } from './last-good';
import { murmur3 } from './murmur3';
import type { FlagReader } from './reader';

/**
 * Answers a request of the OpenFeature Remote Evaluation Protocol (OFREP 0.3.0, https://github.com/open-feature/protocol),
 * so that OpenFeature clients of any language can read the flag.
 */
export interface OfrepAnswer {
  readonly status: 200 | 304 | 400 | 404 | 500;
  readonly headers?: Readonly<Record<string, string>>;
  /** Absent with 304. */
  readonly body?: unknown;
}

type ErrorCode = 'PARSE_ERROR' | 'TARGETING_KEY_MISSING' | 'INVALID_CONTEXT' | 'FLAG_NOT_FOUND' | 'GENERAL';

interface Refusal {
  readonly errorCode: ErrorCode;
  readonly errorDetails: string;
}

const refusal = (errorCode: ErrorCode, errorDetails: string): Refusal => ({ errorCode, errorDetails });

interface Answered {
  readonly value: unknown;
  readonly variant?: string;
}

interface Question {
  readonly reader: FlagReader;
  readonly reading: FlagReading;
  readonly jobId: string | undefined;
}

/** A request does not name the type of the flag, so each type has a key of its own. */
const FLAGS: Readonly<Record<string, (question: Question) => Answered | Refusal>> = {
  '': (question) => aboutJob(question, isNewFor),
  '.side': (question) => aboutJob(question, sideFor),
  '.percentage': ({ reading }) => ({ value: percentageOf(reading) }),
  '.document': ({ reader, reading: { document, why } }) =>
    document ? { value: rawDocument(document, reader.format) } : refusal('GENERAL', `there is no document yet: ${why}`),
};

const keysOf = ({ flagKey }: FlagReader): readonly string[] => Object.keys(FLAGS).map((ending) => flagKey + ending);

/** `POST /ofrep/v1/evaluate/flags/{key}`. `body` is the parsed JSON. The targeting key is the job's id. */
export function evaluateFlag(reader: FlagReader, key: string, body: unknown): OfrepAnswer {
  const request = parseRequest(body);
  if ('errorCode' in request) return { status: 400, body: { key, ...request } };
  const keys = keysOf(reader);
  if (!keys.includes(key))
    return {
      status: 404,
      body: { key, ...refusal('FLAG_NOT_FOUND', `the flags are ${keys.join(', ')}`) },
    };
  const answer = entryOf(key, { reader, reading: reader.current(), ...request });
  return { status: 'errorCode' in answer ? 400 : 200, body: answer };
}

/**
 * `POST /ofrep/v1/evaluate/flags`: all flags, each with its value or its error. 304 when the entity tag of the same
 * answer is in the header `If-None-Match`. The answer leaves out the age, which grows with time, so that 304 stays
 * possible. `eventStreams` are named in the answer, for clients that want to know of a change at once (`notifyChanges`).
 */
export function evaluateFlags(
  reader: FlagReader,
  body: unknown,
  ifNoneMatch = '',
  eventStreams?: readonly OfrepEventStream[],
): OfrepAnswer {
  const request = parseRequest(body);
  if ('errorCode' in request) return { status: 400, body: request };
  const question = { reader, reading: reader.current(), ...request };
  const flags = keysOf(reader).map((key) => withoutAge(entryOf(key, question)));
  const etag = tagOf(JSON.stringify(flags));
  const known = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return known.includes(etag)
    ? { status: 304, headers: { etag } }
    : { status: 200, headers: { etag }, body: eventStreams ? { flags, eventStreams } : { flags } };
}

/** The answer when the body is not JSON at all, with `key` if the request was for one flag. */
export function unreadableRequest(why: string, key?: string): OfrepAnswer {
  const told = refusal('PARSE_ERROR', why);
  return { status: 400, body: key === undefined ? told : { key, ...told } };
}

/** Before the first document it is the old side. When it depends on the job, the request must name the job. */
function aboutJob({ reader, reading, jobId }: Question, valueOf: typeof isNewFor | typeof sideFor): Answered | Refusal {
  if (jobId === undefined && isSplit(reading))
    return refusal('TARGETING_KEY_MISSING', 'send the id of the job as context.targetingKey');
  return { value: valueOf(reader, reading, jobId), variant: sideFor(reader, reading, jobId) };
}

type Entry = { readonly key: string } & (
  Refusal | (Answered & { readonly reason: string; readonly metadata: AnswerMetadata })
);

function entryOf(key: string, question: Question): Entry {
  const answer = FLAGS[key.slice(question.reader.flagKey.length)]!(question);
  return 'errorCode' in answer ? { key, ...answer } : { key, ...answer, ...aboutAnswer(question.reading) };
}

function withoutAge(entry: Entry): unknown {
  if ('errorCode' in entry || entry.metadata.ageMs === undefined) return entry;
  // `why` contains the age as well.
  const { ageMs: _age, why: _why, ...lasting } = entry.metadata;
  return { ...entry, metadata: lasting };
}

/** 128 bits: with 32 an old answer would occasionally pass for the new one. */
function tagOf(text: string): string {
  return `"${[0, 1, 2, 3].map((seed) => murmur3(text, seed).toString(16).padStart(8, '0')).join('')}"`;
}

/** A client of another language may write null for a missing value. */
function parseRequest(body: unknown): { readonly jobId: string | undefined } | Refusal {
  if (!isObject(body)) return refusal('PARSE_ERROR', 'the body is not a JSON object');
  const context = body['context'] ?? {};
  if (!isObject(context)) return refusal('INVALID_CONTEXT', 'context is not an object');
  const jobId = context['targetingKey'] ?? undefined;
  if (jobId === undefined || typeof jobId === 'string') return { jobId };
  return refusal('INVALID_CONTEXT', 'context.targetingKey is not a text');
}

/** A stream of notices of a change, as the answer for all flags names it (OFREP 0.3.0, ADR-0008 of open-feature/protocol). */
export interface OfrepEventStream {
  readonly type: 'sse';
  /** On the server that the client asks already. */
  readonly endpoint: { readonly requestUri: string };
}

export const eventStreamAt = (requestUri: string): OfrepEventStream => ({ type: 'sse', endpoint: { requestUri } });

/**
 * Calls `send` with a server-sent event whenever the document changes, by a read or by a relay, and returns a function that ends
 * that. The event holds no value: a client asks for all flags again.
 */
export function notifyChanges(reader: FlagReader, send: (event: string) => void): () => void {
  let last = textOf(reader);
  return reader.onRead(({ reading: { document } }) => {
    const now = textOf(reader);
    if (now === last) return;
    last = now;
    send(`id: ${document?.generation ?? 0}\nevent: message\ndata: {"type":"refetchEvaluation"}\n\n`);
  });
}

function textOf(reader: FlagReader): string | undefined {
  const { document } = reader.current();
  return document && JSON.stringify(rawDocument(document, reader.format));
}
