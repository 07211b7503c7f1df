/** Which processes the cluster has and what each is given. Pure: docker-compose.yml has the same, and a test compares the two. */

export const NAMESPACE = 'default';
export const RETENTION_DAYS = 30;
export const DATABASES = { temporal: 'temporal', temporal_visibility: 'visibility' } as const;
/** Seven hosts with up to 30 connections each, by `temporal.yaml`. */
export const MAX_CONNECTIONS = 250;
export const DATABASE_USER = 'temporal';
/** What clients on this machine check. An address serves as a name in certificates, but not in the greeting of TLS. */
export const SERVER_NAME = 'localhost';
/**
 * Subject alternative names of the servers' certificate: of this machine, of the frontends in docker-compose.yml, and the name that `temporal.yaml` checks
 * between hosts, which find each other by address.
 */
export const SERVER_NAMES = `DNS:${SERVER_NAME},IP:127.0.0.1,DNS:temporal,DNS:temporal-api-key,DNS:temporal-internode`;

type Service = 'frontend' | 'internal-frontend' | 'history' | 'matching' | 'worker';

export interface Host {
  readonly name: string;
  readonly service: Service;
  /** How the frontend knows its clients: by a certificate, or by an API key, which is a token that it can check. */
  readonly clients?: 'certificate' | 'api-key';
}

/** In the order of their start. The server's own worker uses the internal frontend, which no client reaches. */
export const HOSTS: readonly Host[] = [
  { name: 'temporal-history-1', service: 'history' },
  { name: 'temporal-history-2', service: 'history' },
  { name: 'temporal-matching', service: 'matching' },
  { name: 'temporal-internal', service: 'internal-frontend' },
  { name: 'temporal', service: 'frontend', clients: 'certificate' },
  { name: 'temporal-api-key', service: 'frontend', clients: 'api-key' },
  { name: 'temporal-worker', service: 'worker' },
];

/** Where the parts of one cluster are. */
export interface Place {
  readonly bindOn: string;
  readonly database: { readonly host: string; readonly port: number; readonly password: string };
  readonly certificates: string;
  /** A JSON Web Key Set with the key that checks API keys. */
  readonly keys: string;
  readonly config: string;
  readonly dynamicConfig: string;
}

/** Variables of a host, as its program and `temporal.yaml` read them. Ports are the defaults where none are given: each container has an address of its own. */
export function settingsOf(host: Host, place: Place, ports?: HostPorts): Readonly<Record<string, string>> {
  const { host: seeds, port, password } = place.database;
  return {
    TEMPORAL_SERVICES: host.service,
    TEMPORAL_SERVER_CONFIG_FILE_PATH: place.config,
    BIND_ON_IP: place.bindOn,
    DYNAMIC_CONFIG: place.dynamicConfig,
    POSTGRES_SEEDS: seeds,
    DB_PORT: String(port),
    POSTGRES_PWD: password,
    CERTIFICATES: place.certificates,
    CLIENTS: host.clients ?? '',
    KEYS: place.keys,
    ...(ports && portSettings(host, ports)),
  };
}

export interface HostPorts {
  readonly grpc: number;
  readonly membership: number;
}

function portSettings({ service }: Host, { grpc, membership }: HostPorts): Record<string, string> {
  const prefix = service.replace('-', '_').toUpperCase();
  return { [`${prefix}_GRPC_PORT`]: String(grpc), [`${prefix}_MEMBERSHIP_PORT`]: String(membership) };
}

export const exportsOf = (variables: Readonly<Record<string, string>>): string =>
  Object.entries(variables)
    .map(([name, value]) => `export ${name}=${quoted(value)}\n`)
    .join('');

/** For a shell. */
const quoted = (value: string): string =>
  /^[\w@%+=:,./-]*$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
