import pc from 'picocolors';
import { describeStatus } from '../../rules/report/rollout';
import type { RolloutStatus } from '../../rules/rollout/status/status';
import { unescaped } from '../../rules/format';
import type { StackChanges } from '../../rules/stacks/results';

/** The status as the Web UI shows it, in the zone of this machine. */
export function renderStatus(status: RolloutStatus, nowMs: number): string {
  return describeStatus(status, nowMs, localZone());
}

export const localZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Renders the Markdown of `describeStatus` for a terminal: the same words, with colours where the terminal has them. */
export function paint(markdown: string): string {
  return markdown.split('\n').map(paintLine).join('\n');
}

function paintLine(line: string, index: number): string {
  const shown = line
    .replace(/^- /, '  ')
    .replace(/^_(.+)_$/, (_all, text: string) => pc.dim(text))
    .replace(/(?<!\\)\*\*(.+?)(?<!\\)\*\*/g, (_all, text: string) =>
      index === 0 ? paintOf(text)(text) : pc.bold(text),
    )
    .replace(/(?<!\\)`(.+?)(?<!\\)`/g, (_all, text: string) => pc.cyan(text));
  return unescaped(shown);
}

/** Red for what needs attention at once, yellow for a stop, green for the rest. */
export function paintOf(headline: string): (text: string) => string {
  if (/: (ROLLING BACK|ROLLED BACK|BACK AT|ABORTED|REFUSED|ended)|NOT KNOWN TO BE/.test(headline))
    return (text) => pc.bold(pc.red(text));
  if (/: (PAUSED|HELD) /.test(headline)) return (text) => pc.bold(pc.yellow(text));
  return (text) => pc.bold(pc.green(text));
}

/** CDK's output is not Markdown: painted as Markdown it would lose its asterisks and backquotes. */
export function changesLines(stacks: readonly StackChanges[]): readonly string[] {
  const literal = (text: string): string => text.replace(/[\\`*_[\]<>|]/g, '\\$&');
  return stacks.filter(({ changed }) => changed).flatMap(({ name, text }) => ['', `Stack ${name}`, literal(text)]);
}
