import ipaddr from 'ipaddr.js';
import { partitionOf } from './partition';

/** Environment variables of a process, by name. */
export type Variables = Readonly<Record<string, string | undefined>>;

export interface Proxy {
  /** Without credentials, as `http://proxy.example.org:3128`: the only form that may be shown. */
  readonly address: string;
  /** The variable that names it. */
  readonly variable: string;
  readonly credentials?: { readonly username: string; readonly password: string };
}

/** The route to one address. `problem`: the variable that applies cannot be used; the text says what to write instead. */
export type Route =
  | { readonly by: 'proxy'; readonly proxy: Proxy }
  | { readonly by: 'direct'; readonly why: string }
  | { readonly by: 'nothing'; readonly problem: string };

const KINDS = ['https', 'http'] as const;
const WRITE = 'write http://host:port, or http://user:password@host:port with both percent-encoded, or unset it';

/** Whether any variable names a proxy; without one there is nothing to decide. */
export const namesProxy = (variables: Variables): boolean =>
  KINDS.some((kind) => valueOf(variables, `${kind}_proxy`) !== undefined);

/**
 * The route to an `http:` or `https:` address. HTTPS_PROXY applies to `https:`, HTTP_PROXY to `http:`, each in lower case first,
 * like curl: https://everything.curl.dev/usingcurl/proxies/env.html. An empty variable counts as not set. This machine, and
 * addresses that only it can reach, such as the metadata of EC2 and ECS, never go through a proxy.
 */
export function routeTo(address: string, variables: Variables): Route {
  const target = targetOf(address);
  if (target === undefined) return { by: 'direct', why: 'it is not an http: or https: address' };
  const found = valueOf(variables, `${target.kind}_proxy`);
  if (found === undefined) return { by: 'direct', why: `${target.kind.toUpperCase()}_PROXY is not set` };
  if (isOwn(target)) return { by: 'direct', why: 'it is this machine' };
  const except = exceptionFor(target, variables);
  if (except !== undefined) return { by: 'direct', why: except };
  return parsedProxy(found.text, found.name);
}

/** The endpoint that the SDK uses for an AWS service: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html. */
export function awsAddress(service: string, region: string, variables: Variables): string {
  const set = variables[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] ?? variables['AWS_ENDPOINT_URL'];
  return set ?? `https://${service}.${region}.${partitionOf(region).domain}`;
}

/** What is wrong with the variables, for any address. */
export function proxyProblems(variables: Variables): readonly string[] {
  return KINDS.flatMap((kind) => {
    const found = valueOf(variables, `${kind}_proxy`);
    const route = found === undefined ? undefined : parsedProxy(found.text, found.name);
    return route?.by === 'nothing' ? [route.problem] : [];
  });
}

export function routeWords(route: Route): string {
  if (route.by === 'proxy') return `through ${proxyWords(route.proxy)}`;
  return route.by === 'direct' ? `direct (${route.why})` : `unreachable: ${route.problem}`;
}

/** `user:password` for HTTP and gRPC, before any encoding. Never show it. */
export const credentialsText = ({ credentials }: Proxy): string | undefined =>
  credentials === undefined ? undefined : `${credentials.username}:${credentials.password}`;

export const proxyWords = ({ address, variable }: Proxy): string => `the proxy ${address} (${variable})`;

function valueOf(variables: Variables, name: string): { readonly name: string; readonly text: string } | undefined {
  for (const one of [name, name.toUpperCase()]) {
    const text = variables[one]?.trim() ?? '';
    if (text !== '') return { name: one, text };
  }
  return undefined;
}

/** The problem never quotes the variable: it may contain a password. */
function parsedProxy(text: string, variable: string): Route {
  const problem: Route = { by: 'nothing', problem: `${variable} is not the address of a proxy: ${WRITE}` };
  const url = urlOf(/^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (url === undefined || url.hostname === '') return problem;
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    const kind = url.protocol.slice(0, -1);
    return {
      by: 'nothing',
      problem: `${variable} names a ${kind} proxy, but only HTTP proxies are supported: ${WRITE}`,
    };
  }
  // An unencoded `/`, `?` or `#` in a password ends the host name too early.
  if (`${url.pathname}${url.search}${url.hash}` !== '/') return problem;
  const address = `${url.protocol}//${url.host}`;
  if (url.username === '' && url.password === '') return { by: 'proxy', proxy: { address, variable } };
  const [username, password] = [decoded(url.username), decoded(url.password)];
  if (username === undefined || password === undefined) return problem;
  return { by: 'proxy', proxy: { address, variable, credentials: { username, password } } };
}

