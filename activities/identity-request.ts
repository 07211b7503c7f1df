import type { STSClient } from '@aws-sdk/client-sts';

export type Headers = Record<string, string>;
type Args = { readonly input: object; readonly request: unknown };
type Next = (args: Args) => Promise<never>;

/** Hooks into the signing of every request of a client: `change` may replace the headers, and may end it by an error. */
export function aroundSigning(
  sts: STSClient,
  relation: 'before' | 'after',
  change: (headers: Headers) => Headers,
): void {
  const middleware = (next: Next) => (args: Args) => {
    const request = args.request as { headers: Headers };
    request.headers = change(request.headers);
    return next(args);
  };
  const place = { name: `rollout-${relation}-signing`, relation, toMiddleware: 'httpSigningMiddleware' } as const;
  sts.middlewareStack.addRelativeTo(middleware as never, place);
}
