import type { NamespaceReading } from '../../rules/doctor/namespace-findings';
import { silence } from './explain-error';
import { inTime, type Temporal } from './connect';

/** In the order of their numbers: `IndexedValueType` of temporal/api/enums/v1/common.proto. */
const TYPES = ['UNSPECIFIED', 'TEXT', 'KEYWORD', 'INT', 'DOUBLE', 'BOOL', 'DATETIME', 'KEYWORD_LIST'];
const UNIMPLEMENTED = 12;

/** All that Temporal says of the namespace; each part that it refuses is left open. */
export async function lookAtNamespace(temporal: Temporal): Promise<NamespaceReading> {
  const { connection, namespace } = temporal;
  const { workflowService, operatorService } = connection;
  const ask = <T>(work: () => Promise<T>): Promise<T | undefined> => inTime(temporal, work).catch(() => undefined);
  const [described, system, cluster, attributes, versioning] = await Promise.all([
    ask(() => workflowService.describeNamespace({ namespace })),
    ask(() => workflowService.getSystemInfo({})),
    ask(() => workflowService.getClusterInfo({})),
    ask(() => operatorService.listSearchAttributes({ namespace })),
    inTime(temporal, () => workflowService.listWorkerDeployments({ namespace, pageSize: 1 })).then(
      () => ({ known: true }) as const,
      (error: unknown) => ({ known: false, why: whyOf(error) }) as const,
    ),
  ]);
  const { limits, capabilities } = described?.namespaceInfo ?? {};
  const retention = described?.config?.workflowExecutionRetentionTtl?.seconds;
  return {
    namespace,
    types: attributes?.customAttributes && typesOf(attributes.customAttributes),
    retentionMs: times(numberOf(retention), 1_000),
    blobBytes: numberOf(limits?.blobSizeLimitError),
    memoBytes: numberOf(limits?.memoSizeLimitError),
    takesUpdates: capabilities ? capabilities.syncUpdate === true : undefined,
    versioning,
    serverVersion: system?.serverVersion ?? undefined,
    shards: cluster?.historyShardCount ?? undefined,
  };
}

const typesOf = (attributes: Readonly<Record<string, number | null>>): Record<string, string> =>
  Object.fromEntries(Object.entries(attributes).map(([name, type]) => [name, TYPES[type ?? 0] ?? `type ${type}`]));

function whyOf(error: unknown): string {
  const { code, details } = error as { readonly code?: number; readonly details?: string };
  return code === UNIMPLEMENTED ? 'its server is too old' : (details ?? silence(error));
}

/** A number of 64 bits, as gRPC gives it. */
const numberOf = (value: unknown): number | undefined =>
  value === null || value === undefined ? undefined : Number(value);
const times = (value: number | undefined, factor: number): number | undefined =>
  value === undefined ? undefined : value * factor;
