import { formatDuration } from '../format';
import { addingWords, type ListedAttribute, typeWord } from '../listed';
import type { Finding } from './doctor-report';

/** What Temporal says of a namespace and its server; undefined is what it does not say, as to a key that may not ask. */
export interface NamespaceReading {
  readonly namespace: string;
  /** Types of its own search attributes by name, as `KEYWORD`. */
  readonly types?: Readonly<Record<string, string>>;
  /** How long it keeps what has ended. */
  readonly retentionMs?: number;
  readonly blobBytes?: number;
  readonly memoBytes?: number;
  /** Whether it takes updates, the verbs that may be refused. */
  readonly takesUpdates?: boolean;
  /** Whether it knows deployments of workers; else why not. */
  readonly versioning: { readonly known: true } | { readonly known: false; readonly why: string };
  readonly serverVersion?: string;
  /** 0 or undefined where Temporal keeps that to itself, as Temporal Cloud does. */
  readonly shards?: number;
}

export interface NamespaceAround {
  readonly attributes: readonly ListedAttribute[];
  /** From the start of a rollout to its end, at the earliest. */
  readonly rolloutMs: number;
}

/** The oldest server that has versions of workers as the worker uses them. */
const OLDEST_SERVER = [1, 29] as const;
/** With fewer, few hosts share the load, and none can be added: the number is set when the cluster is made. */
const FEW_SHARDS = 64;
/** What a rollout sends at most is far below. */
const NEEDED_BLOB_BYTES = 512 * 1024;
/** The state of a rollout is in its memo, in short. */
const NEEDED_MEMO_BYTES = 16 * 1024;
const GUIDE = 'docs/cluster.md';

/** For `rollout doctor --deep`: one for each thing that an operator sets on a namespace or a cluster. */
export function namespaceFindings(reading: NamespaceReading, around: NamespaceAround): readonly Finding[] {
  return [
    serverFinding(reading),
    ...shardsFindings(reading),
    typesFinding(reading, around),
    retentionFinding(reading, around),
    limitsFinding(reading),
    updatesFinding(reading),
    versioningFinding(reading),
  ];
}

const unknown = (subject: string, remedy: string): Finding => ({
  subject,
  level: 'warning',
  what: 'is NOT KNOWN: Temporal does not show it to this client',
  remedy,
});

function serverFinding({ serverVersion }: NamespaceReading): Finding {
  const subject = "Temporal's server";
  if (serverVersion === undefined || serverVersion === '')
    return unknown(subject, 'give this client the right to call GetSystemInfo');
  const [major = 0, minor = 0] = serverVersion.split('.').map((part) => Number.parseInt(part, 10));
  const isOld = major < OLDEST_SERVER[0] || (major === OLDEST_SERVER[0] && minor < OLDEST_SERVER[1]);
  const what = `version ${serverVersion}`;
  if (!isOld) return { subject, level: 'ok', what };
  const remedy = `upgrade it, one minor version after the other, to ${OLDEST_SERVER.join('.')} or newer`;
  return { subject, level: 'warning', what: `${what}: older than any that this program is tested with`, remedy };
}

function shardsFindings({ shards }: NamespaceReading): readonly Finding[] {
  if (shards === undefined || shards === 0) return [];
  const subject = 'history shards';
  if (shards >= FEW_SHARDS) return [{ subject, level: 'ok', what: `${shards}` }];
  const what = `${shards}: enough to try it out, too few for a cluster that is to grow, and the number cannot be changed later`;
  return [{ subject, level: 'warning', what, remedy: `make a new cluster with ${FEW_SHARDS} or more: ${GUIDE}` }];
}

