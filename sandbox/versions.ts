import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from './process/state-folder';

/** The pinned versions of what is not an npm package. */
export interface Versions {
  readonly temporalBin: string;
  readonly temporalServer: string;
  readonly temporalUi: string;
  readonly temporalTestServer: string;
  readonly ministack: string;
}

export const versions = (): Versions =>
  JSON.parse(readFileSync(join(PROJECT_ROOT, 'sandbox', 'versions.json'), 'utf8')) as Versions;
