import { type CommonOptions, sameTarget } from '../options';
import { called, npmHere, type Program, quoted } from './called';

interface Typed {
  readonly environment: string | undefined;
  readonly options: CommonOptions;
}

let typed: Typed | undefined;

/** What the operator typed: hints are completed by it. */
export const hintsFor = (environment: string | undefined, options: CommonOptions): void => {
  typed = { environment, options };
};

/** Verbs without an environment. */
const ALONE = ['list', 'completion', 'init', 'ui', 'workers'];

/**
 * A text in which every hint can be pasted where it is printed: `rollout doctor` becomes `npx rollout doctor prod --plan x.yaml`,
 * with the environment and the options that were typed. Texts made by rules and workflows do not know them.
 */
export function pasteable(text: string, by: Typed | undefined = typed, folder = process.cwd()): string {
  if (by === undefined) return text;
  return text
    .replaceAll(/`(rollout(?= )|start-rollout)([^`]*)`/g, (_hint, program: Program, rest: string) => {
      const words = rest.split(' ').filter((word) => word !== '');
      return `\`${[called(program, folder), ...completed(program, words, by)].join(' ')}\``;
    })
    .replaceAll(/`npm ((?:run worker|start)\b[^`]*)`/g, (_hint, words: string) => `\`${npmHere(words, folder)}\``);
}

function completed(program: Program, words: readonly string[], { environment, options }: Typed): readonly string[] {
  const length = program === 'start-rollout' ? 0 : words[0] === 'flags' ? 2 : 1;
  const [verb, rest] = [words.slice(0, length), words.slice(length)];
  if (ALONE.includes(verb[0] ?? '')) return [...verb, ...rest];
  const isNamed = rest[0] !== undefined && !rest[0].startsWith('-');
  const name = isNamed || environment === undefined ? [] : [quoted(environment)];
  const more = rest.includes('--plan') || rest.includes('--sandbox') ? [] : sameTarget(options);
  return [...verb, ...name, ...rest, ...more];
}
