import { Client, Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { ConnectionOptions } from '@temporalio/client';
import { explain, isRefusedAccess, NO_ANSWER, silence, unreachable } from './explain-error';
import { endWithConnection } from '../../rules/closed-connection';
import { webPath } from '../../rules/notify/links';
import type { Route } from '../../rules/proxy';
import { proxyWords } from '../../rules/proxy';
import { clientConnection, routeToTemporal } from '../../rules/temporal-route';
import { askPort } from './reach';
import { CliError } from '../terminal/cli-error';
import type { CommonOptions } from '../options';
import { patiently } from '../terminal/patience';
import { stackOf, warn } from '../terminal/output';
import { sandboxTemporal } from '../input/sandbox-state';

const CONNECT_TIMEOUT_MS = 2_500;
const CALL_TIMEOUT_MS = 5_000;
/** Of every connection: `Connection` has none but the first of its own. */
export const interceptors = [makeGrpcRetryInterceptor(defaultGrpcRetryOptions()), endWithConnection];

/** An open connection to Temporal, with the facts that messages need. */
export interface Temporal {
  readonly client: Client;
  readonly connection: Connection;
  readonly address: string;
  readonly namespace: string;
  /** The proxy, for messages; undefined without one. */
  readonly through?: string;
  /** Address of the Web UI without a trailing slash, when known. */
  readonly ui?: string;
}

/** Opens a connection; the caller closes it. Throws a Failure with a one-line message when Temporal cannot be used. */
export async function connect(options: CommonOptions): Promise<Temporal> {
  const server = serverOf(options);
  const { address, namespace, through, ui } = server;
  try {
    const connection = await patiently(`Waiting for Temporal at ${address} …`, () => opened(server));
    return { client: new Client({ connection, namespace }), connection, address, namespace, through, ui };
  } catch (error) {
    if (options.debug === true) warn(stackOf(error));
    throw explain(error, server);
  }
}

async function opened(server: Server): Promise<Connection> {
  const { address, route } = server;
  const connection = Connection.lazy({ ...server.connectionOptions, connectTimeout: CONNECT_TIMEOUT_MS, interceptors });
  const { tls, apiKey } = server.connectionOptions;
  const port = askPort(address, route, typeof tls === 'object' ? (tls ?? undefined) : (tls ?? apiKey) ? {} : undefined);
  const refused = port.refused.then((why) => Promise.reject(unreachable(server, why, true)));
  try {
    await Promise.race([connection.ensureConnected(), refused]);
    return connection;
  } catch (error) {
    // An open connection retries forever and would keep the program from ending.
    await connection.close();
    if (error instanceof CliError || isRefusedAccess(error)) throw error;
    const why = silence(error);
    throw unreachable(server, why === NO_ANSWER ? port.why() : why, true);
  } finally {
    port.stop();
  }
}

/** Limits the total time of all calls in `work`, so that a silent server cannot block it. */
export function inTime<T>(temporal: Temporal, work: () => Promise<T>): Promise<T> {
  return temporal.connection.withDeadline(Date.now() + CALL_TIMEOUT_MS, work);
}

/** Link to a workflow in the Web UI; absent when its address is not known. With a run, to the text that it shows of itself. */
export function webLink(
  temporal: Pick<Temporal, 'ui' | 'namespace'>,
  workflowId: string,
  runId?: string,
): string | undefined {
  if (temporal.ui === undefined) return undefined;
  return `${temporal.ui}/${webPath(temporal.namespace, workflowId, runId)}`;
}

/** The server's address gives the Web UI of Temporal Cloud. */
export function uiOf(address: string, named: string | undefined): string | undefined {
  const cloud = /\.(tmprl\.cloud|api\.temporal\.io)(:\d+)?$/.test(address) ? 'https://cloud.temporal.io' : undefined;
  return (named ?? cloud)?.replace(/\/+$/, '');
}

interface Server {
  readonly address: string;
  readonly namespace: string;
  readonly ui?: string;
  readonly connectionOptions: ConnectionOptions;
  readonly route: Route;
  readonly through?: string;
}

function serverOf(options: CommonOptions): Server {
  if (options.sandbox === true) {
    const { address, namespace, ui } = sandboxTemporal();
    const { connectionOptions } = configured(undefined);
    // A sandbox on the Temporal of TEMPORAL_ADDRESS needs the certificates or the key of that one too.
    const own = connectionOptions.address === address ? (connectionOptions as ConnectionOptions) : {};
    return { ...reached(address, own), namespace, ui: ui.replace(/\/+$/, '') };
  }
  const config = configured(options.profile);
  const address = config.connectionOptions.address ?? 'localhost:7233';
  const ui = uiOf(address, options.ui ?? process.env['TEMPORAL_UI']);
  return {
    ...reached(address, config.connectionOptions as ConnectionOptions),
    namespace: config.namespace ?? 'default',
    ui,
  };
}

/** @throws Failure when the proxy variable for this address does not name a proxy. */
function reached(
  address: string,
  options: ConnectionOptions = {},
): Pick<Server, 'address' | 'connectionOptions' | 'route' | 'through'> {
  const route = routeToTemporal(address, process.env);
  if (route.by === 'nothing') throw new CliError(2, `Temporal at ${address} was not contacted: ${route.problem}.`);
  const through = route.by === 'proxy' ? proxyWords(route.proxy) : undefined;
  return { address, route, through, connectionOptions: { ...options, ...clientConnection(address, route) } };
}

function configured(profile: string | undefined): ReturnType<typeof loadClientConnectConfig> {
  try {
    return loadClientConnectConfig({ profile });
  } catch (error) {
    throw new CliError(
      2,
      `The Temporal configuration cannot be used: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
