import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatFlags, rawDocument, type FlagDocument } from '../../../flags/contract';
import { evaluateFlag, evaluateFlags, unreadableRequest } from '../../../flags/ofrep';
import { createOpenFeatureProvider } from '../../../flags/openfeature';
import { createFlagReader, type FlagReader } from '../../../flags/reader';
import { PAVI_KEYS, PAVI_READER } from '../../../pavi/flag';
import type { GoldenVectors } from '../../flags/golden-vectors';

const ROLLOUT_FLAG = PAVI_READER.flagKey;
const BACKEND = `${ROLLOUT_FLAG}.side`;
const PERCENTAGE = `${ROLLOUT_FLAG}.percentage`;
const DOCUMENT = `${ROLLOUT_FLAG}.document`;

const documentOf = (percentage: number, generation = 1): FlagDocument => ({
  schema: 1,
  generation,
  writer: 'test',
  reason: 'test',
  salt: 'pavi-prod',
  percentage,
});
const says = (document: FlagDocument) => (): Promise<string> => Promise.resolve(formatFlags(document, PAVI_KEYS));
const fails = (): Promise<string> => Promise.reject(new Error('ThrottlingException'));
const job = { context: { targetingKey: 'job-1' } };

let fetch: () => Promise<string>;
let nowMs: number;

/** A reader of a parameter that the test sets, after its first read. */
async function readerOf(first: () => Promise<string>): Promise<FlagReader> {
  fetch = first;
  nowMs = 0;
  const reader = createFlagReader({
    ...PAVI_READER,
    fetch: () => fetch(),
    now: () => nowMs,
    refreshMs: 1_000,
    schedule: () => () => undefined,
  });
  await reader.refresh();
  return reader;
}

describe('one flag', () => {
  it('agrees with all golden vectors', async () => {
    const text = readFileSync(join(__dirname, '../../../pavi/golden-vectors.json'), 'utf8');
    const { documents, jobIds } = JSON.parse(text) as GoldenVectors;
    let rows = 0;
    for (const { text, backends } of documents) {
      const reader = await readerOf(() => Promise.resolve(text));
      const said = jobIds.map((targetingKey) => {
        const { status, body } = evaluateFlag(reader, BACKEND, { context: { targetingKey } });
        const { value } = body as { readonly value: unknown };
        return status === 200 && value === 'step-functions' ? 's' : value === 'nextflow' ? 'n' : '?';
      });
      expect([text, said.join('')]).toEqual([text, backends]);
      rows += said.length;
    }
    expect(rows).toBe(10_000);
  });

  it.each([
    ['of 0 %', says(documentOf(0))],
    ['of a part', says(documentOf(37))],
    ['of 100 %', says(documentOf(100))],
    ['that cannot be read', fails],
  ])('answers like the OpenFeature provider with a flag %s', async (_name, parameter) => {
    const reader = await readerOf(parameter);
    const provider = createOpenFeatureProvider(reader);
    for (let index = 0; index < 50; index += 1) {
      const context = { targetingKey: `job-${index}` };
      const wanted = [
        [ROLLOUT_FLAG, await provider.resolveBooleanEvaluation(ROLLOUT_FLAG, true, context, console)],
        [BACKEND, await provider.resolveStringEvaluation(ROLLOUT_FLAG, 'neither', context, console)],
        [PERCENTAGE, await provider.resolveNumberEvaluation(ROLLOUT_FLAG, -1, context, console)],
      ] as const;
      for (const [key, { value, reason, flagMetadata }] of wanted)
        expect(evaluateFlag(reader, key, { context })).toMatchObject({
          status: 200,
          body: { key, value, reason, metadata: flagMetadata },
        });
    }
  });

  it('is of another type by another key, and says the backend as variant where it is about a job', async () => {
    const reader = await readerOf(says(documentOf(100, 4)));
    nowMs = 20;
    const about = {
      reason: 'STATIC',
      metadata: { source: 'parameter', generation: 4, ageMs: 20, why: 'generation 4 by test, read 20 ms ago' },
    };
    const of = (key: string): unknown => evaluateFlag(reader, key, job).body;
    expect(of(ROLLOUT_FLAG)).toEqual({ key: ROLLOUT_FLAG, value: true, variant: 'step-functions', ...about });
    expect(of(BACKEND)).toEqual({ key: BACKEND, value: 'step-functions', variant: 'step-functions', ...about });
    expect(of(PERCENTAGE)).toEqual({ key: PERCENTAGE, value: 100, ...about });
    expect(of(DOCUMENT)).toEqual({ key: DOCUMENT, value: rawDocument(documentOf(100, 4), PAVI_KEYS), ...about });
  });

  it('is Nextflow before the first document, with the reason, and no document', async () => {
    const reader = await readerOf(fails);
    const why = 'all new jobs go to nextflow: the parameter could not be read: ThrottlingException';
    const about = { reason: 'DEFAULT', metadata: { source: 'fallback', why } };
    const variant = 'nextflow';
    expect(evaluateFlag(reader, BACKEND, job).body).toEqual({ key: BACKEND, value: variant, variant, ...about });
    expect(evaluateFlag(reader, PERCENTAGE, {}).body).toEqual({ key: PERCENTAGE, value: 0, ...about });
    expect(evaluateFlag(reader, DOCUMENT, {})).toEqual({
      status: 400,
      body: { key: DOCUMENT, errorCode: 'GENERAL', errorDetails: `there is no document yet: ${why}` },
    });
  });

  it('stays the last good one when reads fail, and says so', async () => {
    const reader = await readerOf(says(documentOf(100)));
    fetch = fails;
    await reader.refresh();
    const stale = { value: true, reason: 'STALE', metadata: { source: 'last-good' } };
    expect(evaluateFlag(reader, ROLLOUT_FLAG, job).body).toMatchObject(stale);
  });
});

