/**
 * Signs, on the machine of the person who acts, the request by which a worker learns who that is. One of three files of
 * `activities/` that the client may import (decision 0089).
 */
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { IDENTITY_CONTENT_TYPE, type Proof, PURPOSE_HEADER, purposeHash, type Purpose } from '../rules/identity/proof';
import type { AwsTarget } from '../rules/plan/environment-plan';
import { failFastConfig } from './client-config';
import { toFailure } from './failures';
import { aroundSigning, type Headers } from './identity-request';

export { messageOf } from './failures';

type Place = Pick<AwsTarget, 'region' | 'profile'>;

/** Ends the request when it is signed: the worker sends it. */
class Signed extends Error {
  constructor(readonly headers: Headers) {
    super('signed');
  }
}

/** Signs one request for one purpose, and sends nothing. Fails when there are no credentials. */
export async function signProof(place: Place, purpose: Purpose, nonce: string): Promise<Proof> {
  const sts = clientOf(place);
  aroundSigning(sts, 'before', ({ host = '' }) => ({
    host,
    'content-type': IDENTITY_CONTENT_TYPE,
    [PURPOSE_HEADER]: purposeHash(purpose, nonce),
  }));
  aroundSigning(sts, 'after', (headers) => {
    throw new Signed(headers);
  });
  const ended: unknown = await sts.send(new GetCallerIdentityCommand({})).catch((error: unknown) => error);
  sts.destroy();
  if (!(ended instanceof Signed)) throw toFailure(ended, 'signing who you are');
  const { host = '', authorization = '', 'x-amz-date': date = '', 'x-amz-security-token': token } = ended.headers;
  return { nonce, host, date, authorization, token };
}

/** The ARN of these credentials. */
export async function whoAmI(place: Place): Promise<string> {
  try {
    return (await clientOf(place).send(new GetCallerIdentityCommand({}))).Arn ?? '';
  } catch (error) {
    throw toFailure(error, 'asking AWS whose credentials these are');
  }
}

const clientOf = ({ region, profile }: Place): STSClient =>
  new STSClient(failFastConfig({ account: '', region, profile }));
