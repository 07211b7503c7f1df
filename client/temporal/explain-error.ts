import { NamespaceNotFoundError } from '@temporalio/common';
import { ServiceError, isGrpcServiceError } from '@temporalio/client';
import { CERTIFICATE_WANTED } from '../../rules/certificates';
import { singleLine } from '../../rules/format';
import { typeWord } from '../../rules/listed';
import { LISTED } from '../../workflows/messages';
import { CliError } from '../terminal/cli-error';

const CODE = {
  CANCELLED: 1,
  DEADLINE_EXCEEDED: 4,
  PERMISSION_DENIED: 7,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;
const SILENT: ReadonlySet<number> = new Set([CODE.CANCELLED, CODE.DEADLINE_EXCEEDED, CODE.UNAVAILABLE]);

export interface Server {
  readonly address: string;
  /** The proxy in between, for messages. */
  readonly through?: string;
}

/** Any error as a Failure with a one-line message; an unknown error keeps its own first line. */
export function explain(error: unknown, server: Server & { readonly namespace: string }): CliError {
  if (error instanceof CliError) return error;
  const { address, namespace } = server;
  const grpc = grpcOf(error);
  const text = firstLine(grpc?.details ?? messageOf(error));
  if (error instanceof NamespaceNotFoundError || /^Namespace .* is not found/.test(text)) {
    const remedy = 'Set TEMPORAL_NAMESPACE, or create it.';
    return new CliError(1, `Temporal at ${address} has no namespace '${namespace}'. ${remedy}`);
  }
  if (grpc !== undefined && SILENT.has(grpc.code)) return unreachable(server, silence(error));
  if (isRefusedAccess(error)) {
    const remedy = 'Check TEMPORAL_API_KEY or the TLS files.';
    return new CliError(
      1,
      `Temporal at ${address} refused access to namespace '${namespace}': ${text.replace(/\.$/, '')}. ${remedy}`,
    );
  }
  if (/search attribute/i.test(text)) {
    const remedy = `Register them:\n${REGISTER}`;
    return new CliError(
      1,
      `Temporal at ${address} does not know the search attributes of rollouts: ${text}. ${remedy}`,
    );
  }
  if (grpc !== undefined) return new CliError(1, `Temporal at ${address} refused the request: ${singleLine(text)}.`);
  return new CliError(1, text === '' ? 'it failed without saying why' : text);
}

export const NO_ANSWER = 'no answer in time';
const SILENCES: readonly (readonly [RegExp, string])[] = [
  // The text gives the duration of each part, including name resolution.
  [/deadline exceeded/i, NO_ANSWER],
  [/ECONNREFUSED|connection refused/i, 'connection refused'],
  [/ENOTFOUND|EAI_AGAIN|name resolution failed|could not resolve/i, 'the host name cannot be resolved'],
  [/EHOSTUNREACH|ENETUNREACH|ENETDOWN/, 'there is no route to the host'],
  [/certificate.?required/i, CERTIFICATE_WANTED],
  [/certificate|self.signed|EPROTO|\bSSL\b|\bTLS\b|tls_|ssl_/i, 'TLS failed: check the certificates and TEMPORAL_TLS'],
  [/ECONNRESET|EPIPE|socket hang up|connection dropped|GOAWAY|http2/i, 'the connection was closed'],
];

/** Why a server or worker does not answer, without the texts of gRPC. */
export function silence(error: unknown): string {
  const causes = [error, error instanceof Error ? error.cause : undefined];
  const text = causes.map((one) => `${grpcOf(one)?.details ?? ''} ${codeOf(one)} ${messageOf(one)}`).join(' ');
  return SILENCES.find(([pattern]) => pattern.test(text))?.[1] ?? NO_ANSWER;
}

/** One line with the address and what to do next. `unsent`: there was no connection, so nothing was sent. */
export function unreachable({ address, through }: Server, why: string, unsent?: true): CliError {
  const remedy = 'Start it, or set TEMPORAL_ADDRESS, or choose a --profile. For the sandbox add --sandbox.';
  const direct = `If it needs no proxy, add ${address.replace(/:\d+$/, '')} to NO_PROXY.`;
  const [way, help] = through === undefined ? [why, remedy] : [`${why}, through ${through}`, `${direct} ${remedy}`];
  return new CliError(1, `Temporal does not answer at ${address} (${way}). ${help}`, { unreachable: address, unsent });
}

/** Temporal may have received a request although its answer never came. */
export function notConfirmed(
  temporal: Server & { readonly namespace: string },
  verb: string,
  error: unknown,
): CliError {
  const failure = explain(error, temporal);
  if (failure.facts['unreachable'] === undefined) return failure;
  const facts = { ...failure.facts, verb, sent: null, done: false };
  return new CliError(1, `Whether Temporal received the ${verb} is NOT KNOWN. ${failure.message}`, facts);
}

/** For a request that Temporal has taken before it stopped answering. */
export function effectUnknown(
  temporal: Server & { readonly namespace: string },
  verb: string,
  error: unknown,
): CliError {
  const { message, facts } = explain(error, temporal);
  const text = `Temporal has the ${verb}; whether it took effect is NOT KNOWN. ${message}`;
  return new CliError(1, text, { ...facts, verb, sent: true, done: false });
}

export function isRefusedAccess(error: unknown): boolean {
  const code = grpcOf(error)?.code;
  return code === CODE.PERMISSION_DENIED || code === CODE.UNAUTHENTICATED;
}

function grpcOf(error: unknown): { readonly code: number; readonly details: string } | undefined {
  if (isGrpcServiceError(error)) return error;
  return error instanceof ServiceError && isGrpcServiceError(error.cause) ? error.cause : undefined;
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const REGISTER = LISTED.map(
  ({ name, type }) => `  temporal operator search-attribute create --name ${name} --type ${typeWord({ type })}`,
).join('\n');

const firstLine = (text: string): string => text.split('\n', 1)[0]?.trim() ?? '';
