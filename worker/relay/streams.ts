import type { ServerResponse } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import type { RelayedFlag, Served } from './documents';

/** A browser's EventSource comes back after this; a reader has its own waits (`flags/relay.ts`). */
const RETRY_MS = 1_000;
const HEARTBEAT_MS = 10_000;
/** What waits for a slow consumer at most. A document has 4 KB, and the newest one replaces all before it. */
const MOST_WAITING_BYTES = 64 * 1024;
/** Between them the process does its other work, such as the way to 0 of another environment. */
const WRITES_AT_ONCE = 250;

/** The streams of server-sent events, by flag. */
export class Streams {
  readonly #byFlag = new Map<RelayedFlag, Set<ServerResponse>>();
  readonly #spreading = new Set<RelayedFlag>();
  readonly #heartbeat = setInterval(() => void this.#beat(), HEARTBEAT_MS);
  open = 0;
  /** Ended, because they did not take what was sent. */
  dropped = 0;

  isHeard(flag: RelayedFlag): boolean {
    return (this.#byFlag.get(flag)?.size ?? 0) > 0;
  }

  add(flag: RelayedFlag, response: ServerResponse): void {
    const streams = this.#byFlag.get(flag) ?? new Set();
    this.#byFlag.set(flag, streams.add(response));
    this.open += 1;
    response.on('error', () => undefined);
    response.once('close', () => {
      streams.delete(response);
      this.open -= 1;
    });
    response.socket?.setNoDelay(true).setKeepAlive(true, 3 * HEARTBEAT_MS);
    // Without chunks an event is one write of the socket: it reaches 9,000 readers in half the time.
    response.removeHeader('transfer-encoding');
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store, no-transform',
      // A proxy that collects an answer before it passes it on would hold every event back.
      'x-accel-buffering': 'no',
    });
    const { served } = flag;
    this.#write(response, `retry: ${RETRY_MS}\n\n${served === undefined ? '' : eventOf(served)}`);
  }

  /** Sends the newest document of a flag to all its streams. */
  async spread(flag: RelayedFlag): Promise<void> {
    if (this.#spreading.has(flag)) return;
    this.#spreading.add(flag);
    let sent: Served | undefined;
    try {
      while (flag.served !== undefined && flag.served !== sent) {
        sent = flag.served;
        const event = eventOf(sent);
        await this.#toEach(this.#byFlag.get(flag) ?? [], event, () => flag.served !== sent);
      }
    } finally {
      this.#spreading.delete(flag);
    }
  }

  close(): void {
    clearInterval(this.#heartbeat);
    for (const streams of this.#byFlag.values()) for (const response of streams) response.destroy();
  }

  async #beat(): Promise<void> {
    for (const streams of this.#byFlag.values()) await this.#toEach(streams, ': heartbeat\n\n', () => false);
  }

  async #toEach(streams: Iterable<ServerResponse>, text: string, isOver: () => boolean): Promise<void> {
    const bytes = Buffer.from(text);
    let written = 0;
    for (const response of streams) {
      this.#write(response, bytes);
      written += 1;
      if (written % WRITES_AT_ONCE !== 0) continue;
      await turn();
      if (isOver()) return;
    }
  }

  #write(response: ServerResponse, bytes: Buffer | string): void {
    if (response.destroyed) return;
    if (response.writableLength <= MOST_WAITING_BYTES) return void response.write(bytes);
    this.dropped += 1;
    response.destroy();
  }
}

/** What is sent of a document, in a stream and as an answer. */
export const viewOf = ({ text, version, generation, atMs, from }: Served): Readonly<Record<string, unknown>> => ({
  text,
  version,
  generation,
  readAtMs: atMs,
  ageMs: Math.max(0, Date.now() - atMs),
  source: from,
});

const eventOf = (served: Served): string =>
  `event: document\nid: ${served.generation}\ndata: ${JSON.stringify(viewOf(served))}\n\n`;
