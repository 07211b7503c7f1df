import { namesProxy, type Route, routeTo, routeWords, type Variables } from '../proxy';
import { routeToTemporal } from '../temporal-route';
import type { Finding } from './doctor-report';

/** Where the worker's requests go. */
export interface Asked {
  readonly aws: string;
  readonly api: readonly string[];
  /** `host:port`; undefined where the worker does not say it. */
  readonly temporal?: string;
}

/** Through which proxy the worker reaches what a rollout needs, and what it reaches without one; in one line. */
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
