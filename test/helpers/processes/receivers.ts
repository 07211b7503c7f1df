import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

interface Asked {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
interface Answered {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A real server that takes posts; each kind below answers as the service does. */
abstract class Receiver {
  readonly asked: Asked[] = [];
  /** Answered in place of what the service says, as often as there are answers. */
  readonly instead: Answered[] = [];
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => void this.take(request, response));
  }

  async start(): Promise<this> {
    await new Promise<void>((listening) => this.server.listen(0, '127.0.0.1', listening));
    return this;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    if (!this.server.listening) return;
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  /** As the service answers. */
  protected abstract answer(asked: Asked): Answered;

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = { path: request.url ?? '', headers: request.headers, body: await text(request) };
    this.asked.push(asked);
    const { status, headers, body = '' } = this.instead.shift() ?? this.answer(asked);
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
  }
}

export interface SlackPost {
  readonly channel: string;
  readonly text: string;
  readonly thread_ts?: string;
  readonly reply_broadcast?: boolean;
  readonly ts: string;
}

/** `chat.postMessage` and `auth.test`: answers 200 even when it refuses. */
export class FakeSlack extends Receiver {
  readonly posts: SlackPost[] = [];
  token = 'xoxb-1-s3cr3t';
  /** The next refusal, by its code. */
  refuses: string | undefined;

  protected answer({ path, headers, body }: Asked): Answered {
    const say = (json: object): Answered => ({ status: 200, body: json });
    const refusal = this.refuses;
    this.refuses = undefined;
    if (refusal !== undefined) return say({ ok: false, error: refusal });
    if (headers.authorization !== `Bearer ${this.token}`) return say({ ok: false, error: 'invalid_auth' });
    if (path === '/auth.test') return say({ ok: true, team: 'shop', user: 'rollout' });
    if (path !== '/chat.postMessage') return say({ ok: false, error: 'unknown_method' });
    const post = JSON.parse(body) as Omit<SlackPost, 'ts'>;
    if (post.channel !== 'C0123456789') return say({ ok: false, error: 'channel_not_found' });
    const isThread = post.thread_ts === undefined || this.posts.some(({ ts }) => ts === post.thread_ts);
    if (!isThread) return say({ ok: false, error: 'thread_not_found' });
    const ts = `1700000000.${String(this.posts.length).padStart(6, '0')}`;
    this.posts.push({ ...post, ts });
    return say({ ok: true, channel: post.channel, ts });
  }
}

/** The Events API v2, with the incidents that its events make. */
export class FakePagerDuty extends Receiver {
  /** State of each incident by its key. */
  readonly incidents = new Map<string, 'triggered' | 'acknowledged' | 'resolved'>();
  key = 'r'.repeat(32);

  protected answer({ body }: Asked): Answered {
    const event = JSON.parse(body) as {
      readonly routing_key?: string;
      readonly event_action?: string;
      readonly dedup_key?: string;
      readonly payload?: { readonly summary?: string; readonly source?: string; readonly severity?: string };
    };
    const { routing_key, event_action, dedup_key = '', payload } = event;
    const isComplete =
      event_action !== 'trigger' ||
      (payload?.summary !== undefined && payload.source !== undefined && payload.severity !== undefined);
    if (routing_key !== this.key || dedup_key === '' || !isComplete)
      return { status: 400, body: { status: 'invalid event', errors: [`'routing_key' ${routing_key} is wrong`] } };
    if (event_action === 'trigger') this.incidents.set(dedup_key, 'triggered');
    // Without an open incident, these change nothing.
    else if (['triggered', 'acknowledged'].includes(this.incidents.get(dedup_key) ?? ''))
      this.incidents.set(dedup_key, event_action === 'resolve' ? 'resolved' : 'acknowledged');
    return { status: 202, body: { status: 'success', message: 'Event processed', dedup_key } };
  }
}

const TOLERANCE_S = 5 * 60;

/** A receiver that verifies as https://www.standardwebhooks.com asks, and takes each id once. */
export class SignedReceiver extends Receiver {
  readonly taken = new Map<string, unknown>();

  constructor(readonly key: Buffer) {
    super();
  }

  protected answer({ headers, body }: Asked): Answered {
    const [id, time, signatures] = ['id', 'timestamp', 'signature'].map((name) => String(headers[`webhook-${name}`]));
    if (Math.abs(Date.now() / 1_000 - Number(time)) > TOLERANCE_S) return { status: 401, body: 'too old' };
    const wanted = createHmac('sha256', this.key).update(`${id}.${time}.${body}`).digest();
    const isSigned = (signatures ?? '').split(' ').some((one) => {
      const [version, signature = ''] = one.split(',');
      const given = Buffer.from(signature, 'base64');
      return version === 'v1' && given.length === wanted.length && timingSafeEqual(given, wanted);
    });
    if (!isSigned) return { status: 401, body: 'not signed' };
    if (id !== undefined && !this.taken.has(id)) this.taken.set(id, JSON.parse(body));
    return { status: 204 };
  }
}
