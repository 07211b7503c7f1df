import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** Parts of an address that only the worker may know. */
export const SECRET = 'T012AB3CD/B045EF6GH/s3cr3tOfTheHook';

/** A real server that takes what Slack's incoming webhooks take, and keeps it. */
export class Webhook {
  readonly posts: { readonly path: string; readonly body: unknown }[] = [];
  status = 200;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Webhook> {
    const server = createServer();
    const webhook = new Webhook(server);
    server.on('request', (request, response) => {
      void json(request).then((body) => {
        webhook.posts.push({ path: request.url ?? '', body });
        response.writeHead(webhook.status, { 'retry-after': '7', location: 'https://elsewhere.example.org' }).end('ok');
      });
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return webhook;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/services/${SECRET}`;
  }

  async stop(): Promise<void> {
    if (!this.server.listening) return;
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }
}
