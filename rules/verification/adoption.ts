import type { Backend, ExecutionLook } from './backend';

/** Where each change that an API needs to follow a rollout is written, by number. */
const ADOPTION = 'docs/adopt-pavi.md';

const change = (...numbers: readonly number[]): string =>
  `${ADOPTION}, change${numbers.length === 1 ? '' : 's'} ${numbers.join(' and ')}`;

/** Of a probe job that went to another side than the one it was put on. */
export const probeNotTaken = (side: Backend, on: Backend | undefined): string =>
  `a probe job for ${side} went to ${on ?? 'nobody knows where'}: the API does not let one choose by the header x-rollout-probe, so whether reads follow the job cannot be seen before jobs of people depend on it (${change(2)})`;

/** The side is decided by an id, and the job gets another: nobody can tell from a job's id why it is where it is. */
export function routedElsewhere(uuid: string, routedId: string | undefined): string | undefined {
  if (routedId === undefined || routedId === uuid) return undefined;
  return `job ${uuid} was routed by another id, ${routedId}: the job is not given the id that decides (${change(3)})`;
}

/** A job on Step Functions that runs or is done has an execution. One without is kept in the memory of a process. */
export function keptInMemory(uuid: string, status: string | undefined, look: ExecutionLook): string | undefined {
  if (look !== 'does-not-exist' || (status !== 'running' && status !== 'completed')) return undefined;
  return `job ${uuid} on step-functions says ${status}, and Step Functions has no execution pavi-job-${uuid}: the API keeps it in its own memory (${change(4)})`;
}

interface LogsAnswer {
  readonly status: number;
  readonly text: string;
}

/** Logs are read by the job too: 501 is PAVI's answer for a job on Step Functions, and it says which job it does not know. */
export function logsElsewhere(
  { uuid, side }: { readonly uuid: string; readonly side: Backend },
  { status, text }: LogsAnswer,
): string | undefined {
  const isWrong = side === 'nextflow' ? status === 501 : status === 404 && /job not found/i.test(text);
  if (!isWrong) return undefined;
  return `the logs of job ${uuid} on ${side} are looked for on the other side: they answer ${status} (${change(5)})`;
}

/** An answer of 5xx about a probe job: PAVI's handlers fail so where a part of the changes is missing. */
export function failingHandler(asked: 'create' | 'read', status: number): string {
  if (status < 500) return '';
  return asked === 'create'
    ? `; the API fails to create it: does it reach its table, by the right name (${change(3, 7)})`
    : `; the API fails to read it: is the id given as text, and the answer converted (${change(5)})`;
}

interface Told {
  readonly instances: number;
  /** How many say which flag document they follow. */
  readonly sayDocument: number;
  readonly saysBackend: boolean;
  readonly saysRoutedId: boolean;
}

/** What could be seen only later, or by something that may change. */
export function notTold({ instances, sayDocument, saysBackend, saysRoutedId }: Told): readonly string[] {
  return [
    ...(sayDocument < instances
      ? [`${sayDocument} of ${instances} say which flag document they follow (${change(6)})`]
      : []),
    ...(saysBackend ? [] : [`the sides are told by the ids, for no answer has x-pavi-backend (${change(2, 5)})`]),
    ...(saysRoutedId
      ? []
      : [`which id decided the side of a new job is not told by x-pavi-routed-id (${change(1, 2)})`]),
  ];
}
