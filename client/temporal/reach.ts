import { request } from 'node:http';
import { connect } from 'node:net';
import { NO_ANSWER, silence } from './explain-error';
import { credentialsText, type Proxy, type Route } from '../../rules/proxy';
import { withPort } from '../../rules/temporal-route';

const AGAIN_AFTER_MS = 500;
const NOT_TEMPORAL = 'something listens there but does not answer like Temporal; check TLS settings and port';

/** Probes the server's port while gRPC tries, because gRPC only reports that its time was up. */
export interface Port {
  /** Resolves with the reason when the host refuses twice, since nothing will listen there soon. Else it never resolves. */
  readonly refused: Promise<string>;
  /** What is known by now, as a message. */
  why(): string;
  stop(): void;
}

/** How one try ended: `refused` is worth another try. */
interface Heard {
  readonly refused: boolean;
  readonly why: string;
}
type Ask = (heard: (heard: Heard) => void) => () => void;

export function askPort(address: string, route: Route): Port {
  let why = NO_ANSWER;
  let stop = (): void => undefined;
  const ask = route.by === 'proxy' ? askProxy(address, route.proxy) : askHost(address);
  const refused = new Promise<string>((resolve) => {
    const tried = (times: number): void => {
      stop = ask((heard) => {
        why = heard.why;
        if (!heard.refused) return;
        if (times > 1) return resolve(why);
        const timer = setTimeout(() => tried(times + 1), AGAIN_AFTER_MS);
        stop = () => clearTimeout(timer);
      });
    };
    tried(1);
  });
  return { refused, why: () => why, stop: () => stop() };
}

function askHost(address: string): Ask {
  const [, host, port] = /^\[?([\w.:-]+?)\]?:(\d+)$/.exec(address) ?? [];
  return (heard) => {
    if (host === undefined) return () => undefined;
    const socket = connect({ host, port: Number(port) });
    socket.once('connect', () => {
      heard({ refused: false, why: NOT_TEMPORAL });
      socket.destroy();
    });
    socket.once('error', (error) => heard({ refused: true, why: silence(error) }));
    return () => socket.destroy();
  };
}

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
