import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { IDENTITY_BODY_HASH, IDENTITY_CONTENT_TYPE, type Proof, PURPOSE_HEADER } from '../../../rules/identity/proof';
import { failFastConfig } from '../../client-config';
import { failure, messageOf, nameOf, toFailure } from '../../failures';
import { aroundSigning, type Headers } from '../../identity-request';

export interface CallerOrder {
  /** Of the plan: no message chooses where AWS is asked. */
  readonly region: string;
  readonly proof: Proof;
  /** The hash that must be signed. */
  readonly purpose: string;
}

/** The ARN that AWS gives, or why the proof is none. */
export type CallerAnswer = { readonly arn: string } | { readonly why: string };

/**
 * Sends the request that a caller signed, and nothing else: method, path, body and headers are ours, the host is that of the
 * worker's own STS. Redirects are not followed. AWS that does not answer is a failure, and never a yes.
 */
export function createCallerVerification(): { verifyCaller(order: CallerOrder): Promise<CallerAnswer> } {
  return { verifyCaller };
}

/** Never used to sign: the caller's signature takes the place of the one made with them. */
const NO_KEYS = { accessKeyId: 'unused', secretAccessKey: 'unused' };

async function verifyCaller({ region, proof, purpose }: CallerOrder): Promise<CallerAnswer> {
  const { requestHandler } = failFastConfig({ account: '', region });
  const sts = new STSClient({ region, maxAttempts: 1, credentials: NO_KEYS, requestHandler });
  let asked = '';
  aroundSigning(sts, 'after', ({ host = '' }) => {
    asked = host;
    if (host !== proof.host) throw new OtherHost();
    return signedHeaders(proof, purpose);
  });
  try {
    const { Arn: arn } = await sts.send(new GetCallerIdentityCommand({}));
    return arn === undefined ? { why: `the answer of ${asked} names nobody` } : { arn };
  } catch (error) {
    if (error instanceof OtherHost) return { why: `it is signed for ${proof.host}, and this worker asks ${asked}` };
    const status = statusOf(error);
    if (status !== undefined && status >= 300 && status < 400)
      return { why: `${asked} answered with a redirect (${status}), which is not followed` };
    if (isRefusal(error, status)) return { why: `AWS refused it (${nameOf(error)})` };
    if (status === undefined || status >= 500) throw failure('Unavailable', `${asked}: ${messageOf(error)}`);
    throw toFailure(error, 'asking AWS who signed');
  } finally {
    sts.destroy();
  }
}

class OtherHost extends Error {}

function signedHeaders({ host, date, authorization, token }: Proof, purpose: string): Headers {
  const headers = {
    ...{ host, authorization, 'content-type': IDENTITY_CONTENT_TYPE, 'x-amz-content-sha256': IDENTITY_BODY_HASH },
    ...{ 'x-amz-date': date, [PURPOSE_HEADER]: purpose },
  };
  return token === undefined ? headers : { ...headers, 'x-amz-security-token': token };
}

function statusOf(error: unknown): number | undefined {
  const { $metadata } = Object(error) as { readonly $metadata?: { readonly httpStatusCode?: number } };
  return $metadata?.httpStatusCode;
}

const isRefusal = (error: unknown, status: number | undefined): boolean =>
  status !== undefined &&
  status >= 400 &&
  status < 500 &&
  status !== 429 &&
  !/Throttl|TooMany/i.test(nameOf(error) ?? '');
