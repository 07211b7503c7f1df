import { basename } from 'node:path';
import type { VerbDeclaration } from './verb';

/** The file of each verb, in the order of help and documents. Each file is named after its verb. */
const FILES = [
  'inspect/plan',
  'rollout/status',
  'rollout/watch',
  'rollout/list',
  'inspect/doctor',
  'inspect/check',
  'inspect/diagnose',
  'inspect/history',
  'flag/break-glass-get',
  'program/completion',
  'rollout/checklist',
  'rollout/approve',
  'rollout/reject',
  'rollout/promote',
  'rollout/skip',
  'rollout/extend',
  'rollout/pause',
  'rollout/resume',
  'flag/freeze',
  'flag/unfreeze',
  'inspect/init',
  'flag/break-glass-init',
  'deployment/setup',
  'deployment/deploy',
  'deployment/verify',
  'deployment/release',
  'rollout/abort',
  'rollout/rollback',
  'flag/findings',
  'flag/break-glass',
  'flag/flags-release-owner',
] as const;

/** Lint lets these reach AWS directly; it knows them by their file names. */
const NAMES: Readonly<Record<string, string>> = {
  'flag/break-glass': 'flags set',
  'flag/break-glass-get': 'flags get',
  'flag/break-glass-init': 'flags init',
  'flag/flags-release-owner': 'flags release-owner',
};
const nameOf = (file: string): string => NAMES[file] ?? basename(file);

const load = (file: string): VerbDeclaration => (require(`../${file}`) as { readonly verb: VerbDeclaration }).verb;

export const allVerbs = (): readonly VerbDeclaration[] => FILES.map(load);

/** `start-rollout` is a separate program. */
export const startVerb = (): VerbDeclaration => load('rollout/start');

/** Loads only the verb typed, so that wrong usage and verbs without Temporal do not wait for Temporal's client to load. */
export function verbsFor(words: readonly string[]): readonly VerbDeclaration[] {
  const file = FILES.find((one) => nameOf(one) === words[0] || nameOf(one) === `${words[0]} ${words[1]}`);
  return file === undefined ? allVerbs() : [load(file)];
}
