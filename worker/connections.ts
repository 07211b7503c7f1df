import { Client, Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import { messageOf } from '../activities/failures';
import { closedWords } from '../rules/certificates';
import { endWithConnection } from '../rules/closed-connection';
import { proxyProblems, routeWords } from '../rules/proxy';
import { clientConnection, routeToTemporal, workerConnection } from '../rules/temporal-route';

/** Two connections, since the SDK's worker uses native code and its client does not. The caller closes both. */
export interface Connections {
  readonly connection: NativeConnection;
  readonly client: Client;
  readonly namespace: string;
  /** The server's `host:port`. */
  readonly address: string;
}

/**
 * Both connections to Temporal, by its configuration and through the proxy that the variables name.
 * @throws when a variable does not name a proxy, or the server cannot be reached: the message says which route was tried.
 */
export async function connectToTemporal(): Promise<Connections> {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const { address = 'localhost:7233' } = connectionOptions;
  const route = routeToTemporal(address, process.env);
  const problems = [...proxyProblems(process.env), ...(route.by === 'nothing' ? [route.problem] : [])];
  if (problems.length > 0) throw new Error(`The worker does not start: ${[...new Set(problems)].join('; ')}.`);
  try {
    const connection = await NativeConnection.connect({ ...connectionOptions, ...workerConnection(address, route) });
    const connected = await Connection.connect({
      ...connectionOptions,
      ...clientConnection(address, route),
      interceptors: [makeGrpcRetryInterceptor(defaultGrpcRetryOptions()), endWithConnection],
    });
    return { connection, client: new Client({ connection: connected, namespace }), namespace, address };
  } catch (error) {
    const way = route.by === 'proxy' ? ` ${routeWords(route)}` : '';
    const { tls } = connectionOptions;
    const hasCertificate = tls === undefined || (typeof tls === 'object' && tls?.clientCertPair !== undefined);
    const why = closedWords(messageOf(error), { hasCertificate });
    throw new Error(`The worker does not start: no connection to Temporal at ${address}${way}: ${why}`, {
      cause: error,
    });
  }
}