/** A missing one has a finding of its own; a wrong type fails every task that sets it. */
function typesFinding({ namespace, types }: NamespaceReading, { attributes }: NamespaceAround): Finding {
  const subject = `types of search attributes of namespace ${namespace}`;
  if (types === undefined) return unknown(subject, 'compare them with docs/production.md in the page of the namespace');
  const wrong = attributes.filter(({ name, type }) => types[name] !== undefined && types[name] !== type);
  if (wrong.length === 0) return { subject, level: 'ok', what: 'are those that the workflows write' };
  const words = wrong.map((one) => `${one.name} is ${typeWord({ type: types[one.name] ?? '' })}, not ${typeWord(one)}`);
  const names = wrong.map(({ name }) => name);
  const removing = names.map((name) => `--name ${name}`).join(' ');
  return {
    subject,
    level: 'problem',
    what: `${words.join('; ')}: every task of a rollout would fail`,
    remedy: `\`temporal operator search-attribute remove --namespace ${namespace} ${removing}\`, then ${addingWords(attributes, names, namespace)}`,
  };
}

function retentionFinding({ namespace, retentionMs }: NamespaceReading, { rolloutMs }: NamespaceAround): Finding {
  const subject = `retention of namespace ${namespace}`;
  if (retentionMs === undefined) return unknown(subject, 'look it up in the page of the namespace');
  const kept = `what has ended is kept for ${formatDuration(retentionMs)}`;
  if (retentionMs >= rolloutMs) return { subject, level: 'ok', what: kept };
  return {
    subject,
    level: 'warning',
    what: `${kept}, and a rollout takes ${formatDuration(rolloutMs)}: the deployment and the verification before it are forgotten while it runs, and its report soon after it`,
    remedy: `\`temporal operator namespace update --namespace ${namespace} --retention ${daysFor(rolloutMs)}d\`, in Temporal Cloud \`tcld namespace retention set --namespace ${namespace} --retention-days ${daysFor(rolloutMs)}\``,
  };
}

const DAY_MS = 24 * 3_600_000;
const MONTH_DAYS = 30;
const daysFor = (rolloutMs: number): number => Math.max(MONTH_DAYS, Math.ceil(rolloutMs / DAY_MS) + MONTH_DAYS);

function limitsFinding({ namespace, blobBytes, memoBytes }: NamespaceReading): Finding {
  const subject = `limits of namespace ${namespace}`;
  const hidden = 'the limits of a history (51,200 events and 50 MB unless set otherwise) are not shown';
  if (blobBytes === undefined || memoBytes === undefined || blobBytes === 0)
    return { subject, level: 'ok', what: `${hidden}, nor those of a payload and a memo: assumed to be the defaults` };
  const what = `payload ${kilobytes(blobBytes)}, memo ${kilobytes(memoBytes)}; ${hidden}`;
  if (blobBytes >= NEEDED_BLOB_BYTES && memoBytes >= NEEDED_MEMO_BYTES) return { subject, level: 'ok', what };
  return {
    subject,
    level: 'problem',
    what: `${what}: too small for the state of a rollout`,
    remedy: 'remove `limit.blobSize.error` and `limit.memoSize.error` from the dynamic configuration of the cluster',
  };
}

const kilobytes = (bytes: number): string => `${Math.round(bytes / 1_024).toLocaleString('en-US')} KiB`;

function updatesFinding({ takesUpdates }: NamespaceReading): Finding {
  const subject = 'updates';
  if (takesUpdates === undefined) return unknown(subject, 'give this client the right to call DescribeNamespace');
  if (takesUpdates)
    return { subject, level: 'ok', what: '`approve`, `promote` and the other verbs that may be refused work' };
  return {
    subject,
    level: 'problem',
    what: 'are turned off: `approve`, `reject`, `promote`, `skip` and `extend` fail; `abort` and `pause` work',
    remedy: 'remove `frontend.enableUpdateWorkflowExecution` from the dynamic configuration of the cluster',
  };
}

function versioningFinding({ versioning }: NamespaceReading): Finding {
  const subject = 'versions of workers';
  if (versioning.known)
    return {
      subject,
      level: 'ok',
      what: '`ROLLOUT_WORKER_VERSIONING=on` works: a new build takes over when it replays what runs',
    };
  return {
    subject,
    level: 'warning',
    what: `Temporal does not take them (${versioning.why}): with \`ROLLOUT_WORKER_VERSIONING=on\` the worker does not start`,
    remedy:
      'set `system.enableDeploymentVersions: true` in the dynamic configuration, or leave ROLLOUT_WORKER_VERSIONING off',
  };
}
