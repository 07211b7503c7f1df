import { NamespaceNotFoundError } from '@temporalio/common';
import { ServiceError, isGrpcServiceError } from '@temporalio/client';
import { Failure } from './failure';

const CODE = { DEADLINE_EXCEEDED: 4, PERMISSION_DENIED: 7, UNAVAILABLE: 14, UNAUTHENTICATED: 16 } as const;

/** Any error as one clear line; what is not known is passed on by its own first line. */
export function explain(error: unknown, server: { readonly address: string; readonly namespace: string }): Failure {
  if (error instanceof Failure) return error;
  const { address, namespace } = server;
  const grpc = grpcOf(error);
  const text = firstLine(grpc?.details ?? messageOf(error));
  if (error instanceof NamespaceNotFoundError || /^Namespace .* is not found/.test(text)) {
    const remedy = 'Set TEMPORAL_NAMESPACE, or create it.';
    return new Failure(1, `Temporal at ${address} has no namespace '${namespace}'. ${remedy}`);
  }
  if (grpc?.code === CODE.UNAVAILABLE || grpc?.code === CODE.DEADLINE_EXCEEDED) return unreachable(address, error);
  if (isRefusedAccess(error)) {
    const remedy = 'Check TEMPORAL_API_KEY or the TLS files.';
    return new Failure(1, `Temporal at ${address} refused access to namespace '${namespace}': ${text}. ${remedy}`);
  }
  if (/search attribute/i.test(text)) {
    const remedy = `Register them:\n${REGISTER}`;
    return new Failure(1, `Temporal at ${address} does not know the search attributes of rollouts: ${text}. ${remedy}`);
  }
  return new Failure(1, text === '' ? 'it failed without saying why' : text);
}

/** One line with the address and what to do. */
export function unreachable(address: string, cause: unknown): Failure {
  const remedy = 'Start it, or set TEMPORAL_ADDRESS, or choose a --profile. For the sandbox add --sandbox.';
  const why = firstLine(grpcOf(cause)?.details ?? messageOf(cause));
  return new Failure(1, `Temporal does not answer at ${address} (${why}). ${remedy}`, { unreachable: address });
}

export function isRefusedAccess(error: unknown): boolean {
  const code = grpcOf(error)?.code;
  return code === CODE.PERMISSION_DENIED || code === CODE.UNAUTHENTICATED;
}

function grpcOf(error: unknown): { readonly code: number; readonly details: string } | undefined {
  if (isGrpcServiceError(error)) return error;
  return error instanceof ServiceError && isGrpcServiceError(error.cause) ? error.cause : undefined;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const REGISTER = [
  '  temporal operator search-attribute create --name RolloutEnvironment --type Keyword',
  '  temporal operator search-attribute create --name RolloutPhase --type Keyword',
  '  temporal operator search-attribute create --name RolloutPercentage --type Double',
].join('\n');

const firstLine = (text: string): string => text.split('\n', 1)[0]?.trim() ?? '';
