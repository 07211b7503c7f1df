import type { Proxy, Route, Variables } from './proxy';
import { credentialsText, routeTo } from './proxy';

const DEFAULT_PORT = 7233;

/**
 * The route to a Temporal server, `host:port`: a tunnel, with or without TLS, so HTTPS_PROXY applies, as for Temporal's own CLI.
 * Both SDKs tunnel only through `http:` proxies: `ProxyConfig` of @temporalio/common, and `http_proxy.ts` of @grpc/grpc-js.
 */
export function routeToTemporal(address: string, variables: Variables): Route {
  const route = routeTo(`https://${withPort(address)}`, variables);
  if (route.by !== 'proxy' || route.proxy.address.startsWith('http:')) return route;
  const { variable, address: proxy } = route.proxy;
  const problem = `${variable} names ${proxy}, but connections to Temporal support only http: proxies: write http://host:port there, or add ${hostOf(address)} to NO_PROXY`;
  return { by: 'nothing', problem };
}

/** Options of a client's connection. gRPC must not read the variables itself: it would use a proxy even for this machine. */
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

/** Options of a worker's connection. */
export function workerConnection(address: string, route: Route) {
  if (route.by !== 'proxy') return { address };
  const { credentials } = route.proxy;
  return {
    address,
    proxy: { type: 'http-connect', targetHost: hostAndPort(route.proxy), basicAuth: credentials } as const,
  };
}

/** The address that accepts the CONNECT of a tunnel. */
function hostAndPort({ address }: Proxy): string {
  const { host, port } = new URL(address);
  return port === '' ? `${host}:80` : host;
}

export const withPort = (address: string): string => (/:\d+$/.test(address) ? address : `${address}:${DEFAULT_PORT}`);
const hostOf = (address: string): string => address.replace(/:\d+$/, '');
