import { firstCharacters } from '../format';
import type { Link, Notice, NoticeKind } from '../notify/notice';

/** What `chat.postMessage` takes, without the channel: https://docs.slack.dev/reference/methods/chat.postMessage. */
export interface SlackMessage {
  /** Shown in notifications, and where blocks are not. */
  readonly text: string;
  readonly blocks: readonly object[];
  readonly unfurl_links: false;
  readonly metadata: {
    readonly event_type: 'rollout_notice';
    readonly event_payload: Readonly<Record<string, string>>;
  };
  /** A reply in a thread that the channel shows too. */
  readonly reply_broadcast?: true;
}

/** The channel sees these even when it does not follow the thread. */
const LOUD: ReadonlySet<NoticeKind> = new Set([
  'overdue',
  'zero-not-confirmed',
  'unwatched',
  'rolling-back',
  'rolled-back',
  'deployment-failed',
  'verification-failed',
]);

/** Limits of a block: https://docs.slack.dev/reference/block-kit/blocks. */
const SECTION_CHARACTERS = 3_000;
const MOST_SECTIONS = 10;

/** A notice as blocks: the title, the text with its commands as code, and links. */
export function slackMessage(notice: Notice, thread?: string): SlackMessage {
  const { kind, key, title, text, about } = notice;
  const { commands = [], links = [] } = about ?? {};
  const sections = sectionsOf(text, commands).map((part) => ({
    type: 'section',
    text: { type: 'mrkdwn', text: part },
  }));
  const message: SlackMessage = {
    text: escapedForSlack(title),
    blocks: [{ type: 'header', text: { type: 'plain_text', text: title } }, ...sections, ...linksBlock(links)],
    unfurl_links: false,
    metadata: { event_type: 'rollout_notice', event_payload: { kind, key } },
  };
  return thread !== undefined && LOUD.has(kind) ? { ...message, reply_broadcast: true } : message;
}

const linksBlock = (links: readonly Link[]): readonly object[] => {
  if (links.length === 0) return [];
  const text = links.map((link) => `<${escapedForSlack(link.url)}|${escapedForSlack(link.text)}>`).join('  ');
  return [{ type: 'context', elements: [{ type: 'mrkdwn', text }] }];
};

/** Whole lines, as many as fit into a section. A line alone is never that long in practice; if it is, it is cut. */
function sectionsOf(text: string, commands: readonly string[]): readonly string[] {
  const sections: string[] = [];
  for (const line of text.split('\n')) {
    const shown = firstCharacters(asMrkdwn(line, commands), SECTION_CHARACTERS / 2);
    const last = sections.at(-1);
    if (last !== undefined && last.length + shown.length < SECTION_CHARACTERS)
      sections[sections.length - 1] = `${last}\n${shown}`;
    else sections.push(shown);
  }
  return sections.filter((section) => section.trim() !== '').slice(0, MOST_SECTIONS);
}

/** Commands are code, so that they can be copied; a backtick in the rest would begin some. */
function asMrkdwn(line: string, commands: readonly string[]): string {
  const plain = escapedForSlack(line.replaceAll('`', "'"));
  const found = [...new Set(commands)].map(escapedForSlack).sort((one, other) => other.length - one.length);
  if (found.length === 0) return plain;
  return plain.replace(new RegExp(found.map(literal).join('|'), 'g'), (command) => `\`${command}\``);
}

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Escapes what Slack reads as its own markup: https://docs.slack.dev/messaging/formatting-message-text#escaping. */
const escapedForSlack = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** What an incoming webhook takes, of Slack and of others that take the same: a text. */
export const webhookMessage = ({ title, text }: Notice): { readonly text: string } => ({
  text: escapedForSlack(`*${title}*\n${text}`),
});