describe('without a targeting key', () => {
  it.each([
    [0, 'nextflow'],
    [100, 'step-functions'],
  ])('at %i %% a job is on %s all the same', async (percentage, value) => {
    const reader = await readerOf(says(documentOf(percentage)));
    for (const body of [{}, { context: null }, { context: {} }, { context: { targetingKey: null } }])
      expect(evaluateFlag(reader, BACKEND, body)).toMatchObject({ status: 200, body: { value } });
  });

  it('at a part of the jobs it is refused, and the percentage is not', async () => {
    const reader = await readerOf(says(documentOf(0.01)));
    for (const key of [ROLLOUT_FLAG, BACKEND])
      expect(evaluateFlag(reader, key, { context: { user: 'me' } })).toEqual({
        status: 400,
        body: { key, errorCode: 'TARGETING_KEY_MISSING', errorDetails: expect.stringContaining('job') as string },
      });
    expect(evaluateFlag(reader, PERCENTAGE, {})).toMatchObject({ status: 200, body: { value: 0.01 } });
  });
});

describe('a request that is not right', () => {
  it.each([
    ['no body', undefined, 'PARSE_ERROR'],
    ['null', null, 'PARSE_ERROR'],
    ['a list', [job], 'PARSE_ERROR'],
    ['a text', 'job-1', 'PARSE_ERROR'],
    ['a context that is a list', { context: ['job-1'] }, 'INVALID_CONTEXT'],
    ['a context that is a text', { context: 'job-1' }, 'INVALID_CONTEXT'],
    ['a number for the job', { context: { targetingKey: 7 } }, 'INVALID_CONTEXT'],
  ])('with %s is reported as %s', async (_name, body, errorCode) => {
    const reader = await readerOf(says(documentOf(100)));
    const errorDetails = expect.any(String) as string;
    expect(evaluateFlag(reader, BACKEND, body)).toEqual({
      status: 400,
      body: { key: BACKEND, errorCode, errorDetails },
    });
    expect(evaluateFlags(reader, body)).toEqual({ status: 400, body: { errorCode, errorDetails } });
  });

  it.each(['another', 'toString', '__proto__', ''])('for the flag "%s" gets the list of flags', async (key) => {
    const reader = await readerOf(says(documentOf(100)));
    expect(evaluateFlag(reader, key, job)).toEqual({
      status: 404,
      body: {
        key,
        errorCode: 'FLAG_NOT_FOUND',
        errorDetails: `the flags are ${[ROLLOUT_FLAG, BACKEND, PERCENTAGE, DOCUMENT].join(', ')}`,
      },
    });
  });

  it('and is no JSON at all is answered with the key it was for', () => {
    const told = { errorCode: 'PARSE_ERROR', errorDetails: 'Unexpected end' };
    expect(unreadableRequest('Unexpected end')).toEqual({ status: 400, body: told });
    expect(unreadableRequest('Unexpected end', 'a')).toEqual({ status: 400, body: { key: 'a', ...told } });
  });
});

