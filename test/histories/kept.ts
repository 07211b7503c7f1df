import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { HistoryAndWorkflowId } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { historyOf } from './keep';

type History = temporal.api.history.v1.IHistory;

/** Two files beside this one for each version of the package: the histories, one in a line, and their hashes by name. */
const HISTORIES = '.jsonl.gz';

export const versionsKept = (): readonly string[] =>
  readdirSync(__dirname).flatMap((name) => (name.endsWith(HISTORIES) ? [name.slice(0, -HISTORIES.length)] : []));

export const fileOf = (version: string): string => join(__dirname, `${version}${HISTORIES}`);
export const indexFile = (version: string): string => join(__dirname, `${version}.json`);

/** Hashes by name. */
export type Index = Readonly<Record<string, string>>;

export const indexOf = (version: string): Index => JSON.parse(readFileSync(indexFile(version), 'utf8')) as Index;

interface Kept {
  readonly name: string;
  readonly history: object;
}

function linesOf(version: string): readonly string[] {
  return gunzipSync(readFileSync(fileOf(version))).toString('utf8').trimEnd().split('\n');
}

const hashOf = (line: string): string => createHash('sha256').update(line).digest('hex');

/** What is there, whatever the index says. */
export const foundIn = (version: string): Index =>
  Object.fromEntries(linesOf(version).map((line) => [(JSON.parse(line) as Kept).name, hashOf(line)]));

/** By name. */
export function historiesIn(version: string): ReadonlyMap<string, HistoryAndWorkflowId> {
  return new Map(
    linesOf(version).map((line) => {
      const { name, history: plain } = JSON.parse(line) as Kept;
      return [name, withId(name, historyOf(plain))];
    }),
  );
}

/** The ids of a workflow's children may be made from its own. */
export function withId(name: string, history: History): HistoryAndWorkflowId {
  const { workflowId } = history.events?.[0]?.workflowExecutionStartedEventAttributes ?? {};
  return { workflowId: workflowId ?? name, history };
}

/** In place of what the version held. Returns the size in bytes. */
export function writeKept(version: string, all: readonly Kept[]): number {
  const packed = gzipSync(all.map((one) => `${JSON.stringify(one)}\n`).join(''), { level: 9 });
  writeFileSync(fileOf(version), packed);
  writeFileSync(indexFile(version), `${JSON.stringify(foundIn(version), undefined, 2)}\n`);
  return packed.length;
}
