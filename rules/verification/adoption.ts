import type { Backend, ExecutionLook } from './backend';

/** The document with the numbered changes that an API needs to follow a rollout. */
const ADOPTION = 'docs/adopt-pavi.md';

const change = (...numbers: readonly number[]): string =>
  `${ADOPTION}, change${numbers.length === 1 ? '' : 's'} ${numbers.join(' and ')}`;

/** For a probe job that ran on another side than requested. */
export const probeNotTaken = (side: Backend, on: Backend | undefined): string =>
  `a probe job for ${side} went to ${on ?? 'an unknown side'}: the API ignores the header x-rollout-probe, so the rollout cannot check whether reads follow the job before users depend on it (${change(2)})`;

/** The API decides the side by one id and gives the job another: the job's id then does not explain its side. */
export function routedElsewhere(uuid: string, routedId: string | undefined): string | undefined {
  if (routedId === undefined || routedId === uuid) return undefined;
  return `job ${uuid} was routed by another id, ${routedId}: the job must get the id that decides (${change(3)})`;
}

/** A running or completed job on Step Functions has an execution. A job without one exists only in a process's memory. */
export function keptInMemory(uuid: string, status: string | undefined, look: ExecutionLook): string | undefined {
  if (look !== 'does-not-exist' || (status !== 'running' && status !== 'completed')) return undefined;
  return `job ${uuid} on step-functions says ${status}, but Step Functions has no execution pavi-job-${uuid}: the API keeps it in its own memory (${change(4)})`;
}

interface LogsAnswer {
  readonly status: number;
  readonly text: string;
}

/** Logs must follow the job too: PAVI answers 501 for a job on Step Functions and 404 for an unknown job. */
export function logsElsewhere(
  { uuid, side }: { readonly uuid: string; readonly side: Backend },
  { status, text }: LogsAnswer,
): string | undefined {
  const isWrong = side === 'nextflow' ? status === 501 : status === 404 && /job not found/i.test(text);
  if (!isWrong) return undefined;
  return `the API reads the logs of job ${uuid} on ${side} from the other side: it answers ${status} (${change(5)})`;
}

/** For a 5xx answer about a probe job: PAVI's handlers fail like this when some of the changes are missing. */
export function failingHandler(asked: 'create' | 'read', status: number): string {
  if (status < 500) return '';
  return asked === 'create'
    ? `; the API fails to create it: does it reach its table, by the right name (${change(3, 7)})`
    : `; the API fails to read it: is the id given as text, and the answer converted (${change(5)})`;
}

interface Told {
  readonly instances: number;
  /** How many instances report which flag document they follow. */
  readonly sayDocument: number;
  readonly saysBackend: boolean;
  readonly saysRoutedId: boolean;
}

/** Notes on what could not be checked directly. */
export function notTold({ instances, sayDocument, saysBackend, saysRoutedId }: Told): readonly string[] {
  return [
    ...(sayDocument < instances
      ? [`${sayDocument} of ${instances} instances report which flag document they follow (${change(6)})`]
      : []),
    ...(saysBackend
      ? []
      : [`the sides are derived from the ids, because no answer has x-pavi-backend (${change(2, 5)})`]),
    ...(saysRoutedId ? [] : [`no x-pavi-routed-id shows which id decided the side of a new job (${change(1, 2)})`]),
  ];
}
