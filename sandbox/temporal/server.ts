import { join } from 'node:path';
import { type Client, Connection } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { connect, interceptors } from '../../client/temporal/connect';
import { addingWords, missingOf, typeWord } from '../../rules/listed';
import { LISTED } from '../../workflows/messages';
import { startChild } from '../process/child-process';
import { freePort } from '../process/free-port';
import { EndedAtStart, messageOf, UserError } from '../process/user-error';
import type { ProcessList } from '../process/process-list';
import type { StateFolder } from '../process/state-folder';
import { findTemporalCli } from './cli';

export interface TemporalServer {
  readonly address: string;
  readonly namespace: string;
  /** Address of the Web UI. */
  readonly ui: string;
  /** The `temporal` command, for the reader's own experiments. */
  readonly cli: string;
  readonly from: string;
  readonly stop: () => Promise<void>;
}

export interface ServerPlace {
  readonly folder: StateFolder;
  readonly processes: ProcessList;
  readonly onUnexpectedEnd: (how: string) => void;
}

const LOOPBACK = '127.0.0.1';
const NAMESPACE = 'default';
const START_ATTEMPTS = 3;

/**
 * The Temporal server of the sandbox, in this order: the one in TEMPORAL_ADDRESS, used as it is and never stopped; a dev
 * server of the `temporal` command found by `findTemporalCli`, with a database of its own.
 */
export function startTemporal(place: ServerPlace): Promise<TemporalServer> {
  const address = process.env['TEMPORAL_ADDRESS'];
  return address === undefined || address === '' ? startOnFreePorts(place) : useExisting(address);
}

/**
 * The dev server chooses free ports for its inner services and binds them later. It crashes when another process takes one
 * in between, which happens when two start at once; with other ports it starts.
 */
async function startOnFreePorts(place: ServerPlace): Promise<TemporalServer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startDevServer(place);
    } catch (error) {
      if (!(error instanceof EndedAtStart) || attempt === START_ATTEMPTS) throw error;
    }
  }
}

async function startDevServer({ folder, processes, onUnexpectedEnd }: ServerPlace): Promise<TemporalServer> {
  const cli = await findTemporalCli();
  const [port, uiPort, httpPort, metricsPort] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const address = `${LOOPBACK}:${port}`;
  const child = await startChild({
    name: 'temporal',
    command: [
      cli.command,
      ...['server', 'start-dev', '--ip', LOOPBACK, '--port', String(port), '--ui-port', String(uiPort)],
      ...['--http-port', String(httpPort), '--metrics-port', String(metricsPort)],
      ...['--db-filename', join(folder.path, 'temporal.db'), '--namespace', NAMESPACE, '--log-level', 'error'],
      ...LISTED.flatMap((attribute) => ['--search-attribute', `${attribute.name}=${typeWord(attribute)}`]),
      // With the default of 20 and the dev server's single shard, a fan-out crawls at 80 ms a task.
      ...['--dynamic-config-value', 'history.transferProcessorMaxPollRPS=2000'],
    ],
    logs: folder.logs,
    processes,
    isReady: () => answersFor(address),
    onUnexpectedEnd,
  });
  return {
    address,
    namespace: NAMESPACE,
    ui: `http://${LOOPBACK}:${uiPort}`,
    cli: cli.command,
    from: cli.from,
    stop: child.stop,
  };
}

async function answersFor(address: string): Promise<boolean> {
  const connection = await Connection.connect({ address, interceptors, connectTimeout: 2_000 });
  try {
    await connection.workflowService.describeNamespace({ namespace: NAMESPACE });
    return true;
  } finally {
    await connection.close();
  }
}

async function useExisting(address: string): Promise<TemporalServer> {
  const temporal = await connect({}).catch((error: unknown) => {
    throw new UserError(`TEMPORAL_ADDRESS is ${address}: ${messageOf(error)}`);
  });
  const { connection, namespace, client } = temporal;
  try {
    await registerAttributes(client);
  } finally {
    await connection.close();
  }
  const ui = process.env['TEMPORAL_UI'] ?? `http://${address.replace(/:\d+$/, '')}:8233`;
  return { address, namespace, ui, cli: 'temporal', from: 'TEMPORAL_ADDRESS', stop: () => Promise.resolve() };
}

const indexedAs = (type: (typeof LISTED)[number]['type']): temporal.api.enums.v1.IndexedValueType =>
  temporal.api.enums.v1.IndexedValueType[`INDEXED_VALUE_TYPE_${type}`];

/** Adds those of `LISTED` that the namespace lacks. Asks the operator service, which an API key may not reach, only when some are missing. */
export async function registerAttributes(client: Client): Promise<void> {
  const { namespace } = client.options;
  const missing = await missingOf(LISTED, (query) => client.workflow.count(query));
  if (missing.length === 0) return;
  const searchAttributes = Object.fromEntries(
    LISTED.filter(({ name }) => missing.includes(name)).map(({ name, type }) => [name, indexedAs(type)]),
  );
  await client.connection.operatorService
    .addSearchAttributes({ namespace, searchAttributes })
    .catch((error: unknown) => {
      throw new UserError(
        `Namespace ${namespace} lacks search attributes (${missing.join(', ')}), and they cannot be registered from here: ${messageOf(error)}\nHave its operator register them, then start again: ${addingWords(LISTED, missing, namespace)}.`,
      );
    });
}
