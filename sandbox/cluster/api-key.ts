import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NAMESPACE } from './layout';

/**
 * Temporal's own server has no API keys, but checks tokens of the same header: `Authorization: Bearer …`. Clients send both the same way, so
 * a token that the cluster signs shows what Temporal Cloud's keys do.
 */
const KEY_ID = 'sandbox';
const VALID_S = 365 * 24 * 3_600;

const signingKey = (secrets: string): string => join(secrets, 'signing-key.pem');
/** What the frontend checks tokens with; holds no secret. */
export const keySet = (secrets: string): string => join(secrets, 'keys.json');

export function makeKeys(secrets: string): void {
  mkdirSync(secrets, { recursive: true, mode: 0o700 });
  if (existsSync(keySet(secrets))) return;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(signingKey(secrets), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const key = createPublicKey(privateKey).export({ format: 'jwk' });
  writeFileSync(keySet(secrets), JSON.stringify({ keys: [{ ...key, kid: KEY_ID, alg: 'ES256', use: 'sig' }] }));
}

export interface KeyTerms {
  /** As `default:write`: a namespace and what may be done there. */
  readonly permissions?: readonly string[];
  readonly validS?: number;
}

/** A JSON Web Token (RFC 7519) for the namespace of the cluster. */
export function apiKey(secrets: string, { permissions, validS = VALID_S }: KeyTerms = {}): string {
  const nowS = Math.floor(Date.now() / 1_000);
  // A worker asks which cluster it is at: it is a part of the name of the flag's owner.
  const may = permissions ?? [`${NAMESPACE}:read`, `${NAMESPACE}:write`, 'temporal-system:read'];
  const parts = [
    { alg: 'ES256', typ: 'JWT', kid: KEY_ID },
    { sub: 'rollout', permissions: may, iat: nowS, exp: nowS + validS },
  ];
  const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const key = createPrivateKey(readFileSync(signingKey(secrets)));
  const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}
