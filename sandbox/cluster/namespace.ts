import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { missingOf } from '../../rules/listed';
import { LISTED } from '../../workflows/messages';
import { interceptors } from '../../client/temporal/connect';
import { poll } from '../../client/temporal/poll';
import { messageOf, UserError } from '../process/user-error';
import { registerAttributes } from '../temporal/server';
import { NAMESPACE, RETENTION_DAYS, SERVER_NAME } from './layout';

const DAY_S = 24 * 3_600;
const ALREADY_EXISTS = 6;
const WITHIN_MS = 120_000;
const POLL_MS = 500;

/** Makes the namespace with its retention and search attributes, and waits until all hosts know them. */
export async function setUpNamespace(address: string, certificates: string): Promise<void> {
  const read = (name: string): Buffer => readFileSync(join(certificates, name));
  const connection = await Connection.connect({
    address,
    tls: {
      serverRootCACertificate: read('ca.pem'),
      serverNameOverride: SERVER_NAME,
      clientCertPair: { crt: read('client.pem'), key: read('client.key') },
    },
    interceptors,
    connectTimeout: 60_000,
  });
  try {
    const workflowExecutionRetentionPeriod = { seconds: DAY_S * RETENTION_DAYS, nanos: 0 } as never;
    await until('the namespace is registered', async () => {
      await connection.workflowService
        .registerNamespace({ namespace: NAMESPACE, workflowExecutionRetentionPeriod })
        .catch((error: { readonly code?: number }) => {
          if (error.code !== ALREADY_EXISTS) throw error;
        });
      return true;
    });
    const client = new Client({ connection, namespace: NAMESPACE });
    await until('lists know its search attributes', async () => {
      await registerAttributes(client);
      return (await missingOf(LISTED, (query) => client.workflow.count(query))).length === 0;
    });
  } finally {
    await connection.close();
  }
}

/** The hosts of a new cluster find each other within seconds, and refuse calls meanwhile. */
async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const trouble = (): Promise<string | undefined> => holds().then((ok) => (ok ? undefined : 'not yet'), messageOf);
  const why = await poll(trouble, { until: (one) => one === undefined, everyMs: POLL_MS, withinMs: WITHIN_MS });
  if (why !== undefined) throw new UserError(`The cluster did not come so far that ${what}: ${why}`);
}
