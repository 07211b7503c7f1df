import { createServer, request, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that came in, to be sent on. */
export interface Passed {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface AwsProxy {
  readonly url: string;
  readonly close: () => Promise<void>;
}

export function passOn(upstream: string, { method, url, headers, body }: Passed): Promise<IncomingMessage> {
  return new Promise((done, fail) => {
    request(new URL(url, upstream), { method, headers }, done).on('error', fail).end(body);
  });
}

/** Answers a request as the upstream answers it. */
export function relay(upstream: string, passed: Passed, answer: ServerResponse): void {
  passOn(upstream, passed).then(
    (response) => {
      answer.writeHead(response.statusCode ?? 500, response.headers);
      response.pipe(answer);
    },
    () => answer.destroy(),
  );
}

/** In front of an AWS endpoint, on a free port: `handle` answers each request, with `relay` or on its own. */
export async function startAwsProxy(handle: (passed: Passed, answer: ServerResponse) => void): Promise<AwsProxy> {
  const server = createServer((incoming, answer) => {
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part));
    incoming.on('end', () => {
      const { method = 'POST', url = '/', headers } = incoming;
      handle({ method, url, headers, body: Buffer.concat(parts) }, answer);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
