import type { StackChanges } from '../../rules/stacks/results';

/** CDK's output is not Markdown: painted as Markdown it would lose its asterisks and backquotes. */
export function changesLines(stacks: readonly StackChanges[]): readonly string[] {
  const literal = (text: string): string => text.replace(/[\\`*_[\]<>|]/g, '\\$&');
  return stacks.filter(({ changed }) => changed).flatMap(({ name, text }) => ['', `Stack ${name}`, literal(text)]);
}
