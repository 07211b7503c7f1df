import type { GetCallerIdentityCommandOutput } from '@aws-sdk/client-sts';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import type { AwsClients } from '../../aws';

export interface Caller {
  readonly answer: GetCallerIdentityCommandOutput | Error;
  /** How far AWS's clock is ahead of this one; absent without any answer, not even a refusal. */
  readonly skewMs?: number;
}

/** The identity of this process in AWS, and AWS's time: every answer contains it, even a refusal for a wrong clock. */
export async function askWhoCalls({ sts }: Pick<AwsClients, 'sts'>, abortSignal: AbortSignal): Promise<Caller> {
  const command = new GetCallerIdentityCommand({});
  let headers: Readonly<Record<string, string>> | undefined;
  command.middlewareStack.add(
    (next) => async (args) => {
      try {
        const result = await next(args);
        headers = headersOf(result.response);
        return result;
      } catch (error) {
        headers = headersOf((error as { readonly $response?: unknown }).$response);
        throw error;
      }
    },
    { step: 'deserialize', name: 'seeHeaders', priority: 'high' },
  );
  const askedAtMs = Date.now();
  const answer = await sts.send(command, { abortSignal }).catch((error: unknown) => asError(error));
  const midwayMs = (askedAtMs + Date.now()) / 2;
  const thereMs = Date.parse(headers?.['date'] ?? '');
  // The header is cut to whole seconds.
  return { answer, ...(Number.isNaN(thereMs) ? {} : { skewMs: Math.round(thereMs + 500 - midwayMs) }) };
}

function headersOf(response: unknown): Readonly<Record<string, string>> | undefined {
  return (response as { readonly headers?: Readonly<Record<string, string>> } | undefined)?.headers;
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
