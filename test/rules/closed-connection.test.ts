import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { interceptors } from '../../client/temporal/connect';
import { freePort } from '../../sandbox/process/free-port';

const ROOT = resolve(__dirname, '../..');
/** The first retries come after about 0.1, 0.2 and 0.4 s. */
const CLOSED_AFTER_MS = [0, 30, 60, 90, 150, 250, 350, 500];
const LAST_RETRY_MS = 1_000;

it('a call that waits for its retry when its connection is closed fails, and the process goes on', async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const ends = CLOSED_AFTER_MS.map(async (closedAfterMs) => {
    const connection = Connection.lazy({ address, interceptors });
    const ended = connection.workflowService.getSystemInfo({}).catch((error: unknown) => error);
    await sleep(closedAfterMs);
    await connection.close();
    return ended;
  });
  // An error that nothing catches fails the test by itself.
  await sleep(LAST_RETRY_MS + Math.max(...CLOSED_AFTER_MS));
  // Cancelled, or unavailable: on a slow machine all tries may be over before the connection is closed.
  for (const end of await Promise.all(ends)) expect([1, 14]).toContain((end as { readonly code: number }).code);
});

it('a call on a closed connection fails', async () => {
  const connection = Connection.lazy({ address: `127.0.0.1:${await freePort()}`, interceptors });
  await connection.close();
  await expect(connection.workflowService.getSystemInfo({})).rejects.toThrow('Channel has been shut down');
});

it('every connection of the product is made so', () => {
  const files = ['client', 'worker', 'sandbox', 'activities', 'bench'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  );
  const made = files
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) =>
      [...readFileSync(join(ROOT, name), 'utf8').matchAll(/[^a-zA-Z]Connection\.(?:connect|lazy)\([^;]*/g)].map(
        ([call]) => `${name}: ${call}`,
      ),
    );
  expect(made.length).toBeGreaterThanOrEqual(5);
  expect(made.filter((call) => !/\binterceptors\b/.test(call))).toEqual([]);
});
