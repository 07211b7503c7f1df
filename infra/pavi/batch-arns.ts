import type { Stack } from 'aws-cdk-lib';
import type { PipelineNames } from './names';

export interface BatchArns {
  readonly jobQueue: string;
  /** Without a revision: Batch then uses the newest active one. */
  readonly seqRetrievalJob: string;
  readonly alignmentJob: string;
}

/**
 * Queue and job definitions by names instead of by a cross-stack export. An export would tie the two stacks together: the
 * pipeline could not be deployed alone, and a job definition could not be replaced while the pipeline uses it.
 */
export function batchArns(stack: Stack, names: PipelineNames): BatchArns {
  const arn = (resource: string, resourceName: string): string =>
    stack.formatArn({ service: 'batch', resource, resourceName });
  return {
    jobQueue: arn('job-queue', names.jobQueue),
    seqRetrievalJob: arn('job-definition', names.seqRetrievalJob),
    alignmentJob: arn('job-definition', names.alignmentJob),
  };
}
