import { ApplicationFailure } from '@temporalio/common';

/**
 * Every failure type that an activity may throw on purpose, and whether a retry can help. Any other error is a defect and
 * is retried by the policy of its proxy.
 */
export type FailureType =
  | 'AccessDenied'
  | 'ParameterMissing'
  | 'Unreadable'
  | 'InvalidRequest'
  | 'NotOwner'
  | 'Overtaken'
  | 'Unavailable'
  | 'Unconfirmed'
  | 'DeploymentFailed'
  | 'NotApproved';

const NON_RETRYABLE: ReadonlySet<FailureType> = new Set([
  'AccessDenied',
  'ParameterMissing',
  'Unreadable',
  'InvalidRequest',
  'NotOwner',
  'Overtaken',
  'DeploymentFailed',
  'NotApproved',
]);

const BY_NAME: Readonly<Record<string, FailureType>> = {
  AccessDenied: 'AccessDenied',
  AccessDeniedException: 'AccessDenied',
  AuthorizationError: 'AccessDenied',
  AuthorizationErrorException: 'AccessDenied',
  UnauthorizedOperation: 'AccessDenied',
  InsufficientPrivilegesException: 'AccessDenied',
  ParameterNotFound: 'ParameterMissing',
  ClusterNotFoundException: 'InvalidRequest',
  ServiceNotFoundException: 'InvalidRequest',
  ValidationException: 'InvalidRequest',
  ValidationError: 'InvalidRequest',
  ParameterPatternMismatchException: 'InvalidRequest',
};

/**
 * AWS does not know these credentials, or no longer: a tool or a person renews them, and the request itself was not
 * refused. Sources: "Common Errors" of the API references of SSM, STS, CloudFormation and S3.
 */
const REFUSED_KEYS: ReadonlySet<string> = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'TokenRefreshRequired',
  'InvalidToken',
  'InvalidTokenException',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'AuthFailure',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'IncompleteSignature',
  'IncompleteSignatureException',
]);
/** The signature is wrong or too old: a secret that is half renewed, or a clock. */
const REFUSED_SIGNATURES: ReadonlySet<string> = new Set([
  'SignatureDoesNotMatch',
  'InvalidSignatureException',
  'InvalidSignature',
  'RequestExpired',
  'RequestTimeTooSkewed',
  'RequestInTheFuture',
]);
const REFUSED_KEYS_TEXT = /security token included in the request is (expired|invalid)|token has expired/i;

/** Other credentials may be accepted, if there are any. */
export function keysAreRefused(error: unknown): boolean {
  const name = nameOf(error);
  return REFUSED_KEYS.has(name) || REFUSED_SIGNATURES.has(name) || REFUSED_KEYS_TEXT.test(messageOf(error));
}

const hasNoKeys = (error: unknown): boolean => /^(Credentials|Token)ProviderError$/.test(nameOf(error));

/** No request to AWS can succeed at the moment. */
export const withoutCredentials = (error: unknown): boolean => hasNoKeys(error) || keysAreRefused(error);

/** The SDK has seen from the answer that this machine's clock is wrong, and signs by AWS's from now on. */
export const clockIsCorrected = (error: unknown): boolean =>
  (error as { $metadata?: { clockSkewCorrected?: boolean } } | undefined)?.$metadata?.clockSkewCorrected === true;

export function failure(type: FailureType, message: string, cause?: unknown): ApplicationFailure {
  return ApplicationFailure.create({
    type,
    message,
    nonRetryable: NON_RETRYABLE.has(type),
    ...(cause instanceof Error ? { cause } : {}),
  });
}

/**
 * An error of AWS or of the network as a failure with a type: what was attempted, what came back, and what helps when AWS
 * does not say it. Sorted by meaning: credentials that are missing or not accepted at the moment are `Unavailable`, only a
 * policy is `AccessDenied`. Compares names, not classes, because an SDK may be loaded twice. An unknown name counts as
 * `Unavailable` and is retried.
 */
