/**
 * `npm run histories:record [-- jest's arguments]`: runs the tests of the workflows, keeps what they replay, and puts the fewest histories that show
 * all that happened into the file of this version, in place of what it held. `-- --from FOLDER` chooses from what `RECORD_HISTORIES=FOLDER npm test` has
 * kept. Files of released versions are never written again.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { featuresOf, fewest, type RecordedHistory } from './features';
import { RECORD, unpack } from './keep';
import { fileOf, writeKept } from './kept';

const ROOT = resolve(__dirname, '../..');
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly version: string };

function record(words: readonly string[]): void {
  const folder = process.env[RECORD] ?? mkdtempSync(join(tmpdir(), 'histories-'));
  const jest = [require.resolve('jest/bin/jest'), '--selectProjects', 'workflows', ...words];
  const { status } = spawnSync(process.execPath, jest, {
    cwd: ROOT,
    env: { ...process.env, [RECORD]: folder },
    stdio: 'inherit',
  });
  if (status !== 0) {
    console.error(`Tests failed: nothing is recorded. Mend them, and run it again.`);
    process.exitCode = 1;
    return;
  }
  keepFewest(folder);
}

function keepFewest(folder: string): void {
  const all = new Map(
    readdirSync(folder).map((file) => {
      const packed = readFileSync(join(folder, file));
      const history = unpack(packed);
      const features = featuresOf(history as RecordedHistory);
      return [file.replace('.json.gz', ''), { history, features, bytes: packed.length }] as const;
    }),
  );
  const chosen = fewest(all);
  const bytes = writeKept(
    version,
    chosen.map((name) => ({ name, history: all.get(name)?.history ?? {} })),
  );
  console.log(`${chosen.length} of ${all.size} histories, ${Math.round(bytes / 1_024)} KB, in ${fileOf(version)}`);
}

const [first, from, ...rest] = process.argv.slice(2);
if (first === '--from' && from !== undefined && rest.length === 0) keepFewest(from);
else record(process.argv.slice(2));
