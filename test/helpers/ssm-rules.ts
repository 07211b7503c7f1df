import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { passOn } from './late-proxy';

/**
 * What SSM documents of the value of a standard parameter and the emulator does not enforce, read strictly: 1 to 4,096 bytes, and
 * no double braces. Beside it what any service may refuse: text that is no text.
 */
export function refusalBySsm(value: string): string | undefined {
  if (value === '') return 'the value is empty';
  if (Buffer.byteLength(value) > 4_096)
    return 'Standard tier parameters support a maximum parameter value of 4096 characters.';
  if (/\{\{|\}\}/.test(value)) return "Parameter value can't nest another parameter. Do not use {{}} in the value.";
  if (/[\p{Cc}\p{Surrogate}]/u.test(value)) return 'the value has characters that are none';
  return undefined;
}

export interface SsmRules {
  readonly url: string;
  /** Every value that was refused. */
  readonly refused: string[];
  /** Refused as well, from now on: a rule that nobody documented. */
  also: (value: string) => boolean;
  close(): Promise<void>;
}

/** In front of an AWS endpoint: refuses what SSM refuses, and passes everything else on. */
export async function startSsmRules(upstream: string): Promise<SsmRules> {
  const refused: string[] = [];
  const rules = { refused, also: (_value: string): boolean => false };
  const server = createServer((incoming, answer) => {
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part));
    incoming.on('end', () => {
      const { method = 'POST', url = '/', headers } = incoming;
      const body = Buffer.concat(parts);
      if (headers['x-amz-target'] === 'AmazonSSM.PutParameter') {
        const { Value } = JSON.parse(body.toString()) as { Value: string };
        const message = refusalBySsm(Value) ?? (rules.also(Value) ? 'not a value' : undefined);
        if (message !== undefined) {
          refused.push(Value);
          answer.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' });
          return void answer.end(JSON.stringify({ __type: 'ValidationException', message }));
        }
      }
      passOn(upstream, { method, url, headers, body }).then(
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
  return Object.assign(rules, {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  });
}
