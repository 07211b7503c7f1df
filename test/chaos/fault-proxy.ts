import { createServer, request, Agent, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  answerOf,
  type AwsRequest,
  type FaultAnswer,
  isRead,
  type Refusal,
  removedAnswer,
  requestOf,
  type Service,
} from './aws-faults';
import type { Counts } from './counts';

const REFUSALS: readonly string[] = ['throttled', 'server-error', 'expired-token'] satisfies Refusal[];

/** Faults of AWS and of the way to it. The words are those of the report. */
export const AWS_FAULTS = [
  ...(['throttled', 'server-error', 'expired-token', 'reset', 'latency', 'half-open'] as const),
  ...(['time-out-after-success', 'late-write', 'stale-read', 'events-twice', 'events-late', 'unreachable'] as const),
] as const;
export type AwsFault = (typeof AWS_FAULTS)[number];

/** A fault for some time, and for a share of the requests. */
export interface Spell {
  readonly fault: AwsFault;
  readonly service: Service;
  readonly untilMs: number;
  readonly share: number;
}

interface Incoming extends AwsRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly atMs: number;
}

/** Changes what passes, to break an invariant outside the product. */
export interface Breaker {
  /** In place of what AWS would answer. */
  readonly answer?: (request: AwsRequest, body: string) => FaultAnswer | undefined;
  readonly change?: (request: AwsRequest, body: string) => string;
  /** Of the answer's text. */
  readonly reply?: (request: AwsRequest, text: string) => string;
  readonly after?: (request: AwsRequest, body: string, passOn: (body: string) => Promise<unknown>) => Promise<void>;
}

/** Longer than any client waits, and shorter than the 10 s after which a rollout takes a write for lost. */
const LATE_MS = { from: 3_200, to: 6_500 };
const STALE_MS = { from: 1_000, to: 4_000 };
const KEPT_ANSWERS = 8;

