import type { AdviceTopic, JobTerms } from './job-kind';
import { executionOf } from './jobs-api';
import type { Side } from './side';
import type { ExecutionLook } from './where';

/** In brackets after a sentence; empty when the kind of jobs has no advice on it. */
function advice({ kind }: JobTerms, topic: AdviceTopic): string {
  const said = kind.advice?.[topic];
  return said === undefined ? '' : ` (${said})`;
}

/** For a probe job that ran on another side than requested, or on a side that nothing names. */
export function probeNotTaken(terms: JobTerms, side: Side, on: Side | undefined): string {
  const { sides, sideHeader } = terms.jobs;
  if (on === undefined) {
    const remedy =
      sideHeader === undefined
        ? 'the plan names no header that says it: write jobs.sideHeader'
        : `no answer has ${sideHeader} with the name of a side`;
    return `which side a probe job for ${sides[side]} went to is not known: ${remedy}${advice(terms, 'names-side')}`;
  }
  return `a probe job for ${sides[side]} went to ${sides[on]}: the API ignores the header x-rollout-probe, so the rollout cannot check whether reads follow the job before users depend on it${advice(terms, 'takes-probes')}`;
}

/** The API decides the side by one id and gives the job another: the job's id then does not explain its side. */
export function routedElsewhere(terms: JobTerms, id: string, routedId: string | undefined): string | undefined {
  if (routedId === undefined || routedId === id) return undefined;
  return `job ${id} was routed by another id, ${routedId}: the job must get the id that decides${advice(terms, 'id-decides')}`;
}

/** A running or completed job on the new side has an execution. A job without one exists only in a process's memory. */
export function keptInMemory(
  terms: JobTerms,
  id: string,
  status: string | undefined,
  look: ExecutionLook,
): string | undefined {
  if (look !== 'does-not-exist' || (status !== 'running' && status !== 'completed')) return undefined;
  const execution = executionOf(terms.jobs, id);
  return `job ${id} on ${terms.jobs.sides.new} says ${status}, but Step Functions has no execution ${execution}: the API keeps it in its own memory${advice(terms, 'kept-outside')}`;
}

interface LogsAnswer {
  readonly status: number;
  readonly text: string;
}

/** Logs must follow the job too. */
export function logsElsewhere(
  terms: JobTerms,
  { id, side }: { readonly id: string; readonly side: Side },
  answer: LogsAnswer,
): string | undefined {
  if (terms.kind.logsOfOtherSide?.(side, answer) !== true) return undefined;
  const on = terms.jobs.sides[side];
  return `the API reads the logs of job ${id} on ${on} from the other side: it answers ${answer.status}${advice(terms, 'reads-by-side')}`;
}

/** For a 5xx answer about a probe job. */
export function failingHandler({ kind }: JobTerms, topic: 'creates' | 'reads', status: number): string {
  const said = kind.advice?.[topic];
  if (status < 500 || said === undefined) return '';
  return `; the API fails to ${topic === 'creates' ? 'create' : 'read'} it: ${said}`;
}

interface Told {
  readonly instances: number;
  /** How many instances report which flag document they follow. */
  readonly sayDocument: number;
  readonly saysSide: boolean;
  readonly saysRoutedId: boolean;
}

/** Notes on what could not be checked directly. */
export function notTold(terms: JobTerms, { instances, sayDocument, saysSide, saysRoutedId }: Told): readonly string[] {
  const { sideHeader, routedIdHeader } = terms.jobs;
  const document = `${sayDocument} of ${instances} instances report which flag document they follow`;
  const side = `the sides are derived from the ids, because no answer has ${sideHeader}`;
  const routed = `no ${routedIdHeader} shows which id decided the side of a new job`;
  return [
    ...(sayDocument < instances ? [document + advice(terms, 'names-document')] : []),
    ...(saysSide || sideHeader === undefined ? [] : [side + advice(terms, 'names-side')]),
    ...(saysRoutedId || routedIdHeader === undefined ? [] : [routed + advice(terms, 'names-deciding-id')]),
  ];
}
