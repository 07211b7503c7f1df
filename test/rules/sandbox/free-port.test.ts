import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { freePort } from '../../../sandbox/process/free-port';

async function listening(port: number): Promise<number> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const bound = (server.address() as AddressInfo).port;
  server.close();
  await once(server, 'close');
  return bound;
}

describe('a free port', () => {
  // Of 400 that are asked for and closed again, the next ones repeat some.
  it('is given to nobody else who asks for a free one, until its server takes it', async () => {
    const free = new Set<number>();
    for (let count = 0; count < 400; count += 1) free.add(await freePort());
    expect(free.size).toBe(400);
    for (let count = 0; count < 1_500; count += 1) expect(free).not.toContain(await listening(0));
    for (const port of [...free].slice(0, 20)) expect(await listening(port)).toBe(port);
  });
});