/** Between the product and AWS: knows service and operation of each request, and has no code of the product. */
export class FaultProxy {
  spells: Spell[] = [];
  private refusing = false;
  private readonly answers = new Map<string, Answered[]>();
  private readonly sockets = new Set<Socket>();
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 200 });
  private readonly server = createServer((incoming, answer) => {
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part));
    incoming.on('error', () => undefined);
    incoming.on('end', () => {
      const { method = 'POST', url = '/', headers } = incoming;
      const body = Buffer.concat(parts);
      void this.handle({ method, url, headers, body, ...requestOf(headers, body.toString()) }, answer);
    });
  });

  constructor(
    private readonly upstream: string,
    private readonly counts: Counts,
    private readonly next: () => number,
    private readonly breaker: Breaker = {},
  ) {}

  async listen(): Promise<string> {
    this.server.on('connection', (socket: Socket) => {
      if (this.refusing) return void socket.resetAndDestroy();
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.agent.destroy();
    await new Promise((done) => this.server.close(done));
  }

  /** As when AWS cannot be reached at all: what is under way ends too. */
  refuse(on: boolean): void {
    this.refusing = on;
    if (on) for (const socket of this.sockets) socket.resetAndDestroy();
  }

  private async handle(incoming: Incoming, answer: ServerResponse): Promise<void> {
    try {
      const broken = this.breaker.answer?.(incoming, incoming.body.toString());
      if (broken !== undefined) return send(answer, broken);
      const fault = this.faultFor(incoming);
      if (fault === undefined) return await this.relay(incoming, answer);
      this.counts.add(fault, incoming.service);
      await this.spoil(fault, incoming, answer);
    } catch {
      answer.destroy();
    }
  }

  private faultFor(incoming: Incoming): AwsFault | undefined {
    const nowMs = Date.now();
    this.spells = this.spells.filter(({ untilMs }) => untilMs > nowMs);
    const fits = ({ fault, service, share }: Spell): boolean =>
      service === incoming.service && this.isFor(fault, incoming) && this.next() < share;
    return this.spells.find(fits)?.fault;
  }

  private isFor(fault: AwsFault, incoming: Incoming): boolean {
    if (fault === 'stale-read') return isRead(incoming) && this.staleOf(incoming) !== undefined;
    if (fault === 'late-write') return incoming.operation === 'PutParameter';
    if (fault === 'events-twice') return incoming.operation === 'DeleteMessageBatch';
    if (fault === 'events-late') return incoming.operation === 'ReceiveMessage';
    return true;
  }

  private async spoil(fault: AwsFault, incoming: Incoming, answer: ServerResponse): Promise<void> {
    if (isRefusal(fault)) return send(answer, answerOf(fault, incoming));
    switch (fault) {
      case 'reset':
      case 'unreachable':
        return void answer.socket?.resetAndDestroy();
      case 'latency':
        await sleep(between({ from: 100, to: 2_800 }, this.next()));
        return this.relay(incoming, answer);
      case 'half-open':
        // Neither passed on nor answered; the connection stays.
        return;
      case 'time-out-after-success':
        await this.passOn(incoming);
        return;
      case 'late-write':
        await sleep(between(LATE_MS, this.next()));
        await this.passOn(incoming);
        return;
      case 'stale-read':
        return this.sendStale(incoming, answer);
      case 'events-twice':
        return send(answer, removedAnswer(incoming.body.toString()));
      case 'events-late':
        await sleep(1_000);
        return send(answer, { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: '{}' });
    }
  }

  private async relay(incoming: Incoming, answer: ServerResponse): Promise<void> {
    const { status, headers, body } = await this.passOn(incoming);
    answer.writeHead(status, headers).end(body);
  }

  private async passOn(incoming: Incoming): Promise<Answered> {
    const changed = this.breaker.change?.(incoming, incoming.body.toString());
    const got = await this.ask(changed === undefined ? incoming : { ...incoming, body: Buffer.from(changed) });
    const answered = this.replied(incoming, got);
    if (isRead(incoming)) this.keep(keyOf(incoming), answered);
    if (answered.status === 200)
      await this.breaker.after?.(incoming, incoming.body.toString(), (body) =>
        this.ask({ ...incoming, body: Buffer.from(body) }),
      );
    return answered;
  }

  private replied(incoming: Incoming, answered: Answered): Answered {
    const text = this.breaker.reply?.(incoming, answered.body.toString());
    if (text === undefined) return answered;
    const body = Buffer.from(text);
    return { ...answered, headers: { ...answered.headers, 'content-length': String(body.length) }, body };
  }

  private ask({ method, url, headers, body }: Incoming): Promise<Answered> {
    return new Promise((done, fail) => {
      const sent = { ...headers, 'content-length': String(body.length) };
      const asked = request(new URL(url, this.upstream), { method, headers: sent, agent: this.agent }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', fail);
        response.on('end', () => {
          const {
            statusCode: status = 500,
            headers: { 'transfer-encoding': _chunked, ...got },
          } = response;
          done({ status, headers: got, body: Buffer.concat(parts), atMs: Date.now() });
        });
      });
      asked.on('error', fail).end(body);
    });
  }

  private keep(key: string, answered: Answered): void {
    if (answered.status === 200)
      this.answers.set(key, [...(this.answers.get(key) ?? []), answered].slice(-KEPT_ANSWERS));
  }

  /** The oldest that AWS might still give. */
  private staleOf(incoming: Incoming): Answered | undefined {
    const nowMs = Date.now();
    const isStale = ({ atMs }: Answered): boolean => nowMs - atMs >= STALE_MS.from && nowMs - atMs <= STALE_MS.to;
    return this.answers.get(keyOf(incoming))?.find(isStale);
  }

  private sendStale(incoming: Incoming, answer: ServerResponse): void {
    const stale = this.staleOf(incoming);
    if (stale !== undefined) answer.writeHead(stale.status, stale.headers).end(stale.body);
    else answer.destroy();
  }
}

const isRefusal = (fault: AwsFault): fault is Refusal => REFUSALS.includes(fault);
const keyOf = ({ service, operation, body }: Incoming): string => `${service} ${operation} ${body.toString()}`;
const between = ({ from, to }: { from: number; to: number }, chance: number): number => from + chance * (to - from);

function send(answer: ServerResponse, { status, headers, body }: FaultAnswer): void {
  answer.writeHead(status, headers).end(body);
}