interface Target {
  readonly kind: (typeof KINDS)[number];
  /** In lower case, without brackets and without a dot at the end. */
  readonly host: string;
  readonly port: number;
  readonly ip?: ReturnType<typeof ipaddr.process>;
}

function targetOf(address: string): Target | undefined {
  const url = urlOf(address);
  const kind = KINDS.find((one) => url?.protocol === `${one}:`);
  if (url === undefined || kind === undefined) return undefined;
  const host = bare(url.hostname);
  const port = url.port === '' ? { https: 443, http: 80 }[kind] : Number(url.port);
  return { kind, host, port, ip: ipOf(host) };
}

const METADATA = ipaddr.parseCIDR('fd00:ec2::/32');

function isOwn({ host, ip }: Target): boolean {
  if (ip === undefined) return host === 'localhost' || host.endsWith('.localhost');
  if (['loopback', 'linkLocal', 'unspecified'].includes(ip.range())) return true;
  // IPv6 metadata of EC2 and EKS: "Use the Instance Metadata Service" and "EKS Pod Identity" in their user guides.
  return ip.kind() === 'ipv6' && ip.match(METADATA);
}

/** Describes the entry of NO_PROXY that matches the target. Entries are separated by commas or white space. */
function exceptionFor(target: Target, variables: Variables): string | undefined {
  const found = valueOf(variables, 'no_proxy');
  const entry = found?.text.split(/[\s,]+/).find((one) => one !== '' && isUnder(target, one));
  return entry === undefined ? undefined : `${found?.name} has ${entry}`;
}

/**
 * `*`; an address, or a range such as 10.0.0.0/8; a name, which also matches its subdomains, with or without a leading dot or
 * `*.`. All but a range may end with a port.
 */
function isUnder(target: Target, entry: string): boolean {
  if (entry === '*') return true;
  const text = entry.replace(/^[a-z]+:\/\//i, '').replace(/\/$/, '');
  if (text.includes('/')) return isInRange(target, text);
  const [, name, port] = /^(\[[^\]]+\]|[^:]*)(?::(\d+))?$/.exec(text) ?? [];
  // An address of version 6 without brackets has no port.
  const isBareV6 = ipaddr.IPv6.isValid(text);
  if (!isBareV6 && port !== undefined && Number(port) !== target.port) return false;
  const host = isBareV6 ? text : (name ?? text);
  const ip = ipOf(bare(host));
  if (ip !== undefined) return target.ip?.toString() === ip.toString();
  return isNamed(target.host, host);
}

function isInRange({ ip }: Target, text: string): boolean {
  try {
    const [base, length] = ipaddr.parseCIDR(text.replace(/[[\]]/g, ''));
    return ip !== undefined && ip.kind() === base.kind() && ip.match([base, length]);
  } catch {
    return false;
  }
}

function isNamed(host: string, pattern: string): boolean {
  const name = bare(urlOf(`http://${pattern.replace(/^\*?\.+/, '')}`)?.hostname ?? '');
  if (name === '') return false;
  if (!name.includes('*')) return host === name || host.endsWith(`.${name}`);
  const parts = name.split('*').map((part) => part.replace(/[.\\^$|+?()[\]{}-]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(host);
}

const bare = (host: string): string =>
  host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');

/** An IPv4-mapped IPv6 address counts as IPv4. */
function ipOf(host: string): Target['ip'] {
  const isIp = host.includes(':') ? ipaddr.IPv6.isValid(host) : ipaddr.IPv4.isValidFourPartDecimal(host);
  return isIp ? ipaddr.process(host) : undefined;
}

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