describe('all flags', () => {
  const tagOf = (reader: FlagReader, body: unknown = job): string => evaluateFlags(reader, body).headers!['etag']!;

  it('are what each of them is, without what ages', async () => {
    const reader = await readerOf(says(documentOf(100, 4)));
    const { status, body } = evaluateFlags(reader, job);
    const { flags } = body as { readonly flags: readonly { readonly key: string }[] };
    expect([status, flags.map(({ key }) => key)]).toEqual([200, [ROLLOUT_FLAG, BACKEND, PERCENTAGE, DOCUMENT]]);
    for (const flag of flags)
      expect(flag).toEqual({
        ...(evaluateFlag(reader, flag.key, job).body as object),
        metadata: { source: 'parameter', generation: 4 },
      });
  });

  it('are answered one by one when the job is not known', async () => {
    const reader = await readerOf(says(documentOf(50)));
    expect(evaluateFlags(reader, {})).toMatchObject({
      status: 200,
      body: {
        flags: [
          { key: ROLLOUT_FLAG, errorCode: 'TARGETING_KEY_MISSING' },
          { key: BACKEND, errorCode: 'TARGETING_KEY_MISSING' },
          { key: PERCENTAGE, value: 50 },
          { key: DOCUMENT, value: rawDocument(documentOf(50), PAVI_KEYS) },
        ],
      },
    });
  });

  it('are not sent again to a client that has them, until they are stale', async () => {
    const reader = await readerOf(says(documentOf(50)));
    const etag = tagOf(reader);
    expect(etag).toMatch(/^"[0-9a-f]{32}"$/);
    nowMs = 4_000;
    for (const header of [etag, `W/${etag}`, `"other", ${etag}`])
      expect(evaluateFlags(reader, job, header)).toEqual({ status: 304, headers: { etag } });
    for (const header of ['', '"other"', etag.slice(1, -1)])
      expect(evaluateFlags(reader, job, header)).toMatchObject({ status: 200, headers: { etag } });
    nowMs = 4_001;
    const stale = { flags: expect.arrayContaining([expect.objectContaining({ reason: 'STALE' })]) };
    expect(evaluateFlags(reader, job, etag)).toMatchObject({ status: 200, body: stale });
  });

  it('have another tag after every change that a client could see', async () => {
    const reader = await readerOf(fails);
    const tags = [tagOf(reader)];
    for (const document of [documentOf(50, 1), documentOf(50, 2), documentOf(100, 3), documentOf(0, 4)]) {
      fetch = says(document);
      await reader.refresh();
      tags.push(tagOf(reader));
    }
    fetch = fails;
    await reader.refresh();
    tags.push(tagOf(reader));
    expect(new Set(tags).size).toBe(6);
  });

  it('have the tag of the answer: another job has the same only where it is answered the same', async () => {
    const reader = await readerOf(says(documentOf(50)));
    const bySide = new Map<unknown, Set<string>>();
    for (let index = 0; index < 50; index += 1) {
      const body = { context: { targetingKey: `job-${index}` } };
      const side = reader.route(body.context.targetingKey);
      bySide.set(side, (bySide.get(side) ?? new Set()).add(tagOf(reader, body)));
    }
    const [one, other] = [...bySide.values()].map((tags) => [...tags]);
    expect([one?.length, other?.length]).toEqual([1, 1]);
    expect(one).not.toEqual(other);
  });
});
