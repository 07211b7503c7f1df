import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { keptBundle } from '../../../worker/bundle';

export const BUNDLE = resolve(__dirname, '../../../.sandbox/test-workflows.js');

/** Bundles the workflows once for all tests of a run: bundling is the slow part of a worker's start. */
export default async function bundleWorkflows(): Promise<void> {
  const quiet = { trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error, log() {} };
  const { code } = await keptBundle({ logger: quiet });
  mkdirSync(dirname(BUNDLE), { recursive: true });
  writeFileSync(BUNDLE, code);
}
