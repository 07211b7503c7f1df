import { cameFromAws, innerFailure, toFailure } from '../../../activities/failures';

const ofAws = (name: string, message = 'no', more: object = {}): Error =>
  Object.assign(new Error(message), { name, $metadata: {}, ...more });
const sorted = (error: unknown) => {
  const { type, nonRetryable } = toFailure(error, 'asking');
  return [type, nonRetryable];
};

describe('an error of AWS is sorted by what it means', () => {
  it.each([
    'CredentialsProviderError',
    'TokenProviderError',
    'ExpiredToken',
    'ExpiredTokenException',
    'RequestExpired',
    'InvalidToken',
    'InvalidClientTokenId',
    'UnrecognizedClientException',
    'InvalidAccessKeyId',
    'SignatureDoesNotMatch',
    'InvalidSignatureException',
    'RequestTimeTooSkewed',
    'ThrottlingException',
    'RequestLimitExceeded',
    'ServiceUnavailable',
    'NeverHeardOf',
  ])('%s may be over at the next try', (name) => {
    expect(sorted(ofAws(name))).toEqual(['Unavailable', false]);
  });

  it.each(['AccessDenied', 'AccessDeniedException', 'AuthorizationError', 'UnauthorizedOperation'])(
    '%s is refused again',
    (name) => {
      const refused =
        'User: arn:aws:iam::1:user/ada is not authorized to perform: ssm:PutParameter, with an explicit deny';
      expect(sorted(ofAws(name, refused))).toEqual(['AccessDenied', true]);
    },
  );

  it('also when the name says less than the text', () => {
    const expired = ofAws('AccessDeniedException', 'The security token included in the request is expired');
    expect(sorted(expired)).toEqual(['Unavailable', false]);
  });

  it('says whose clock is wrong, and what to do about keys', () => {
    const date = new Date(Date.now() - 420_000).toUTCString();
    const skewed = ofAws('RequestTimeTooSkewed', 'too large', { $response: { headers: { date } } });
    expect(toFailure(skewed, 'asking').message).toMatch(
      /\(the clock of this machine is 4(19|20|21) s ahead of AWS's: set it\)$/,
    );
    expect(toFailure(ofAws('ExpiredToken'), 'asking').message).toContain('renew them');
    expect(toFailure(ofAws('AccessDenied'), 'asking').message).toBe('asking: AccessDenied: no');
  });
});

describe('an error that a library has wrapped', () => {
  const wrapped = (cause: unknown): Error => new Error('assembly failed', { cause: new Error('inner', { cause }) });

  it('is sorted by the one inside', () => {
    expect(innerFailure(wrapped(ofAws('AccessDenied')), 'deploying').type).toBe('AccessDenied');
    expect(innerFailure(wrapped(ofAws('ExpiredToken')), 'deploying').type).toBe('Unavailable');
  });

  it('is of AWS when AWS or the way there is inside, and of this machine otherwise', () => {
    expect(cameFromAws(wrapped(ofAws('Throttling')))).toBe(true);
    expect(cameFromAws(wrapped(Object.assign(new Error(), { code: 'ECONNREFUSED' })))).toBe(true);
    expect(cameFromAws(wrapped(Object.assign(new Error('spawn cdk ENOENT'), { code: 'ENOENT' })))).toBe(false);
    expect(cameFromAws(wrapped(undefined))).toBe(false);
  });
});
