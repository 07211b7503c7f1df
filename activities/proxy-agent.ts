import http from 'node:http';
import https from 'node:https';
import { isIPv6 } from 'node:net';
import { Agent, type AgentConnectOpts } from 'agent-base';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { credentialsText, namesProxy, type Proxy, proxyWords, routeTo } from '../rules/proxy';

/** An error of the proxy, not of the target behind it. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';

  /** @param inShort Without the target, which may be a secret. */
  constructor(
    message: string,
    readonly inShort = message,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/** For the connection to the proxy and from there to the target; less than an AWS client waits (`quick.ts`). */
export const TUNNEL_WITHIN_MS = 2_000;

/**
 * Decides for each connection whether it uses a proxy, by the variables of the process: a tunnel (CONNECT) for `https:`,
 * the whole address in the request for `http:`, because proxies often open tunnels only to port 443.
 */
export class ProxyAgent extends Agent {
  private readonly direct = { http: new http.Agent({ keepAlive: true }), https: new https.Agent({ keepAlive: true }) };
  private readonly forwarding = new Map<string, ForwardingAgent>();

  constructor() {
    super({ keepAlive: true });
  }

  override async connect(request: http.ClientRequest, options: AgentConnectOpts) {
    const kind = options.secureEndpoint ? 'https' : 'http';
    const target = `${isIPv6(options.host ?? '') ? `[${options.host}]` : options.host}:${options.port}`;
    const route = routeTo(`${kind}://${target}`, process.env);
    if (route.by === 'nothing') throw new ProxyError(route.problem);
    if (route.by === 'direct') return this.direct[kind];
    if (kind === 'https') return tunnel(route.proxy, target, { request, options });
    refuseByAnswer(request, route.proxy, target);
    return this.forwardingBy(route.proxy);
  }

  private forwardingBy(proxy: Proxy): ForwardingAgent {
    const key = JSON.stringify(proxy);
    const agent = this.forwarding.get(key) ?? new ForwardingAgent(proxy);
    this.forwarding.set(key, agent);
    return agent;
  }
}

/** For a library that makes its requests with an agent. Without a proxy it keeps its own. */
export const agentIfProxied = (): ProxyAgent | undefined => (namesProxy(process.env) ? new ProxyAgent() : undefined);

interface Connecting {
  readonly request: http.ClientRequest;
  readonly options: AgentConnectOpts;
}

async function tunnel(proxy: Proxy, target: string, { request, options }: Connecting) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), TUNNEL_WITHIN_MS);
  const agent = new HttpsProxyAgent(proxy.address, {
    headers: authorization(proxy),
    keepAlive: true,
    // Of `net.connect`: a silent proxy must not keep its connection.
    ...{ signal: stop.signal },
  });
  let status: number | undefined;
  agent.once('proxyConnect', (answer: { readonly statusCode: number }) => (status = answer.statusCode));
  try {
    const socket = await agent.connect(request, options);
    if (status === 200) return socket;
    // The library passes on the proxy's answer as if it were the target's.
    socket.destroy();
    throw refusal(proxy, target, status);
  } catch (error) {
    throw error instanceof ProxyError ? error : silence(proxy, error);
  } finally {
    clearTimeout(timer);
  }
}

class ForwardingAgent extends HttpProxyAgent<string> {
  constructor(private readonly named: Proxy) {
    // On a reused connection the library would not write the whole address.
    super(named.address, { headers: authorization(named), keepAlive: false });
  }

  override async connect(...connecting: Parameters<HttpProxyAgent<string>['connect']>) {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(silence(this.named, undefined)), TUNNEL_WITHIN_MS);
    });
    try {
      return await Promise.race([super.connect(...connecting), late]);
    } catch (error) {
      throw error instanceof ProxyError ? error : silence(this.named, error);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Only proxies send 407; any other status may be the target's own answer. */
function refuseByAnswer(request: http.ClientRequest, proxy: Proxy, target: string): void {
  request.prependOnceListener('response', (answer: http.IncomingMessage) => {
    if (answer.statusCode !== 407) return;
    answer.destroy();
    request.emit('error', refusal(proxy, target, 407));
  });
}

/** Not in the address: libraries write that into their traces. */
function authorization(proxy: Proxy): Record<string, string> {
  const text = credentialsText(proxy);
  if (text === undefined) return {};
  return { 'Proxy-Authorization': `Basic ${Buffer.from(text).toString('base64')}` };
}

function refusal(proxy: Proxy, target: string, status: number | undefined): ProxyError {
  const credentials = proxy.credentials === undefined ? 'it wants credentials' : 'it does not take the credentials';
  const help = status === 407 ? `; ${credentials}: write http://user:password@host:port in ${proxy.variable}` : '';
  const [named, said] = [proxyWords(proxy), `it answered ${status}${help}`];
  return new ProxyError(`${named} refuses the way to ${target}: ${said}`, `${named} refuses: ${said}`);
}

function silence(proxy: Proxy, error: unknown): ProxyError {
  const isLate = error === undefined || (error as Error).name === 'AbortError';
  const why = isLate ? `no answer within ${TUNNEL_WITHIN_MS / 1_000} s` : (error as Error).message;
  const said = `${proxyWords(proxy)} does not answer: ${why}`;
  return new ProxyError(said, said, error);
}
