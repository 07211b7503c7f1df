import { sha256 } from '@noble/hashes/sha2';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils';
import { isObject } from '../../flags/json';
import { canonicalJson } from '../plan/plan-hash';

/**
 * One request `sts:GetCallerIdentity`, signed by the caller and sent by the worker: what AWS answers is who signed it. It says
 * nothing else of the credentials, and does nothing else with them.
 */
export interface Proof {
  /** Makes each request another one, also within a second. */
  readonly nonce: string;
  /** The host that it is signed for. */
  readonly host: string;
  /** `X-Amz-Date`. */
  readonly date: string;
  readonly authorization: string;
  /** `X-Amz-Security-Token`, with temporary credentials. */
  readonly token?: string | undefined;
}

/** What a proof is for: it counts for nothing else. */
export interface Purpose {
  readonly workflowId: string;
  /** The first run: another rollout of the environment is another purpose. */
  readonly run: string;
  readonly verb: string;
  /** All of the message but the proof. */
  readonly command: object;
}

/** The header that binds a signed request to its purpose. */
export const PURPOSE_HEADER = 'x-rollout-asks';
/** The only request that is ever sent. */
const IDENTITY_BODY = 'Action=GetCallerIdentity&Version=2011-06-15';
export const IDENTITY_BODY_HASH = bytesToHex(sha256(utf8ToBytes(IDENTITY_BODY)));
export const IDENTITY_CONTENT_TYPE = 'application/x-www-form-urlencoded';

const SIGNED = ['content-type', 'host', 'x-amz-content-sha256', 'x-amz-date'];
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=\w{12,128}\/(\d{8})\/[a-z0-9-]{5,30}\/sts\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/;
const DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
const NONCE = /^[\w-]{16,64}$/;
const HOST = /^[a-z0-9.-]{1,255}(:\d{1,5})?$/;
const TOKEN = /^[\x21-\x7e]{1,8192}$/;

/** How long a proof counts after it was signed; AWS itself refuses it after 15 minutes. */
export const FRESH_MS = 5 * 60_000;
/** Clocks differ. */
const AHEAD_MS = 60_000;

/** The hash that a caller signs for a purpose. */
export function purposeHash({ command, ...purpose }: Purpose, nonce: string): string {
  const { proof: _proof, ...said } = command as { readonly proof?: unknown };
  return bytesToHex(sha256(utf8ToBytes(canonicalJson({ v: 1, nonce, ...purpose, command: said }))));
}

export type ReadProof = { readonly proof: Proof; readonly id: string } | { readonly problem: string };

/** A proof as it was received, of the right form and fresh. Total: it comes from outside. */
export function readProof(value: unknown, nowMs: number): ReadProof {
  if (!isObject(value)) return { problem: 'the proof is no JSON object' };
  const { nonce, host, date, authorization, token } = value;
  const unfit =
    (fits(nonce, NONCE) ? undefined : 'nonce') ??
    (fits(host, HOST) ? undefined : 'host') ??
    (fits(date, DATE) ? undefined : 'date') ??
    (fits(authorization, AUTHORIZATION) ? undefined : 'authorization') ??
    (token === undefined || fits(token, TOKEN) ? undefined : 'token');
  if (unfit !== undefined) return { problem: `the field ${unfit} of the proof is missing or has another form` };
  const proof = { nonce, host, date, authorization, token } as Proof;
  const [, day, signed, id = ''] = AUTHORIZATION.exec(proof.authorization) ?? [];
  const wanted = [...SIGNED, ...(token === undefined ? [] : ['x-amz-security-token']), PURPOSE_HEADER].join(';');
  if (signed !== wanted) return { problem: `the signature covers ${signed}, and must cover exactly ${wanted}` };
  if (day !== proof.date.slice(0, 8)) return { problem: 'the signature is of another day than its date' };
  const late = lateness(proof, nowMs);
  return late === undefined ? { proof, id } : { problem: late };
}

const fits = (value: unknown, pattern: RegExp): boolean => typeof value === 'string' && pattern.test(value);

export function signedAtMs({ date }: Pick<Proof, 'date'>): number {
  const [, year, month, day, hour, minute, second] = DATE.exec(date) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function lateness(proof: Proof, nowMs: number): string | undefined {
  const ageMs = nowMs - signedAtMs(proof);
  const at = `it was signed at ${proof.date}`;
  if (!(ageMs <= FRESH_MS)) return `${at}, more than ${FRESH_MS / 60_000} minutes ago`;
  return ageMs >= -AHEAD_MS ? undefined : `${at}, in the future: compare the clock of that machine`;
}

/** A proof counts once. The list is pruned by time alone, so that no flood can make it forget. */
export interface UsedProof {
  readonly id: string;
  readonly untilMs: number;
}
const MOST_USED = 200;

/** Why a proof cannot be taken now. */
export function unusable(used: readonly UsedProof[], id: string, nowMs: number): string | undefined {
  const kept = used.filter(({ untilMs }) => untilMs > nowMs);
  if (kept.some((one) => one.id === id)) return 'its proof was used before';
  return kept.length >= MOST_USED ? TOO_MANY : undefined;
}

export const TOO_MANY = 'too many proofs came within minutes: wait five minutes';

/** Undefined when it was used before, or when so many came within minutes that no more can be remembered. */
export function withUsed(
  used: readonly UsedProof[],
  { id, proof }: { readonly id: string; readonly proof: Proof },
  nowMs: number,
): readonly UsedProof[] | undefined {
  if (unusable(used, id, nowMs) !== undefined) return undefined;
  const kept = used.filter(({ untilMs }) => untilMs > nowMs);
  return [...kept, { id, untilMs: signedAtMs(proof) + FRESH_MS + 1_000 }];
}
