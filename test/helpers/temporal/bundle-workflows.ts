import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { keptBundle } from '../../../worker/bundle';

const encoded = (map: object): string => Buffer.from(JSON.stringify(map)).toString('base64');

export const BUNDLE = resolve(__dirname, '../../../.sandbox/test-workflows.js');

const NO_MAP = { version: 3, file: 'workflows.js', sources: [], names: [], mappings: '' };

/**
 * Bundles the workflows once for all tests of a run: bundling is the slow part of a worker's start. Without the source map, whose 4 MB each
 * worker would parse: the bundle's own lines are readable.
 */
export default async function bundleWorkflows(): Promise<void> {
  const quiet = { trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error, log() {} };
  const { code } = await keptBundle({ logger: quiet });
  mkdirSync(dirname(BUNDLE), { recursive: true });
  writeFileSync(BUNDLE, code.replace(/(?<=^\/\/# sourceMappingURL=.*;base64,).*/m, encoded(NO_MAP)));
}
