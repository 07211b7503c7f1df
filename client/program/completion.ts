import { CliError } from '../terminal/cli-error';
import { commandOptions, commonOptions } from './shared-options';
import { defineVerb, type VerbDeclaration } from './verb';
import { allVerbs, startVerb } from './verbs';

export const verb = defineVerb({
  name: 'completion',
  argument: '<shell>',
  group: 'Inspect',
  summary: 'prints the completion script for bash, zsh or fish',
  examples: [
    ['source <(rollout completion bash)', 'complete verbs and options in this shell'],
    ['rollout completion fish | source', 'the same in fish'],
  ],
  handler: async ({ environment: shell }) => {
    const script = Object.entries(SHELLS).find(([name]) => name === shell)?.[1];
    if (script === undefined) throw new CliError(2, `There is no completion for ${shell}. Choose bash, zsh or fish.`);
    process.stdout.write(script([...allVerbs(), startVerb()].map(wordsOf)));
    return 0;
  },
});

interface Words {
  /** The full command with the program first: `rollout flags get`. */
  readonly typed: string;
  readonly summary: string;
  readonly options: readonly { readonly long: string; readonly summary: string }[];
}

function wordsOf({ name, summary, reason, options = [] }: VerbDeclaration): Words {
  const all = [...options, ...commandOptions(reason), ...commonOptions];
  return {
    typed: name === 'start-rollout' ? name : `rollout ${name}`,
    summary: unquoted(summary),
    options: all.map(({ flags, summary: text }) => ({
      long: flags.split(' ', 1)[0] ?? flags,
      summary: unquoted(text),
    })),
  };
}

/** Escapes a text for single quotes of a shell. */
const unquoted = (text: string): string => text.replace(/['`\\]/g, '');

const SHELLS = {
  bash,
  zsh: (verbs: readonly Words[]) => `autoload -U +X bashcompinit && bashcompinit\n${bash(verbs)}`,
  fish,
};

/** Maps the words typed so far to the words that may follow. */
function nextWords(verbs: readonly Words[]): ReadonlyMap<string, ReadonlySet<string>> {
  const next = new Map<string, Set<string>>();
  for (const { typed, options } of verbs) {
    const words = typed.split(' ');
    words.slice(1).forEach((word, i) => {
      const before = words.slice(0, i + 1).join(' ');
      next.set(before, (next.get(before) ?? new Set()).add(word));
    });
    next.set(typed, new Set(options.map(({ long }) => long)));
  }
  return next;
}

function bash(verbs: readonly Words[]): string {
  const cases = [...nextWords(verbs)].map(([before, words]) => `    '${before}') words='${[...words].join(' ')}' ;;`);
  return [
    '_rollout_verbs() {',
    '  local typed="${COMP_WORDS[0]##*/}" words= i',
    '  for ((i = 1; i < COMP_CWORD; i++)); do',
    '    case "$typed ${COMP_WORDS[i]}" in',
    ...[...nextWords(verbs).keys()]
      .filter((typed) => typed.includes(' '))
      .map((typed) => `      '${typed}') typed='${typed}' ;;`),
    '    esac',
    '  done',
    '  case "$typed" in',
    ...cases,
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))',
    '}',
    'complete -o default -F _rollout_verbs rollout start-rollout',
    '',
  ].join('\n');
}

function fish(verbs: readonly Words[]): string {
  return verbs
    .flatMap(({ typed, summary, options }) => {
      const [program = '', first, second] = typed.split(' ');
      const seen = (word: string): string => `__fish_seen_subcommand_from ${word}`;
      const here = [first, second].flatMap((word) => (word === undefined ? [] : [seen(word)])).join('; and ');
      const when = here === '' ? '' : ` -n '${here}'`;
      const where = second === undefined ? '__fish_use_subcommand' : seen(first ?? '');
      const verbLine =
        first === undefined ? [] : [`complete -c ${program} -n '${where}' -f -a ${second ?? first} -d '${summary}'`];
      const family = second === undefined ? [] : [`complete -c ${program} -n __fish_use_subcommand -f -a ${first}`];
      const lines = options.map(
        ({ long, summary: text }) => `complete -c ${program}${when} -l ${long.slice(2)} -d '${text}'`,
      );
      return [...family, ...verbLine, ...lines];
    })
    .concat('')
    .join('\n');
}
