import { request } from 'node:http';
import { connect, isIP, type Socket } from 'node:net';
import { connect as greet } from 'node:tls';
import type { ConnectionOptions } from '@temporalio/client';
import { NO_ANSWER, silence } from './explain-error';
import { credentialsText, type Proxy, type Route } from '../../rules/proxy';
import { withPort } from '../../rules/temporal-route';

const AGAIN_AFTER_MS = 500;
/** A server that answers gRPC is not greeted a second time. */
const GREETED_AFTER_MS = 1_000;
const NOT_TEMPORAL = 'something listens there but does not answer like Temporal; check TLS settings and port';

/** Probes the server's port while gRPC tries, because gRPC only reports that its time was up. */
export interface Port {
  /** Resolves with the reason when the host refuses twice, since nothing will listen there soon. Else it never resolves. */
  readonly refused: Promise<string>;
  /** What is known by now, as a message. */
  why(): string;
  stop(): void;
}

/** How one try ended: `refused` is worth another try, unless another one would end the same. */
interface Heard {
  readonly refused: boolean;
  readonly forGood?: true;
  readonly why: string;
}
type Ask = (heard: (heard: Heard) => void) => () => void;

export function askPort(address: string, route: Route, tls?: Tls): Port {
  let why = NO_ANSWER;
  let stop = (): void => undefined;
  const ask = route.by === 'proxy' ? askProxy(address, route.proxy) : askHost(address, tls);
  const refused = new Promise<string>((resolve) => {
    const tried = (times: number): void => {
      stop = ask((heard) => {
        why = heard.why;
        if (!heard.refused) return;
        if (times > 1 || heard.forGood) return resolve(why);
        const timer = setTimeout(() => tried(times + 1), AGAIN_AFTER_MS);
        stop = () => clearTimeout(timer);
      });
    };
    tried(1);
  });
  return { refused, why: () => why, stop: () => stop() };
}

type Tls = Exclude<ConnectionOptions['tls'], boolean | null | undefined>;

/** With TLS, goes on to the greeting, where a server says what it misses; gRPC keeps that to itself. */
function askHost(address: string, tls: Tls | undefined): Ask {
  const [, host, port] = /^\[?([\w.:-]+?)\]?:(\d+)$/.exec(address) ?? [];
  return (heard) => {
    if (host === undefined) return () => undefined;
    let timer: NodeJS.Timeout | undefined;
    const socket = connect({ host, port: Number(port) });
    socket.once('connect', () => {
      heard({ refused: false, why: NOT_TEMPORAL });
      if (tls === undefined) socket.destroy();
      else timer = setTimeout(() => askGreeting(socket, host, tls, heard), GREETED_AFTER_MS);
    });
    socket.once('error', (error) => heard({ refused: true, why: silence(error) }));
    return () => {
      clearTimeout(timer);
      socket.destroy();
    };
  };
}

/** A server refuses a certificate, or the lack of one, only after the greeting: the socket stays open until it does. */
function askGreeting(socket: Socket, host: string, tls: Tls, heard: (heard: Heard) => void): void {
  const { serverNameOverride, serverRootCACertificate: ca, clientCertPair: pair } = tls;
  const name = serverNameOverride ?? (isIP(host) === 0 ? host : undefined);
  const own = { ca: bufferOf(ca), cert: bufferOf(pair?.crt), key: bufferOf(pair?.key) };
  const greeted = greet({ socket, host, servername: name, ALPNProtocols: ['h2'], ...own });
  greeted.once('error', (error) => heard({ refused: true, forGood: true, why: silence(error) }));
  greeted.resume();
}

const bufferOf = (bytes: Uint8Array | undefined): Buffer | undefined => bytes && Buffer.from(bytes);

/** Opens its own tunnel: gRPC does not report the proxy's answer. */
function askProxy(address: string, proxy: Proxy): Ask {
  const target = withPort(address);
  return (heard) => {
    const asked = request(proxy.address, { method: 'CONNECT', path: target, headers: { host: target } });
    const credentials = credentialsText(proxy);
    if (credentials !== undefined)
      asked.setHeader('proxy-authorization', `Basic ${Buffer.from(credentials).toString('base64')}`);
    asked.once('connect', ({ statusCode }, socket) => {
      socket.destroy();
      if (statusCode === 200) return heard({ refused: false, why: NOT_TEMPORAL });
      const help = statusCode === 407 ? ': it rejects the credentials, or requires some' : '';
      heard({ refused: true, why: `the proxy answers ${statusCode}${help}` });
    });
    asked.once('error', (error) => heard({ refused: true, why: `the proxy does not answer: ${silence(error)}` }));
    asked.end();
    return () => asked.destroy();
  };
}
