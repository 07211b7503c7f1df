import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

/**
 * A port of the loopback interface that, on Linux, nobody else gets for a minute; elsewhere it is only free. A port that was only asked for and closed again goes to the next
 * process that asks: two servers then want the same one, and a client of the second talks to the first. After a connection that the
 * listening side closed first, Linux gives the port (in TIME_WAIT) only to those who name it.
 */
export async function freePort(): Promise<number> {
  const server = createServer((socket) => socket.resume().end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await once(connect(port, '127.0.0.1').resume(), 'close');
  server.close();
  await once(server, 'close');
  return port;
}
