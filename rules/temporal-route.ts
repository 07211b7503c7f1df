import type { Proxy, Route, Variables } from './proxy';
import { credentialsText, routeTo } from './proxy';

const DEFAULT_PORT = 7233;

/**
 * The way to a Temporal server, `host:port`: a tunnel, with TLS or without, so HTTPS_PROXY counts, as for Temporal's own CLI. Both
 * SDKs tunnel through `http:` proxies alone: `ProxyConfig` of @temporalio/common, and `http_proxy.ts` of @grpc/grpc-js.
 */
export function routeToTemporal(address: string, variables: Variables): Route {
  const route = routeTo(`https://${withPort(address)}`, variables);
  if (route.by !== 'proxy' || route.proxy.address.startsWith('http:')) return route;
  const { variable, address: proxy } = route.proxy;
  const problem = `${variable} names ${proxy}, and connections to Temporal go through http: proxies alone: write http://host:port there, or add ${hostOf(address)} to NO_PROXY`;
  return { by: 'nothing', problem };
}

/** For a client's connection. gRPC's own reading of the variables is switched off: it would ask a proxy for this machine. */
export function clientConnection(address: string, route: Route) {
  const own = { 'grpc.enable_http_proxy': 0 };
  if (route.by !== 'proxy') return { address, channelArgs: own };
  const target = withPort(address);
  const channelArgs = {
    ...own,
    'grpc.http_connect_target': `dns:${target}`,
    'grpc.http_connect_creds': credentialsText(route.proxy),
    'grpc.default_authority': target,
  };
  return { address: hostAndPort(route.proxy), channelArgs };
}

/** For a worker's connection. */
export function workerConnection(address: string, route: Route) {
  if (route.by !== 'proxy') return { address };
  const { credentials } = route.proxy;
  return {
    address,
    proxy: { type: 'http-connect', targetHost: hostAndPort(route.proxy), basicAuth: credentials } as const,
  };
}

/** What takes the CONNECT of a tunnel. */
function hostAndPort({ address }: Proxy): string {
  const { host, port } = new URL(address);
  return port === '' ? `${host}:80` : host;
}

export const withPort = (address: string): string => (/:\d+$/.test(address) ? address : `${address}:${DEFAULT_PORT}`);
const hostOf = (address: string): string => address.replace(/:\d+$/, '');