export function toFailure(error: unknown, doing: string): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  const said = `${doing}: ${nameOf(error)}: ${messageOf(error)}`;
  const help = helpFor(error);
  return failure(typeOf(error), help === undefined ? said : `${said} (${help})`, error);
}

function typeOf(error: unknown): FailureType {
  return keysAreRefused(error) ? 'Unavailable' : (BY_NAME[nameOf(error)] ?? 'Unavailable');
}

/** The type of an error that another library has wrapped: the innermost known one. */
export function innerFailure(error: unknown, doing: string): ApplicationFailure {
  const found = toFailure(error, doing);
  if (found.type !== 'Unavailable' || !(error instanceof Error) || error.cause === undefined) return found;
  return innerFailure(error.cause, doing);
}

const NETWORK = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EAI_AGAIN|ENOTFOUND|EHOSTUNREACH|ENETUNREACH)$/;

/** Whether AWS reported it, or the connection failed, also when a library has wrapped it; else this machine caused it. */
export function cameFromAws(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if ('$metadata' in error || '$fault' in error || withoutCredentials(error)) return true;
  if (/^(Timeout|Proxy)Error$/.test(nameOf(error)) || ('code' in error && NETWORK.test(String(error.code))))
    return true;
  return 'cause' in error && cameFromAws(error.cause);
}

/** The proxy failed, also when a source of credentials reports it. */
const isOfProxy = (error: unknown): boolean =>
  nameOf(error) === 'ProxyError' || (error instanceof Error && error.cause !== undefined && isOfProxy(error.cause));

function helpFor(error: unknown): string | undefined {
  const name = nameOf(error);
  if (isOfProxy(error)) return 'if AWS needs no proxy, set NO_PROXY=.amazonaws.com; the request is retried';
  if (hasNoKeys(error))
    return 'no credentials at the moment: log in again, or correct the profile; the request is retried';
  const skewMs = REFUSED_SIGNATURES.has(name) ? skewOf(error) : undefined;
  if (skewMs !== undefined && Math.abs(skewMs) >= TELLING_SKEW_MS) {
    const seconds = Math.round(Math.abs(skewMs) / 1_000);
    return `the clock of this machine is ${seconds} s ${skewMs < 0 ? 'behind' : 'ahead of'} AWS's: set it`;
  }
  return keysAreRefused(error)
    ? 'AWS does not accept these credentials: renew them; the request is retried'
    : undefined;
}

/** AWS refuses a signature that is more than 5 min off; less explains nothing. */
const TELLING_SKEW_MS = 60_000;

/** This machine's clock minus AWS's, in ms, by the Date header of the answer; undefined when there is none. */
function skewOf(error: unknown): number | undefined {
  const { $response } = error as { $response?: { headers?: Readonly<Record<string, string | undefined>> } };
  const said = $response?.headers?.['date'] ?? $response?.headers?.['Date'];
  const atMs = said === undefined ? NaN : Date.parse(said);
  return Number.isNaN(atMs) ? undefined : Date.now() - atMs;
}

export function nameOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'name' in error ? String(error.name) : 'Error';
}

export function messageOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message);
  return String(error);
}

/** With its cause: `fetch failed` alone says nothing. A refused connection to several addresses has only a code. */
export function reasonOf(error: unknown): string {
  const { cause } = (error ?? {}) as { readonly cause?: unknown };
  if (typeof cause !== 'object' || cause === null) return messageOf(error);
  const { code } = cause as { readonly code?: unknown };
  const why = messageOf(cause);
  return `${messageOf(error)}: ${why === '' && code !== undefined ? String(code) : why}`;
}

/** A retry cannot help: it would be refused again. */
export function isNonRetryable(error: unknown): boolean {
  return error instanceof ApplicationFailure && error.nonRetryable === true;
}
