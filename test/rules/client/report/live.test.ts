import type { AddressInfo } from 'node:net';
import { runInNewContext } from 'node:vm';
import { LIVE_SCRIPT } from '../../../../client/report/live';
import { type Pages, serve } from '../../../../client/report/ui-server';

const shown = { whole: '', parts: [] };
const pages: Pages = { all: () => Promise.resolve(shown), one: () => Promise.resolve(shown) };
const acting: Pages = { ...pages, act: () => Promise.resolve('') };

/** A tab that is open, without a browser: what its two places for trouble show after one look. */
function openTab(asked: () => Promise<Response>) {
  const [connection, way] = [{ textContent: '' }, { hidden: true }];
  const main = { dataset: { from: '/parts' }, children: [], prepend: () => undefined };
  const timers: (() => Promise<void>)[] = [];
  runInNewContext(LIVE_SCRIPT, {
    document: { querySelector: () => main, getElementById: (id: string) => (id === 'way' ? way : connection) },
    fetch: asked,
    // The one that it sets last is the next look.
    setTimeout: (run: () => Promise<void>) => timers.push(run),
    clearTimeout: () => undefined,
  });
  return {
    async look() {
      await timers.splice(0).at(-1)?.();
      return { said: connection.textContent, showsWay: !way.hidden };
    },
  };
}

/** The cookie that the server of the printed address gives. */
async function cookieFor(url: string): Promise<string> {
  const { headers } = await fetch(url, { redirect: 'manual' });
  return headers.get('set-cookie')?.split(';')[0] ?? '';
}

it('a tab of a server that was started again asks for the new address, and claims no trouble with the rollout', async () => {
  const old = await serve(acting, 0);
  const { port } = old.server.address() as AddressInfo;
  const cookie = await cookieFor(old.url);
  const tab = openTab(() => fetch(`http://127.0.0.1:${port}/parts`, { headers: { cookie, connection: 'close' } }));
  expect(await tab.look()).toEqual({ said: '', showsWay: false });
  old.server.closeAllConnections();
  await new Promise((done) => old.server.close(done));
  expect(await tab.look()).toEqual({ said: expect.stringMatching(/rollout ui does not answer/), showsWay: true });
  const { server } = await serve(acting, port);
  try {
    expect(await tab.look()).toEqual({
      said: expect.stringMatching(/Open the address that it printed/),
      showsWay: false,
    });
  } finally {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});

it.each([
  ['a Temporal that does not answer', () => Promise.resolve(Response.json({ why: 'Temporal does not answer' }))],
  ['an answer that is no answer of the program', () => Promise.resolve(new Response('<html>', { status: 502 }))],
  ['a server that is gone', () => Promise.reject(new Error('ECONNREFUSED'))],
])('shows the way to 0 %% after %s', async (_what, asked) => {
  expect(await openTab(asked).look()).toMatchObject({
    said: expect.stringMatching(/^What you see is old: /),
    showsWay: true,
  });
});
