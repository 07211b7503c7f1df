import { commandOptions } from './shared-options';
import { GROUPS, type VerbDeclaration } from './verb';

const BEGIN = '<!-- The verbs begin here. `npm run schema` writes them: do not edit them by hand. -->';
const END = '<!-- The verbs end here. -->';

const table = (rows: readonly (readonly [command: string, meaning: string])[]): string =>
  [
    '| Command | What it does |',
    '| --- | --- |',
    ...rows.map(([command, meaning]) => `| \`${command}\` | ${meaning} |`),
  ].join('\n');

const typed = ({ name, argument, second }: VerbDeclaration): string =>
  ['npx rollout', name, argument, second?.argument].filter((word) => word !== undefined).join(' ');

/** For the README: what each daily verb does. */
export const dailyVerbs = (verbs: readonly VerbDeclaration[]): string =>
  table(verbs.filter(({ daily }) => daily === true).map((verb) => [typed(verb), verb.summary]));

/** For `docs/operating.md`: every verb by its group, with its own options. */
export const verbsByGroup = (verbs: readonly VerbDeclaration[]): string =>
  GROUPS.flatMap((group) => {
    const rows = verbs.filter((verb) => verb.group === group).map((verb) => [typed(verb), meaningOf(verb)] as const);
    return [`### ${group}`, table(rows)];
  }).join('\n\n');

function meaningOf({ summary, options = [], reason }: VerbDeclaration): string {
  const required = commandOptions(reason).filter((option) => option.required === true);
  const own = options.map(({ flags, summary: text }) => `\`${flags}\`: ${text}`);
  return [summary, ...own, ...required.map(({ flags }) => `\`${flags}\` is required`)].join('; ');
}

/** The page with the generated part between its two marks. */
export function withVerbs(page: string, verbs: string): string {
  const [before, rest = ''] = page.split(BEGIN);
  const after = rest.split(END)[1];
  if (after === undefined) throw new Error('The page lacks the marks of its generated verbs.');
  return `${before}${BEGIN}\n\n${verbs}\n\n${END}${after}`;
}
