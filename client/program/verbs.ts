import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
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

const START = 'rollout/start';

/** `start-rollout` is a separate program. Only its declaration when it is not run. */
export const startVerb = (words: readonly string[] = []): VerbDeclaration =>
  asksForHelp(words) ? (shownVerbs([START])[0] ?? load(START)) : load(START);

/** What help shows of every verb, by its file: what JSON holds of the declarations. `npm run schema` writes it to `verbs.json`. */
export const declarations = (): Readonly<Record<string, object>> =>
  Object.fromEntries([START, ...FILES].map((file) => [file, JSON.parse(JSON.stringify(load(file))) as object]));

/** For help: without the modules of the verbs, which take most of the time of a short command. */
function shownVerbs(files: readonly string[]): readonly VerbDeclaration[] {
  const known = JSON.parse(readFileSync(join(__dirname, 'verbs.json'), 'utf8')) as ReturnType<typeof declarations>;
  return files.map((file) => ({
    ...(known[file] as VerbDeclaration),
    handler: (...given) => load(file).handler(...given),
  }));
}

/** Not where `-h` may be the value of an option: then the whole declaration is needed, which checks values. */
const asksForHelp = (words: readonly string[]): boolean =>
  !words.includes('--') &&
  words.some((word, i) => (word === '--help' || word === '-h') && words[i - 1]?.startsWith('-') !== true);

/** Loads only the verb that is run, so that help, wrong usage and verbs without Temporal do not wait for Temporal's client. */
export function verbsFor(words: readonly string[]): readonly VerbDeclaration[] {
  const file = FILES.find((one) => nameOf(one) === words[0] || nameOf(one) === `${words[0]} ${words[1]}`);
  if (file === undefined) return words.length === 0 || asksForHelp(words) ? shownVerbs(FILES) : allVerbs();
  return asksForHelp(words) ? shownVerbs([file]) : [load(file)];
}
