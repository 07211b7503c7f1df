import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HistoryAndWorkflowId } from '@temporalio/client';
import { unpacked } from './keep';

/** Folders beside this file, one for each version of the package. */
export const versionsKept = (): readonly string[] =>
  readdirSync(__dirname, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));

export const folderOf = (version: string): string => join(__dirname, version);

/** Hashes by file name. */
export type Index = Readonly<Record<string, string>>;

export const indexFile = (version: string): string => join(folderOf(version), 'index.json');

export const indexOf = (version: string): Index => JSON.parse(readFileSync(indexFile(version), 'utf8')) as Index;

/** What is there, whatever the index says. */
export function foundIn(version: string): Index {
  const files = readdirSync(folderOf(version)).filter((name) => name.endsWith('.json.gz'));
  return Object.fromEntries(files.sort().map((name) => [name, hashOf(readFileSync(join(folderOf(version), name)))]));
}

const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

export function historyIn(version: string, name: string): HistoryAndWorkflowId {
  const history = unpacked(readFileSync(join(folderOf(version), name)));
  // The ids of its children may be made from its own.
  const { workflowId } = history.events?.[0]?.workflowExecutionStartedEventAttributes ?? {};
  return { workflowId: workflowId ?? name, history };
}
