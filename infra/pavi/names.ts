import type { Stack } from 'aws-cdk-lib';

/**
 * Every fixed name of PAVI's resources in one environment (`dev`, `staging`, `prod`). Other programs and the rollout plan
 * know resources by these names, so they are written once and given explicitly instead of being generated.
 */
export interface PipelineNames {
  readonly pipelineStack: string;
  readonly computeStack: string;
  readonly stateMachine: string;
  readonly logGroup: string;
  readonly apiLogGroup: string;
  readonly bucket: string;
  readonly jobsTable: string;
  readonly flagParameter: string;
  readonly flagSalt: string;
  /** A SecureString created by people: no stack knows its address. */
  readonly webhookParameter: string;
  readonly dashboard: string;
  readonly alarmPush: string;
  readonly alarms: {
    readonly failed: string;
    readonly timedOut: string;
    readonly slow: string;
    readonly throttled: string;
  };
  readonly computeEnvironment: string;
  readonly jobQueue: string;
  readonly seqRetrievalJob: string;
  readonly alignmentJob: string;
}

export function pipelineNames(environment: string): PipelineNames {
  return {
    pipelineStack: `PaviStepFunctionsStack-${environment}`,
    computeStack: `PaviComputeStack-${environment}`,
    stateMachine: `pavi-pipeline-sfn-${environment}`,
    logGroup: `/aws/vendedlogs/states/pavi-pipeline-sfn-${environment}`,
    apiLogGroup: `/pavi/api/${environment}`,
    bucket: `agr-pavi-pipeline-stepfunctions-${environment}`,
    jobsTable: `pavi-jobs-${environment}`,
    flagParameter: `/pavi/${environment}/step-functions-rollout`,
    flagSalt: `pavi-${environment}`,
    webhookParameter: `/pavi/${environment}/rollout-webhook`,
    dashboard: `PAVI-StepFunctions-Pipeline-${environment}`,
    alarmPush: `pavi-rollout-alarms-${environment}`,
    alarms: {
      failed: `pavi-sfn-executions-failed-${environment}`,
      timedOut: `pavi-sfn-executions-timeout-${environment}`,
      slow: `pavi-sfn-execution-time-high-${environment}`,
      throttled: `pavi-sfn-executions-throttled-${environment}`,
    },
    computeEnvironment: `pavi_pipeline_ecs_${environment}`,
    jobQueue: `pavi_pipeline_${environment}`,
    seqRetrievalJob: `pavi-seq-retrieval-sfn-${environment}`,
    alignmentJob: `pavi-alignment-sfn-${environment}`,
  };
}

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
