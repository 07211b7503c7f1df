import { ApplicationFailure } from '@temporalio/common';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import type { AwsFor } from '../../aws';
import { failure } from '../../failures';
import { ProxyError } from '../../proxy-agent';
import { webFetch } from '../../web';

/** With what a message is delivered. */
export interface Delivering {
  readonly awsFor: AwsFor;
  readonly aws: AwsTarget;
  readonly abortSignal: AbortSignal;
}

export interface Post {
  readonly address: URL;
  /** The receiver, for people: never a secret. */
  readonly to: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

const LONGEST_RETRY_S = 120;
/** Of an answer. */
const MOST_CHARACTERS = 4_000;

/**
 * Posts JSON and returns the beginning of what a successful answer said. Address and headers may be secrets: errors of the
 * network are reported by their code alone, and answers by their status. Redirects are not followed: the plan allows no
 * other address.
 */
export async function postJson({ address, to, headers, body }: Post, abortSignal: AbortSignal): Promise<string> {
  const response = await webFetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body,
    redirect: 'manual',
    signal: abortSignal,
  }).catch((error: unknown) => {
    abortSignal.throwIfAborted();
    throw failure('Unavailable', `${to} does not answer: ${codeOf(error)}`);
  });
  const said = await beginningOf(response).catch(() => '');
  if (!response.ok) throw refused(`${to} answered ${response.status}`, response);
  return said;
}

/** A receiver that never ends its answer must not fill the memory of the worker, which also writes 0 %. */
async function beginningOf({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let said = '';
  for await (const bytes of (body ?? []) as AsyncIterable<Uint8Array>) {
    said += decoder.decode(bytes, { stream: true });
    // Leaving the loop cancels the rest.
    if (said.length >= MOST_CHARACTERS) break;
  }
  return said.slice(0, MOST_CHARACTERS);
}

/** A receiver may ask for a wait with `Retry-After`; retrying does not help against any other client error. */
function refused(message: string, { status, headers }: Response): ApplicationFailure {
  if (status !== 429 && status < 500 && status !== 408) return failure('InvalidRequest', message);
  return unavailable(message, headers.get('retry-after'));
}

/** A failure that a retry can mend, after the wait that the receiver asks for. */
export function unavailable(message: string, retryAfter: string | null): ApplicationFailure {
  const seconds = Number(retryAfter ?? Number.NaN);
  if (!(seconds > 0)) return failure('Unavailable', message);
  const nextRetryDelay = Math.min(seconds, LONGEST_RETRY_S) * 1_000;
  return ApplicationFailure.create({ type: 'Unavailable', message, nextRetryDelay });
}

/** `fetch failed` gives no reason, and its cause contains the address. */
function codeOf(error: unknown): string {
  if (error instanceof ProxyError) return error.inShort;
  const code = String(keyOf(keyOf(error, 'cause') ?? error, 'code') ?? '');
  return /^[A-Z_]{3,40}$/.test(code) ? code : 'no connection';
}

const keyOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && key in value ? Reflect.get(value, key) : undefined;
