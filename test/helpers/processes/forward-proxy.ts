import { readFileSync } from 'node:fs';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';

/** Certificate and key for `*.inside.test`, which nothing but these tests knows. */
export const INSIDE_PEM = join(__dirname, 'inside.test.pem');

/**
 * A real forward proxy on a free port: tunnels by CONNECT, and passes requests on that name the whole address. It alone knows
 * the names `*.inside.test`, all of which are this machine: what reaches one of them went through it.
 */
export class ForwardProxy {
  /** Each request to the proxy, as `CONNECT host:port` or `GET http://host/`. */
  readonly seen: string[] = [];
  /** `user:password` that it wants. */
  wants: string | undefined;
  /** It takes connections and says nothing. */
  silent = false;
  /** It answers this to everything that is asked of it. */
  refuses: number | undefined;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<ForwardProxy> {
    const server = createServer();
    const proxy = new ForwardProxy(server);
    server.on('connection', (socket) => proxy.keep(socket));
    server.on('request', (incoming, answer) => proxy.forward(incoming, answer));
    server.on('connect', (incoming, socket: Socket) => proxy.tunnel(incoming, socket));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get address(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((closed) => this.server.close(closed));
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
  }

  private refusal({ method, url, headers }: IncomingMessage): number | undefined {
    this.seen.push(`${method} ${url}`);
    if (this.refuses !== undefined) return this.refuses;
    if (this.wants === undefined) return undefined;
    const said = /^Basic (.*)$/.exec(headers['proxy-authorization'] ?? '')?.[1] ?? '';
    return Buffer.from(said, 'base64').toString() === this.wants ? undefined : 407;
  }

  private tunnel(incoming: IncomingMessage, socket: Socket): void {
    const refused = this.refusal(incoming);
    if (this.silent) return;
    if (refused !== undefined) {
      socket.end(`HTTP/1.1 ${refused} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const target = connect({ host: '127.0.0.1', port: Number(/\d+$/.exec(incoming.url ?? '')?.[0]) });
    this.keep(target);
    target.once('connect', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(target).pipe(socket);
    });
    target.once('error', () => socket.destroy());
    socket.once('close', () => target.destroy());
  }

  private forward(incoming: IncomingMessage, answer: ServerResponse): void {
    const refused = this.refusal(incoming);
    if (this.silent) return;
    if (refused !== undefined) return void answer.writeHead(refused).end('<html>a proxy says no</html>');
    const { hostname: _hostname, port, pathname, search } = new URL(incoming.url ?? '');
    const { 'proxy-authorization': _credentials, 'proxy-connection': _kept, ...headers } = incoming.headers;
    const options = { host: '127.0.0.1', port, path: pathname + search, method: incoming.method, headers };
    const passed = request(options, (said) => {
      answer.writeHead(said.statusCode ?? 502, said.headers);
      said.pipe(answer);
    });
    passed.on('error', () => answer.writeHead(502).end());
    incoming.pipe(passed);
  }
}

/** In front of a server that speaks no TLS: answers its port and a function that ends it. */
export async function withTls(upstream: string): Promise<{ readonly port: number; readonly stop: () => void }> {
  const pem = readFileSync(INSIDE_PEM, 'utf8');
  const { port } = new URL(upstream);
  const server = createTlsServer({ key: pem, cert: pem }, (socket) => {
    const target = connect({ host: '127.0.0.1', port: Number(port) });
    for (const end of [socket, target]) end.on('error', () => [socket, target].forEach((one) => one.destroy()));
    socket.pipe(target).pipe(socket);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { port: (server.address() as AddressInfo).port, stop: () => void server.close() };
}
