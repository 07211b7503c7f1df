import { createServer, request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LateProxyOptions {
  readonly upstream: string;
  /** Which requests are delivered late, by AWS's name of the operation and the body. */
  readonly picks: (operation: string, body: string) => boolean;
}

export interface LateProxy {
  readonly url: string;
  /** How many were kept back so far, and how many of their clients have gone without an answer. */
  readonly kept: () => number;
  readonly givenUp: () => number;
  /** Delivers what is kept back, in its order; done when all of it has arrived. */
  readonly deliver: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/**
 * In front of an AWS endpoint: passes requests on. One that is picked is answered to nobody, and delivered all the same when
 * the test says so, as a write is whose client has given up: it has left the machine, and something on its way was slow.
 */
export async function startLateProxy({ upstream, picks }: LateProxyOptions): Promise<LateProxy> {
  const kept: Passed[] = [];
  let [count, givenUp] = [0, 0];
  const server = createServer((incoming, answer) => {
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part));
    incoming.on('end', () => {
      const { method = 'POST', url = '/', headers } = incoming;
      const passed = { method, url, headers, body: Buffer.concat(parts) };
      const operation = String(headers['x-amz-target']).split('.').at(-1) ?? '';
      if (picks(operation, passed.body.toString())) {
        count += 1;
        kept.push(passed);
        answer.on('close', () => (givenUp += 1));
        return;
      }
      passOn(upstream, passed).then(
        (response) => {
          answer.writeHead(response.statusCode ?? 500, response.headers);
          response.pipe(answer);
        },
        () => answer.destroy(),
      );
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    kept: () => count,
    givenUp: () => givenUp,
    deliver: async () => {
      for (const passed of kept.splice(0)) await arrived(await passOn(upstream, passed));
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

/** A request that came in, to be sent on. */
export interface Passed {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export function passOn(upstream: string, { method, url, headers, body }: Passed): Promise<IncomingMessage> {
  return new Promise((done, fail) => {
    request(new URL(url, upstream), { method, headers }, done).on('error', fail).end(body);
  });
}

async function arrived(response: IncomingMessage): Promise<void> {
  for await (const _part of response);
  if (response.statusCode !== 200) throw new Error(`a late request was answered ${response.statusCode}`);
}
