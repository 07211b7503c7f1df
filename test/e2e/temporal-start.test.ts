import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');
const TEMPORAL = join(ROOT, '.sandbox/venv-temporal/bin/temporal');
const STARTS = `
  const { ProcessList } = require('./sandbox/process/process-list');
  const { startTemporal } = require('./sandbox/temporal/server');
  const [path, logs] = process.argv.slice(1);
  const folder = { path, logs };
  startTemporal({ folder, processes: new ProcessList(folder), onUnexpectedEnd: () => undefined }).then(
    async ({ stop }) => { console.log('it answers'); await stop(); },
    (error) => { console.log(error.message); process.exitCode = 1; },
  );
`;

/** Starts the sandbox's Temporal from a `temporal` on PATH whose server crashes so often first, as when a port of it is taken. */
function startAfter(crashes: number): { readonly printed: string; readonly crashed: number } {
  const folder = mkdtempSync(join(tmpdir(), 'temporal-start-'));
  try {
    const marks = Array.from({ length: crashes }, (_, i) => join(folder, `crash-${i + 1}`));
    const crash = marks.map(
      (mark) => `[ "$1" != server ] || [ -e '${mark}' ] || { touch '${mark}'; echo 'panic: no port' >&2; exit 2; }`,
    );
    writeFileSync(join(folder, 'temporal'), ['#!/bin/sh', ...crash, `exec '${TEMPORAL}' "$@"`, ''].join('\n'));
    chmodSync(join(folder, 'temporal'), 0o755);
    const { TEMPORAL_ADDRESS: _address, ...others } = process.env;
    const env = { ...others, PATH: [folder, process.env['PATH']].join(delimiter) };
    const words = ['--require', './register.cjs', '-e', STARTS, join(folder, 'state'), join(folder, 'logs')];
    const { stdout } = spawnSync(process.execPath, words, { cwd: ROOT, env, encoding: 'utf8' });
    return { printed: stdout, crashed: marks.filter((mark) => existsSync(mark)).length };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

it('starts a dev server again that crashed at its start', () => {
  expect(startAfter(2)).toEqual({ printed: 'it answers\n', crashed: 2 });
});

it('gives up after three crashes, with the end of the log', () => {
  expect(startAfter(3)).toEqual({
    printed: expect.stringMatching(/^temporal ended at its start \(exit code 2\)[^]*panic: no port/),
    crashed: 3,
  });
});
