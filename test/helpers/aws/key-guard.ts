import type { IncomingHttpHeaders } from 'node:http';
import { type AwsProxy, relay, startAwsProxy } from './aws-proxy';

/** An answer of AWS to a request whose keys it does not take. */
export interface Refusal {
  readonly code: string;
  readonly message?: string;
}

export interface KeyGuard extends AwsProxy {
  /** Keys that are refused, and how. */
  readonly refused: Map<string, Refusal>;
  /** Answers keys that are taken by an error of its own instead of the emulator: where only the keys are looked at. */
  alone: boolean;
  /** The access key of every request that was signed, in order. */
  readonly seen: string[];
  /** Bodies of requests that need no signature, as those with a web identity. */
  readonly unsigned: string[];
}

/**
 * In front of the emulator, which takes every key: refuses some, in the words and the protocol in which each service of AWS
 * does it.
 */
export async function startKeyGuard(upstream: string): Promise<KeyGuard> {
  const refused = new Map<string, Refusal>();
  const [seen, unsigned]: [string[], string[]] = [[], []];
  const rules = { refused, alone: false, seen, unsigned };
  const proxy = await startAwsProxy((passed, answer) => {
    const { headers, body } = passed;
    const key = /Credential=([^/]+)\//.exec(headers.authorization ?? '')?.[1];
    if (key === undefined) unsigned.push(body.toString());
    else seen.push(key);
    const taken = rules.alone && key !== undefined ? { code: 'NotAsked' } : undefined;
    const refusal = refused.get(key ?? '') ?? taken;
    if (refusal === undefined) return relay(upstream, passed, answer);
    const { type, content } = inProtocol(refusal, headers);
    answer.writeHead(400, { 'content-type': type, 'x-amzn-errortype': refusal.code }).end(content);
  });
  return Object.assign(rules, proxy);
}

function inProtocol({ code, message = 'no' }: Refusal, headers: IncomingHttpHeaders) {
  if (headers['smithy-protocol'] === 'rpc-v2-cbor') {
    const content = Buffer.concat([Buffer.from([0xa2]), ...['__type', code, 'message', message].map(cborText)]);
    return { type: 'application/cbor', content };
  }
  const isXml = !/json/.test(headers['content-type'] ?? '') && headers['x-amz-target'] === undefined;
  if (!isXml) return { type: 'application/x-amz-json-1.1', content: JSON.stringify({ __type: code, message }) };
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
  const isQuery = /urlencoded/.test(headers['content-type'] ?? '');
  return { type: 'text/xml', content: isQuery ? `<ErrorResponse>${error}</ErrorResponse>` : error };
}

/** A text of less than 64 KB: https://www.rfc-editor.org/rfc/rfc8949#name-major-types */
function cborText(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x79, bytes.length >> 8, bytes.length & 255]), bytes]);
}
