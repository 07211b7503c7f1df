import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { messageOf } from '../../../activities/failures';
import { BUNDLE } from '../../helpers/temporal/bundle-workflows';
import { Replayer } from '../../helpers/temporal/rig';
import { historyOf, unpack } from '../../histories/keep';
import { foundIn, historiesIn, indexOf, versionsKept, withId } from '../../histories/kept';

/** Each release adds one. Its histories are of rollouts that may still be running: they must replay, or these rollouts stop. */
const VERSIONS = ['0.1.0'];

const code = readFileSync(BUNDLE, 'utf8');
const all = VERSIONS.flatMap((version) => Object.keys(indexOf(version)).map((name) => [version, name] as const));
const histories = new Map(VERSIONS.map((version) => [version, historiesIn(version)]));

beforeAll(() =>
  Runtime.install({
    // The planted change is an error of the worker too.
    logger: new DefaultLogger('ERROR', () => undefined),
    telemetryOptions: { logging: { forward: {} } },
  }),
);

/** Errors by file. */
async function replayed(bundle: string): Promise<ReadonlyMap<string, string | undefined>> {
  const errors = new Map<string, string | undefined>();
  const replayer = new Replayer({ code: bundle });
  for (const [version, name] of all) {
    const history = histories.get(version)?.get(name);
    if (history !== undefined) errors.set(name, await replayer.replay(history).then(() => undefined, messageOf));
  }
  await replayer.stop();
  return errors;
}

it('no version is missing', () => expect(versionsKept()).toEqual(VERSIONS));

it.each(VERSIONS)('the histories of %s are those that were recorded', (version) => {
  expect(foundIn(version)).toEqual(indexOf(version));
});

describe('the present workflows', () => {
  let errors: ReadonlyMap<string, string | undefined>;
  beforeAll(async () => (errors = await replayed(code)));

  it.each(all)('replay %s %s', (_version, name) => {
    expect(errors.has(name)).toBe(true);
    expect(errors.get(name)).toBeUndefined();
  });
});

/** Folders of histories that other versions of Node wrote: `npm run test:node`. */
const WRITTEN = process.env['REPLAY_HISTORIES'];

if (WRITTEN !== undefined)
  it('the histories that other versions of Node wrote replay', async () => {
    const files = readdirSync(WRITTEN, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.json.gz'),
    );
    expect(files.length).toBeGreaterThan(10);
    const replayer = new Replayer({ code });
    for (const file of files) {
      const history = historyOf(unpack(readFileSync(join(WRITTEN, file))));
      expect([file, await replayer.replay(withId(file, history)).then(() => undefined, messageOf)]).toEqual([
        file,
        undefined,
      ]);
    }
    await replayer.stop();
  });

it('another order of activities is found', async () => {
  const planted = code.replace('taking.takeOwner(', 'taking.releaseOwner(');
  expect(planted).not.toBe(code);
  const errors = [...(await replayed(planted)).values()].filter((error) => error !== undefined);
  expect(errors.length).toBeGreaterThan(1);
  expect(errors[0]).toMatch(/nondeterminism/i);
});
