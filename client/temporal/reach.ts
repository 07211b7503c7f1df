import { connect } from 'node:net';
import { NO_ANSWER, silence } from './explain-error';

const AGAIN_AFTER_MS = 500;

/** What the port of a server says by itself, while gRPC tries: that one only tells that its time was up. */
export interface Port {
  /** Resolves, with the reason, when the host refuses twice; nothing will listen there soon. Else it never does. */
  readonly refused: Promise<string>;
  /** In words, what is known by now. */
  why(): string;
  stop(): void;
}

/** grpc-js goes through these (its `http_proxy.ts`); then the server's own port says nothing. */
const throughProxy = (): boolean =>
  ['grpc_proxy', 'https_proxy', 'http_proxy'].some((name) => (process.env[name] ?? '') !== '');

export function askPort(address: string): Port {
  const [, host, port] = /^\[?([\w.:-]+?)\]?:(\d+)$/.exec(address) ?? [];
  let why = NO_ANSWER;
  let stop = (): void => undefined;
  const refused = new Promise<string>((resolve) => {
    if (host === undefined || throughProxy()) return;
    const ask = (times: number): void => {
      const socket = connect({ host, port: Number(port) });
      stop = () => socket.destroy();
      socket.once('connect', () => {
        why = 'something listens there and does not answer as Temporal does: TLS, or another port?';
        socket.destroy();
      });
      socket.once('error', (error) => {
        why = silence(error);
        if (times > 1) return resolve(why);
        const timer = setTimeout(() => ask(times + 1), AGAIN_AFTER_MS);
        stop = () => clearTimeout(timer);
      });
    };
    ask(1);
  });
  return { refused, why: () => why, stop: () => stop() };
}
