import { ApplicationFailure } from '@temporalio/common';
import type { Notice, SecretPlace } from '../../../rules/notify/notice';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import type { AwsFor } from '../../aws';
import { failure } from '../../failures';
import { placeText, readAddress } from '../../observe/notify/webhook-address';
import { ProxyError } from '../../proxy-agent';
import { webFetch } from '../../web';

export interface WebhookOrder {
  readonly aws: AwsTarget;
  readonly webhook: SecretPlace;
  readonly notice: Notice;
}

const LONGEST_RETRY_S = 120;

/**
 * Posts to an incoming webhook in Slack's format:
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks. The address alone permits writing there, so it
 * is a secret: it is read for each message, and no error or result contains it. Network errors are therefore reported by
 * their code alone, and answers by their status.
 */
export async function post(
  awsFor: AwsFor,
  { aws, webhook, notice }: WebhookOrder,
  abortSignal: AbortSignal,
): Promise<void> {
  const address = await readAddress(awsFor, aws, webhook, abortSignal);
  const place = placeText(webhook);
  const response = await webFetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text: escaped(`*${notice.title}*\n${notice.text}`) }),
    // The plan allows no other address, so redirects are not followed.
    redirect: 'manual',
    signal: abortSignal,
  }).catch((error: unknown) => {
    abortSignal.throwIfAborted();
    throw failure('Unavailable', `the webhook of ${place} does not answer: ${codeOf(error)}`);
  });
  await response.body?.cancel();
  if (response.ok) return;
  throw refused(`the webhook of ${place} answered ${response.status}`, response);
}

/** Slack asks for a wait with `Retry-After`; retrying does not help against any other client error. */
function refused(message: string, { status, headers }: Response): ApplicationFailure {
  if (status !== 429 && status < 500 && status !== 408) return failure('InvalidRequest', message);
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  const wait = seconds > 0 ? { nextRetryDelay: Math.min(seconds, LONGEST_RETRY_S) * 1_000 } : {};
  return ApplicationFailure.create({ type: 'Unavailable', message, ...wait });
}

/** Escapes what Slack reads as its own markup: https://docs.slack.dev/messaging/formatting-message-text#escaping. */
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** `fetch failed` gives no reason, and its cause contains the address. */
function codeOf(error: unknown): string {
  if (error instanceof ProxyError) return error.inShort;
  const code = String(keyOf(keyOf(error, 'cause') ?? error, 'code') ?? '');
  return /^[A-Z_]{3,40}$/.test(code) ? code : 'no connection';
}

const keyOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && key in value ? Reflect.get(value, key) : undefined;
