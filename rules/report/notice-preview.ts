import { channelsFor } from '../notify/channels';
import type { Channel, Notice } from '../notify/notice';
import { pagerDutyEvents } from './pagerduty-events';
import { signedMessage } from './signed-message';
import { slackMessage, webhookMessage } from './slack-message';

/** What a channel would get, as its service takes it: without secrets, which only the worker knows. */
export interface Previewed {
  readonly channel: string;
  readonly service: string;
  readonly message: unknown;
}

export function messageFor(channel: Channel, notice: Notice): Previewed {
  const { name } = channel;
  if ('topic' in channel)
    return { channel: name, service: 'SNS', message: { Subject: notice.title, Message: notice.text } };
  if ('webhook' in channel) return { channel: name, service: 'webhook', message: webhookMessage(notice) };
  if ('slack' in channel) return { channel: name, service: 'Slack', message: slackMessage(notice) };
  if ('pagerduty' in channel)
    return { channel: name, service: 'PagerDuty', message: pagerDutyEvents(notice, channel.events) };
  return { channel: name, service: 'signed webhook', message: signedMessage(notice, `notice-…-${notice.key}`) };
}

interface Recipients {
  readonly notify?: readonly Channel[];
}

export const previewOf = (plan: Recipients, notice: Notice): readonly Previewed[] =>
  channelsFor(plan, notice.kind).map((channel) => messageFor(channel, notice));

/** A notice for people: who gets it and what it says. */
export function previewText(plan: Recipients, notice: Notice): string {
  const to = channelsFor(plan, notice.kind).map((channel) => `${channel.name} (${whatItDoes(channel, notice)})`);
  const heard = to.length === 0 ? 'no channel gets it' : `to ${to.join(', ')}`;
  return [
    `${notice.kind}: ${heard}`,
    `  ${notice.title}`,
    ...notice.text.split('\n').map((line) => `    ${line}`),
  ].join('\n');
}

function whatItDoes(channel: Channel, notice: Notice): string {
  const { service } = messageFor(channel, notice);
  if (!('pagerduty' in channel)) return service;
  const steps = pagerDutyEvents(notice, channel.events).map(
    ({ event_action: action, dedup_key: key }) => `${action} ${key}`,
  );
  return `${service}: ${steps.join(', ')}`;
}
