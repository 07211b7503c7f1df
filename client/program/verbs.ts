import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { anyPercentageOf, percentageOf } from './shared-options';
import type { OptionDeclaration, VerbDeclaration } from './verb';

/** The file of each verb, in the order of help and documents. Each file is named after its verb. */
const FILES = [
  'inspect/plan',
  'rollout/status',
  'rollout/watch',
  'rollout/list',
  'inspect/doctor',
  'inspect/check',
  'inspect/notify',
  'inspect/diagnose',
  'inspect/history',
  'report/report',
  'report/ui',
  'inspect/logs',
  'workers/workers',
  'inspect/open',
  'inspect/lint',
  'inspect/whoami',
  'flag/break-glass-get',
  'program/completion',
  'rollout/start',
  'rollout/adopt',
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

/** From the files themselves: for what is written from them. */
export const loadedVerbs = (): readonly VerbDeclaration[] => FILES.map(load);

/**
 * What `verbs.json` holds of every verb, by its file: what JSON holds of the declarations, with the name of a function that reads an
 * option's value. `npm run schema` writes it.
 */
export const declarations = (): Readonly<Record<string, object>> =>
  Object.fromEntries(
    FILES.map((file) => {
      const text = JSON.stringify(load(file), (key, value: unknown) =>
        typeof value === 'function' && key === 'parse' ? value.name : value,
      );
      return [file, JSON.parse(text) as object];
    }),
  );

type Declared = Omit<VerbDeclaration, 'options' | 'handler'> & {
  readonly options?: readonly (Omit<OptionDeclaration, 'parse'> & { readonly parse?: string })[];
};

/**
 * A command line is read, and refused, by the declarations alone: the modules of the verbs take most of the time of a short command,
 * and are loaded for a verb that runs and for a value that only they can read.
 */
function declared(files: readonly string[]): readonly VerbDeclaration[] {
  const known = JSON.parse(readFileSync(join(__dirname, 'verbs.json'), 'utf8')) as Readonly<Record<string, Declared>>;
  return files.map((file) => {
    const { options = [], ...verb } = known[file]!;
    return {
      ...verb,
      options: options.map(({ parse, ...option }) =>
        parse === undefined ? option : { ...option, parse: SHARED[parse] ?? parserOf(file, option.flags) },
      ),
      handler: (...given) => load(file).handler(...given),
    };
  });
}

const SHARED: Readonly<Record<string, OptionDeclaration['parse']>> = { percentageOf, anyPercentageOf };

const parserOf =
  (file: string, flags: string): OptionDeclaration['parse'] =>
  (text, before) =>
    load(file)
      .options?.find((option) => option.flags === flags)
      ?.parse?.(text, before);

export const allVerbs = (): readonly VerbDeclaration[] => declared(FILES);

/** `start-rollout` is a program of its own, for what `rollout start` does. */
export const startVerb = (): VerbDeclaration => ({ ...declared(['rollout/start'])[0]!, name: 'start-rollout' });

/** Of the verb that was typed, else of every verb. */
export function verbsFor(words: readonly string[]): readonly VerbDeclaration[] {
  const file = FILES.find((one) => nameOf(one) === words[0] || nameOf(one) === `${words[0]} ${words[1]}`);
  return file === undefined ? allVerbs() : declared([file]);
}
