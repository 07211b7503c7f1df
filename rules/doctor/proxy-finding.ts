import { namesProxy, type Route, routeTo, routeWords, type Variables } from '../proxy';
import { routeToTemporal } from '../temporal-route';
import type { Finding } from './doctor-report';

/** Addresses of the worker's requests. */
export interface Asked {
  readonly aws: string;
  readonly api: readonly string[];
  /** `host:port`; undefined when the worker does not report it. */
  readonly temporal?: string;
}

/** Which proxy the worker uses for each service that a rollout needs, in one line. */
export function proxyFinding({ aws, api, temporal }: Asked, variables: Variables): Finding {
  const subject = 'proxy of the worker';
  if (!namesProxy(variables)) return { subject, level: 'ok', what: 'none: HTTPS_PROXY and HTTP_PROXY are not set' };
  const routes: readonly (readonly [string, Route])[] = [
    ['AWS', routeTo(aws, variables)],
    ...api.map((address) => [`API ${hostOf(address)}`, routeTo(address, variables)] as const),
    ...(temporal === undefined ? [] : [[`Temporal ${temporal}`, routeToTemporal(temporal, variables)] as const]),
  ];
  const what = routes.map(([name, route]) => `${name}: ${routeWords(route)}`).join('; ');
  if (!routes.some(([, { by }]) => by === 'nothing')) return { subject, level: 'ok', what };
  return {
    subject,
    level: 'problem',
    what,
    remedy: 'correct the variable where the worker is started, and restart it',
  };
}

const hostOf = (address: string): string => (URL.canParse(address) ? new URL(address).host : address);
