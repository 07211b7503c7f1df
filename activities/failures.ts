import { ApplicationFailure } from '@temporalio/common';

/**
 * Every failure type an activity may throw on purpose, and whether trying again can help. Anything else that is thrown
 * is a defect and is retried by the policy of its proxy.
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

const HOPELESS: ReadonlySet<FailureType> = new Set([
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
  InsufficientPrivilegesException: 'AccessDenied',
  UnrecognizedClientException: 'AccessDenied',
  InvalidClientTokenId: 'AccessDenied',
  CredentialsProviderError: 'AccessDenied',
  ParameterNotFound: 'ParameterMissing',
  ClusterNotFoundException: 'InvalidRequest',
  ServiceNotFoundException: 'InvalidRequest',
  ValidationException: 'InvalidRequest',
  ValidationError: 'InvalidRequest',
  ParameterPatternMismatchException: 'InvalidRequest',
};

export function failure(type: FailureType, message: string, cause?: unknown): ApplicationFailure {
  return ApplicationFailure.create({
    type,
    message,
    nonRetryable: HOPELESS.has(type),
    ...(cause instanceof Error ? { cause } : {}),
  });
}

/**
 * An error of AWS or of the network as a failure with a type: what was attempted, what came back. Compares names, not
 * classes, because an SDK may be loaded twice. An unknown name counts as `Unavailable` and is tried again.
 */
export function toFailure(error: unknown, doing: string): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  const name = nameOf(error);
  return failure(BY_NAME[name] ?? 'Unavailable', `${doing}: ${name}: ${messageOf(error)}`, error);
}

export function nameOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'name' in error ? String(error.name) : 'Error';
}

export function messageOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message);
  return String(error);
}

/** Trying again cannot help: what was refused is refused again. */
export function isHopeless(error: unknown): boolean {
  return error instanceof ApplicationFailure && error.nonRetryable === true;
}
