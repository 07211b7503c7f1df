import { escapeMarkdown, formatDuration, formatTime } from '../format';
import type { Health } from '../guards/verdict';
import type { Gate, RolloutStatus, Wait } from '../rollout/status/status';
import { commandsOf, type Commanded } from './commands';
import type { Reading, Times } from './rollout-headline';

/** The words of a reason, unless the text has them already. */
export type Unsaid = (why: string) => string | undefined;

/** Shorter words may be in a text by chance. */
const SHORTEST_REASON = 12;

/** A reason is often that of the wait, of the health and of a gate at once: it is shown where it comes first. */
export function sayingOnce(first: string): Unsaid {
  let said = first;
  return (why) => {
    const words = escapeMarkdown(why);
    if (words.length >= SHORTEST_REASON && said.includes(words)) return undefined;
    said += `\n${words}`;
    return words;
  };
}

export const labelled = (label: string, words: string | undefined, after = ''): string =>
  words === undefined ? `${label}${after}` : `${label}: ${words}${after}`;

/** Why a gate is as it is. That of the guards repeats the health, with its outcome before it. */
export function gateWords({ gate, why }: Gate, { outcome, why: health }: Health, unsaid: Unsaid): string | undefined {
  if (gate !== 'guards' || why !== `${outcome}: ${health}`) return unsaid(why);
  const words = unsaid(health);
  return words === undefined ? outcome : `${outcome}: ${words}`;
}

/** Whose wait it is, and until when it lasts, in words. */
interface Waiting extends Commanded {
  readonly until: string;
}

/** Why it waits and since when, until when, until when at most, and which verbs end the wait. */
export function waitLines(wait: Wait, waiting: Waiting, times: Times, unsaid: Unsaid): readonly string[] {
  const { why, sinceMs, verbs } = wait;
  const { nowMs, zone } = times;
  const words = unsaid(why);
  const since = `since ${formatTime(sinceMs, zone, nowMs)}${beside(formatDuration(nowMs - sinceMs), times)}`;
  return [
    `- **Waiting:** ${words === undefined ? '' : `${words}, `}${since}`,
    `- **Until:** ${waiting.until}`,
    ...deadlineLine(wait, times),
    verbLine(verbs, waiting, times.reading),
  ];
}

/** Read at once, each is a command to paste, in a row of its own; in Temporal's Web UI it is the name of a signal or update. */
export function verbLine(verbs: readonly string[], of: Commanded, reading: Reading): string {
  if (verbs.length === 0) return '- **Next:** continues automatically';
  if (reading === 'still') return `- **You can:** ${verbs.map((verb) => `\`${verb}\``).join(', ')}`;
  return `- **You can:** ${commandsOf(verbs, of)
    .map((command) => `\`${command}\``)
    .join(BELOW)}`;
}

/** Below the first command, as the terminal shows it. */
const BELOW = `\n${' '.repeat('  You can: '.length)}`;

/** Whether a verb of the wait vouches for the receiver of a hook: `checklist --tick NAME` with a name that is no item. */
export function ticksHook(verb: string, { checklist }: Pick<RolloutStatus, 'checklist'>): boolean {
  const [, , named] = verb.startsWith('checklist --tick ') ? verb.split(' ') : [];
  return named !== undefined && !checklist.some(({ id }) => id === named);
}

function deadlineLine({ deadline }: Wait, times: Times): readonly string[] {
  if (deadline === undefined) return [];
  const { nowMs, zone } = times;
  const when = formatTime(deadline.atMs, zone, nowMs);
  if (deadline.atMs <= nowMs)
    return [`- **OVERDUE:** the wait should have ended by ${when}${ago(deadline.atMs, times)}`];
  return [`- **Deadline:** ${when}, then it is ${deadline.then === 'abort' ? 'aborted' : 'reported as overdue'}`];
}

/** Shown only when the text is read at once. */
export const beside = (relative: string, { reading }: Times): string => (reading === 'live' ? ` (${relative})` : '');
export const ago = (atMs: number, { nowMs, reading }: Times): string =>
  reading === 'live' ? `, ${formatDuration(nowMs - atMs)} ago` : '';
