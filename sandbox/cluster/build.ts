import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { runStep } from '../setup/step.mjs';
import { versions } from '../versions';
import { BUILD, BUILD_LOG, BUILT, BUILT_STAMP, isBuilt } from './paths';

const MODULE = 'go.temporal.io/server';

/**
 * Builds Temporal's server and its schema tool from their Go module, with everything in `.sandbox/cluster`. Go keeps what is compiled,
 * so a build that was cut off continues; what it was built from goes away at the end.
 */
export async function buildServer(): Promise<void> {
  if (isBuilt()) return;
  const version = versions().temporalServer;
  mkdirSync(BUILT, { recursive: true });
  await runStep({
    title: `Temporal server ${version}, built with Go (minutes)`,
    commands: [
      [
        'go',
        'install',
        '-v',
        '-ldflags=-s -w',
        `${MODULE}/cmd/server@v${version}`,
        `${MODULE}/cmd/tools/sql@v${version}`,
      ],
    ],
    log: BUILD_LOG,
    progress: () => progressOf(readFileSync(BUILD_LOG, 'utf8')),
    env: {
      GOPATH: BUILD,
      GOMODCACHE: join(BUILD, 'mod'),
      GOCACHE: join(BUILD, 'cache'),
      GOBIN: BUILT,
      // Else the modules cannot be deleted.
      GOFLAGS: '-modcacherw',
      GOMAXPROCS: String(availableParallelism()),
      CGO_ENABLED: '0',
    },
  });
  writeFileSync(BUILT_STAMP, version);
  rmSync(BUILD, { recursive: true, force: true });
}

/** Go prints a line for each module that it downloads, then one for each package that it compiles. */
function progressOf(log: string): string {
  const lines = log.split('\n').filter((line) => line !== '' && !line.startsWith('$'));
  const downloads = lines.filter((line) => line.startsWith('go: downloading')).length;
  const compiled = lines.length - downloads;
  return compiled > 0 ? `${compiled} packages compiled` : `${downloads} modules downloaded`;
}
