import fc from 'fast-check';
import { EventStream } from '../../../flags/event-stream';
import { listenToRelay, type OpenStream, type RelayOptions, type RelayState } from '../../../flags/relay';

const event = (text: string, version?: number): string =>
  `event: document\ndata: ${JSON.stringify({ text, version, generation: 1, ageMs: 3 })}\n\n`;

/** A relay without a network, and a schedule that the test runs. */
class World {
  readonly asked: { readonly url: string; readonly headers: Readonly<Record<string, string>>; signal: AbortSignal }[] =
    [];
  readonly states: RelayState[] = [];
  readonly pushed: unknown[] = [];
  planned: { readonly run: () => void; readonly delayMs: number; cancelled: boolean }[] = [];
  answer: () => ReturnType<OpenStream> = () => Promise.reject(new Error('connection refused'));

  options(more: Partial<RelayOptions> = {}): RelayOptions {
    return {
      url: 'https://relay.test:8443',
      parameter: '/shop/prod/rollout',
      open: (url, { headers, signal }) => {
        this.asked.push({ url, headers, signal });
        return this.answer();
      },
      schedule: (run, delayMs) => {
        const one = { run, delayMs, cancelled: false };
        this.planned.push(one);
        return () => (one.cancelled = true);
      },
      random: () => 0.5,
      onState: (state) => this.states.push(state),
      ...more,
    };
  }

  listen(more: Partial<RelayOptions> = {}): () => void {
    return listenToRelay(this.options(more))((pushed) => this.pushed.push(pushed));
  }

  /** The next thing that the schedule would run. */
  get due(): { readonly run: () => void; readonly delayMs: number } {
    return this.planned.filter(({ cancelled }) => !cancelled).at(-1)!;
  }
}

const sending = (pieces: readonly string[], status = 200) =>
  Promise.resolve({
    status,
    body: (async function* () {
      for (const piece of pieces) yield await Promise.resolve(new TextEncoder().encode(piece));
    })(),
  });
const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('pushes each document, with the token in a header and in no address', async () => {
  const world = new World();
  world.answer = () =>
    sending([': hello\n\n', event('{"a":1}', 7), 'event: other\ndata: {"text":"x"}\n\n', event('2')]);
  world.listen({ token: 'secret-of-the-relay', account: '123456789012', region: 'eu-west-1' });
  await soon();
  expect(world.pushed).toEqual([
    { text: '{"a":1}', version: 7 },
    { text: '2', version: undefined },
  ]);
  expect(world.asked[0]).toMatchObject({
    url: 'https://relay.test:8443/v1/flags/shop/prod/rollout/events?account=123456789012&region=eu-west-1',
    headers: { accept: 'text/event-stream', authorization: 'Bearer secret-of-the-relay' },
  });
});

it('comes back after a growing wait while the relay is away, and after a short one when it was there', async () => {
  const world = new World();
  const waits: number[] = [];
  world.listen();
  for (let round = 0; round < 8; round += 1) {
    await soon();
    waits.push(world.due.delayMs);
    if (round === 6) world.answer = () => sending([event('{}')]);
    world.due.run();
  }
  expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 500]);
  expect(world.states.map(({ connected, why }) => [connected, why])).toEqual([
    [false, 'connection refused'],
    [true, undefined],
    [false, 'the relay has ended the stream'],
  ]);
});

it.each([
  ['a wrong token', () => sending([], 401), 'the relay answers 401'],
  ['an endless line', () => sending(['x'.repeat(70_000)]), 'the relay sends more than a flag document'],
  ['endless data', () => sending(Array.from({ length: 70 }, () => `data: ${'x'.repeat(1_000)}\n`)), /more than a flag/],
])('gives up a connection with %s, and says why', async (_, answer, why) => {
  const world = new World();
  world.answer = answer;
  world.listen();
  await soon();
  await soon();
  expect(world.pushed).toEqual([]);
  expect(world.states).toEqual([
    { url: 'https://relay.test:8443', connected: false, why: expect.stringMatching(why) as string },
  ]);
  expect(world.asked[0]?.signal.aborted).toBe(true);
});

it('gives up a relay that is silent for three heartbeats', async () => {
  const world = new World();
  world.answer = () => new Promise(() => undefined);
  world.listen();
  expect(world.due.delayMs).toBe(30_000);
  world.due.run();
  expect(world.asked[0]?.signal.reason).toEqual(new Error('the relay is silent'));
});

it('ends: no request, no wait and no state after it', async () => {
  const world = new World();
  const end = world.listen({ url: ['https://one.test', 'https://two.test'] });
  await soon();
  world.states.length = 0;
  end();
  await soon();
  expect(world.planned.filter(({ cancelled }) => !cancelled)).toEqual([]);
  expect([world.asked.length, world.states]).toEqual([2, []]);
});

it.each([
  ['http://relay.internal:8080', 'must be called by https'],
  ['https://user:password@relay.internal', 'must have neither user nor query'],
  ['https://relay.internal/?token=x', 'must have neither user nor query'],
  ['relay', 'is no URL'],
])('refuses the address %s', (url, why) => {
  const listen = (): unknown => listenToRelay(new World().options({ url }));
  expect(listen).toThrow(why);
  expect(listen).not.toThrow(/password|token=x/);
});

it('refuses a token that no header may hold, without a word of it', () => {
  const listen = (): unknown => listenToRelay(new World().options({ token: 'sec\nret' }));
  expect(listen).toThrow('printable ASCII');
  expect(listen).not.toThrow('sec');
});

it.each(['http://127.0.0.1:8080', 'http://localhost:1', 'http://[::1]:1', 'https://relay.internal/behind/'])(
  'calls %s',
  (url) => {
    expect(() => listenToRelay(new World().options({ url }))).not.toThrow();
  },
);

it('finds the same events wherever the stream is cut, with each of the three ends of a line', () => {
  const events = fc.array(
    fc.record({ name: fc.stringMatching(/^[a-z]{1,5}$/), data: fc.stringMatching(/^[ -~]{1,9}$/) }),
  );
  const cuts = fc.array(fc.nat(300), { maxLength: 20 });
  fc.assert(
    fc.property(events, fc.constantFrom('\n', '\r\n', '\r'), cuts, (list, end, at) => {
      const text = list.map(({ name, data }) => `: c${end}event: ${name}${end}data: ${data}${end}${end}`).join('');
      const ends = [...new Set(at.filter((one) => one < text.length))].sort((a, b) => a - b);
      const pieces = [...ends, text.length].map((to, index) => text.slice(ends[index - 1] ?? 0, to));
      const stream = new EventStream();
      // A lone CR at the end may be half of a CRLF: the next piece decides.
      expect([...pieces, ': end\n'].flatMap((piece) => stream.feed(piece))).toEqual(list);
    }),
  );
});
