import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../client/installed';

/** The pinned versions of what is not an npm package. */
export interface Versions {
  readonly temporalBin: string;
  readonly temporalServer: string;
  /** What `temporalServer` is built with, and the oldest PostgreSQL that it runs on. */
  readonly go: string;
  readonly postgres: number;
  readonly temporalUi: string;
  readonly temporalTestServer: string;
  readonly ministack: string;
}

export const versions = (): Versions =>
  JSON.parse(readFileSync(join(ROOT, 'sandbox', 'versions.json'), 'utf8')) as Versions;
