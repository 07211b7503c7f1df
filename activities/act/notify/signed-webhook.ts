import { createHmac } from 'node:crypto';
import type { Notice, SignedPlace } from '../../../rules/notify/notice';
import { signedMessage } from '../../../rules/report/signed-message';
import { failure } from '../../failures';
import { placeText, readAddress, readSecret } from '../../observe/notify/secrets';
import { type Delivering, postJson } from './post';

/** What the specification asks for: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md. */
const SHORTEST_KEY_BYTES = 24;

/**
 * Posts JSON, signed as Standard Webhooks define it: HMAC-SHA256 over id, time and body. Several keys, separated by spaces,
 * give several signatures, so that a key can be changed while receivers still have the old one.
 */
export async function toSignedWebhook(
  { address: at, key }: SignedPlace,
  { notice, id }: { readonly notice: Notice; readonly id: string },
  { awsFor, aws, abortSignal }: Delivering,
): Promise<void> {
  const address = await readAddress(awsFor, aws, at, abortSignal);
  const keys = signingKeys(await readSecret(awsFor, aws, key, abortSignal), placeText(key));
  const body = JSON.stringify(signedMessage(notice, id));
  const seconds = String(Math.floor(Date.now() / 1_000));
  const signatures = keys.map(
    (one) => `v1,${createHmac('sha256', one).update(`${id}.${seconds}.${body}`).digest('base64')}`,
  );
  const headers = { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signatures.join(' ') };
  await postJson({ address, to: `the webhook of ${placeText(at)}`, headers, body }, abortSignal);
}

/** `whsec_` and base64, as receivers' libraries take it; any other text is the key itself. */
export function signingKeys(text: string, place: string): readonly Buffer[] {
  const keys = text.split(/\s+/).map((one) => {
    const encoded = /^whsec_(.*)$/.exec(one)?.[1];
    return encoded === undefined ? Buffer.from(one, 'utf8') : Buffer.from(encoded, 'base64');
  });
  if (keys.every((key) => key.length >= SHORTEST_KEY_BYTES)) return keys;
  throw failure(
    'Unreadable',
    `${place} holds a key of less than ${SHORTEST_KEY_BYTES} bytes: write a longer random one`,
  );
}
