import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { type Client, OpenFeature, ProviderEvents } from '@openfeature/server-sdk';
import { formatFlags, rawDocument, type FlagDocument } from '../../../flags/contract';
import { createOpenFeatureProvider } from '../../../flags/openfeature';
import { createFlagReader, type FlagReader } from '../../../flags/reader';
import { route } from '../../../flags/routing';
import { PAVI_KEYS, PAVI_READER, PAVI_SIDES } from '../../../pavi/flag';

const ROLLOUT_FLAG = PAVI_READER.flagKey;

const documentOf = (percentage: number, generation = 1): FlagDocument => ({
  schema: 1,
  generation,
  writer: 'test',
  reason: 'test',
  salt: 'pavi-prod',
  percentage,
});

const ROOT = join(__dirname, '../../..');

let answer: () => Promise<string>;
let reader: FlagReader;
let client: Client;
let domains = 0;

/** A client of a provider of its own, over a parameter that the test sets. */
async function start(first: () => Promise<string>): Promise<void> {
  answer = first;
  const given = { fetch: () => answer(), now: () => 0, refreshMs: 1_000, schedule: () => () => undefined };
  reader = createFlagReader({ ...PAVI_READER, ...given });
  const domain = `domain-${(domains += 1)}`;
  const provider = createOpenFeatureProvider(reader);
  await OpenFeature.setProviderAndWait(domain, provider).catch(() => undefined);
  client = OpenFeature.getClient(domain);
}
const says = (document: FlagDocument) => (): Promise<string> => Promise.resolve(formatFlags(document, PAVI_KEYS));
const fails = (): Promise<string> => Promise.reject(new Error('ThrottlingException'));

afterEach(() => OpenFeature.close());

describe('the OpenFeature provider', () => {
  it('answers each job as the reader does: as boolean and as text', async () => {
    await start(says(documentOf(25)));
    for (let index = 0; index < 200; index += 1) {
      const targetingKey = `job-${index}`;
      const wanted = route(targetingKey, documentOf(25), PAVI_SIDES);
      expect(await client.getStringValue(ROLLOUT_FLAG, 'neither', { targetingKey })).toBe(wanted);
      expect(await client.getBooleanValue(ROLLOUT_FLAG, false, { targetingKey })).toBe(wanted === 'step-functions');
    }
  });

  it('answers the percentage as number and the document as object', async () => {
    await start(says(documentOf(12.34)));
    expect(await client.getNumberValue(ROLLOUT_FLAG, -1)).toBe(12.34);
    expect(await client.getObjectValue(ROLLOUT_FLAG, {})).toEqual(rawDocument(documentOf(12.34), PAVI_KEYS));
  });

  it.each([
    [0, 'nextflow', 'STATIC'],
    [50, 'nextflow', 'SPLIT'],
    [100, 'step-functions', 'STATIC'],
  ])('sends a job without an id at %i %% to %s (%s)', async (percentage, backend, reason) => {
    await start(says(documentOf(percentage)));
    expect(await client.getStringDetails(ROLLOUT_FLAG, 'neither')).toMatchObject({ value: backend, reason });
  });

  it('hears of what a relay lowered at once, as a change that is neither stale nor a default', async () => {
    await start(says(documentOf(100)));
    const heard: unknown[] = [];
    for (const event of [ProviderEvents.Ready, ProviderEvents.Stale, ProviderEvents.ConfigurationChanged])
      client.addHandler(event, () => heard.push(event));
    heard.length = 0;
    reader.push(formatFlags(documentOf(0, 2), PAVI_KEYS));
    expect(heard).toEqual([ProviderEvents.ConfigurationChanged]);
    const details = await client.getBooleanDetails(ROLLOUT_FLAG, true, { targetingKey: 'job' });
    expect(details).toMatchObject({ value: false, reason: 'STATIC', flagMetadata: { source: 'relay' } });
  });

  it('goes to Nextflow when the first read failed, whatever the caller would take', async () => {
    await start(fails);
    const details = await client.getBooleanDetails(ROLLOUT_FLAG, true, { targetingKey: 'job' });
    expect(details).toMatchObject({ value: false, reason: 'DEFAULT', flagMetadata: { source: 'fallback' } });
    expect(await client.getNumberValue(ROLLOUT_FLAG, 100)).toBe(0);
  });

  it('says that its answer is stale when reads fail, of which generation it is, and tells of changes', async () => {
    await start(fails);
    const told: string[] = [];
    for (const event of [ProviderEvents.Ready, ProviderEvents.Stale, ProviderEvents.ConfigurationChanged])
      client.addHandler(event, () => told.push(event));
    answer = says(documentOf(100, 4));
    await reader.refresh();
    await reader.refresh();
    answer = fails;
    await reader.refresh();
    const details = await client.getBooleanDetails(ROLLOUT_FLAG, false, { targetingKey: 'job' });
    expect(details).toMatchObject({ value: true, reason: 'STALE', flagMetadata: { generation: 4, ageMs: 0 } });
    answer = says(documentOf(0, 5));
    await reader.refresh();
    expect(told).toEqual([
      ...[ProviderEvents.ConfigurationChanged, ProviderEvents.Ready, ProviderEvents.Stale],
      ...[ProviderEvents.ConfigurationChanged, ProviderEvents.Ready],
    ]);
  });

  it('knows no other flag', async () => {
    await start(says(documentOf(100)));
    expect(await client.getBooleanDetails('another', false)).toMatchObject({
      value: false,
      errorCode: 'FLAG_NOT_FOUND',
    });
  });

  it('stops the reader when it is closed', async () => {
    await start(says(documentOf(100)));
    let stopped = 0;
    const provider = createOpenFeatureProvider({ ...reader, stop: () => (stopped += 1) });
    await provider.onClose?.();
    expect(stopped).toBe(1);
  });
});

it('flags/index.ts loads nothing but files of flags/', () => {
  const script = `require("esbuild"); const before = Object.keys(require.cache); require('./flags');
    console.log(JSON.stringify(Object.keys(require.cache).filter((file) => !before.includes(file))))`;
  const printed = execFileSync(process.execPath, ['--require', './register.cjs', '-e', script], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const loaded = JSON.parse(printed) as string[];
  expect(loaded.length).toBeGreaterThan(5);
  expect(loaded.filter((file) => !file.startsWith(join(ROOT, 'flags/')))).toEqual([]);
});
