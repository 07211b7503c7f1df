import type { Notice, SlackPlace } from '../../../rules/notify/notice';
import { slackMessage } from '../../../rules/report/slack-message';
import { jsonIn } from '../../../flags/json';
import { failure } from '../../failures';
import { placeText, readSecret, safeAddress } from '../../observe/notify/secrets';
import { type Delivering, postJson, unavailable } from './post';

const API = 'https://slack.com/api';

/** Of the codes that `chat.postMessage` may answer with: a retry may help against these. */
const PASSING: ReadonlySet<string> = new Set([
  'fatal_error',
  'internal_error',
  'ratelimited',
  'rate_limited',
  'request_timeout',
  'service_unavailable',
  'team_added_to_org',
]);
/** The thread is gone or closed: the message is worth more than its place. */
const NO_THREAD: ReadonlySet<string> = new Set([
  'cannot_reply_to_message',
  'message_not_found',
  'restricted_action_thread_locked',
  'thread_not_found',
]);

/**
 * Writes into a channel as a bot, into the thread if there is one, and returns the thread: the message itself if it opened
 * one. https://docs.slack.dev/reference/methods/chat.postMessage.
 */
export async function toSlack(
  { slack, notice, thread }: { readonly slack: SlackPlace; readonly notice: Notice; readonly thread?: string },
  delivering: Delivering,
): Promise<string | undefined> {
  const answer = await said(slack, notice, thread, delivering);
  if (answer.ok) return thread ?? answer.ts;
  if (thread !== undefined && NO_THREAD.has(answer.error)) return toSlack({ slack, notice }, delivering);
  const message = `Slack refused the message: ${answer.error}`;
  throw PASSING.has(answer.error) ? unavailable(message, null) : failure('InvalidRequest', message);
}

async function said(slack: SlackPlace, notice: Notice, thread: string | undefined, delivering: Delivering) {
  const { channel } = slack;
  const body = JSON.stringify({ channel, ...slackMessage(notice, thread), thread_ts: thread });
  return callSlack(slack, 'chat.postMessage', body, delivering);
}

type SlackAnswer = { readonly ok: true; readonly ts?: string } | { readonly ok: false; readonly error: string };

/** Slack answers 200 even when it refuses. Its codes are words; anything else is not shown, because it could be a secret. */
export async function callSlack(
  { token, api = API }: SlackPlace,
  method: string,
  body: string,
  { awsFor, aws, abortSignal }: Delivering,
): Promise<SlackAnswer> {
  const secret = await readSecret(awsFor, aws, token, abortSignal);
  const address = safeAddress(`${api.replace(/\/+$/, '')}/${method}`, 'slack.api');
  // A header with a line break would be reported with its value.
  if (!/^[\x21-\x7e]+$/.test(secret)) throw failure('Unreadable', `${placeText(token)} does not hold a token of Slack`);
  const headers = { authorization: `Bearer ${secret}` };
  const text = await postJson({ address, to: `Slack (${address.host})`, headers, body }, abortSignal);
  const { ok, ts, error } = (jsonIn(text) ?? {}) as { readonly ok?: unknown; readonly ts?: unknown; error?: unknown };
  if (ok === true) return { ok, ts: typeof ts === 'string' ? ts : undefined };
  return { ok: false, error: typeof error === 'string' && /^[a-z_]{1,60}$/.test(error) ? error : 'no reason given' };
}
