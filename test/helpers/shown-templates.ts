import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { passOn } from './late-proxy';

/**
 * In front of the emulator, which shows templates as they were sent: CloudFormation's GetTemplate gives back `?` for every
 * character beyond ASCII (aws-cloudformation/cloudformation-coverage-roadmap #814 and #1220).
 */
export async function startShowingTemplates(upstream: string): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer((incoming, answer) => {
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part));
    incoming.on('end', () => {
      const { method = 'POST', url = '/', headers } = incoming;
      const body = Buffer.concat(parts);
      const isShown = /(^|&)Action=GetTemplate(&|$)/.test(body.toString());
      // What is to be read here must not be compressed.
      const { 'accept-encoding': _encoding, ...plain } = headers;
      passOn(upstream, { method, url, headers: isShown ? plain : headers, body }).then(
        async (response) => {
          if (!isShown) {
            answer.writeHead(response.statusCode ?? 500, response.headers);
            response.pipe(answer);
            return;
          }
          let text = '';
          for await (const part of response.setEncoding('utf8')) text += String(part);
          const shown = text.replace(/[^\p{ASCII}]/gu, '?');
          const { 'transfer-encoding': _transfer, 'content-length': _length, ...rest } = response.headers;
          answer.writeHead(response.statusCode ?? 500, { ...rest, 'content-length': shown.length }).end(shown);
        },
        () => answer.destroy(),
      );
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
