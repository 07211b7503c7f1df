import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SANDBOX } from '../process/state-folder';
import { versions } from '../versions';

const SHARED = join(SANDBOX, 'cluster');

/** Built once, for every cluster of this checkout. */
export const BUILT = join(SHARED, 'bin');
/** What the build downloads and compiles; removed after it. */
export const BUILD = join(SHARED, 'go');
export const BUILD_LOG = join(SANDBOX, 'logs', 'setup-cluster.log');

export const BUILT_STAMP = join(BUILT, 'version');
export const isBuilt = (): boolean =>
  existsSync(BUILT_STAMP) && readFileSync(BUILT_STAMP, 'utf8').trim() === versions().temporalServer;

/** The folders of one cluster. */
export interface ClusterFolder {
  readonly path: string;
  readonly logs: string;
  readonly data: string;
  readonly certificates: string;
  readonly secrets: string;
}

/** `--state` names another one, for a second cluster beside the first. */
export function clusterFolder(named: string | undefined): ClusterFolder {
  const path = named ?? join(SHARED, 'state');
  return {
    path,
    logs: join(path, 'logs'),
    data: join(path, 'postgres'),
    certificates: join(path, 'certificates'),
    secrets: join(path, 'secrets'),
  };
}
