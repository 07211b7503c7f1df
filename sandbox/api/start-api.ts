import type { AddressInfo } from 'node:net';
import { pipelineNames } from '../../infra/pavi/names';
import type { ReadsBy } from '../../pavi/unsafe-tuples';
import type { AwsTarget } from '../../rules/plan/environment-plan';
import { stateMachineArn } from '../aws/client-config';
import { type FinishedJob, startApiLog } from './api-log';
import type { DeploymentTarget } from './deployment-status';
import { flagsFromParameter, type RelayPlace } from './flag-source';
import { flagsFromVariables, type FlagVariables } from './flag-variables';
import { NextflowJobs } from './nextflow-jobs';
import { Regression } from './regression';
import { createServer } from './server';
import { StepFunctionsJobs } from './step-functions-jobs';

export interface ApiOptions {
  readonly environment: string;
  readonly aws: AwsTarget;
  /** Default: the names of the environment's stacks (`infra/pavi/names.ts`). */
  readonly stateMachineArn?: string;
  readonly jobQueueArn?: string;
  readonly jobsTable?: string;
  /** Where the pipeline writes its results. */
  readonly resultsBucket?: string;
  readonly flagParameter?: string;
  readonly logGroup?: string;
  /** 0 or absent: a free port. */
  readonly port?: number;
  /** Default: loopback; a container needs 0.0.0.0. */
  readonly host?: string;
  /** How long a simulated Nextflow run takes; default: 3 s. */
  readonly nextflowMs?: number;
  /** Time between two reads of the flag parameter; default: 250 ms. */
  readonly flagRefreshMs?: number;
  /** Tells of a change of the flag at once; default: none, only the reads. */
  readonly relay?: RelayPlace;
  /** Shared with everything else that runs jobs; default: one of its own. */
  readonly regression?: Regression;
  /** `switch` plays PAVI's defect; default: by the job. */
  readonly readsBy?: ReadsBy;
  /** Whether it takes probe jobs; default: yes. PAVI's API does not. */
  readonly takesProbes?: boolean;
  /** Uses these variables in place of the flag parameter, as PAVI's API does today. */
  readonly variables?: FlagVariables;
  /** The id that it reports in its health, when several instances serve one API. */
  readonly instance?: string;
}

export interface RunningApi {
  /** As `http://127.0.0.1:4711`, without `/api`. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Starts the sample PAVI API of one environment. It needs no deployment: without a flag parameter all jobs go to Nextflow. */
export async function startApi(options: ApiOptions): Promise<RunningApi> {
  const target = targetOf(options);
  const parameter = options.flagParameter ?? pipelineNames(options.environment).flagParameter;
  const { variables, instance } = options;
  const flags =
    variables === undefined
      ? flagsFromParameter(options.aws, parameter, { refreshMs: options.flagRefreshMs ?? 250, relay: options.relay })
      : flagsFromVariables(options.environment, variables);
  const log = startApiLog(options.aws, options.logGroup ?? pipelineNames(options.environment).apiLogGroup);
  const finished = (job: FinishedJob): void => log.write({ event: 'job-finished', ...job });
  const stepFunctions = new StepFunctionsJobs(target, finished);
  const nextflow = new NextflowJobs(options.nextflowMs ?? 3_000, finished);
  const { readsBy = 'job', takesProbes = true, regression = new Regression() } = options;
  const parts = { target, flags, stepFunctions, nextflow, regression, readsBy, takesProbes, log, instance };
  const server = createServer(parts);
  const close = async (): Promise<void> => {
    flags.close();
    await server.close();
    stepFunctions.close();
    await log.close();
  };
  try {
    await flags.refresh();
    await server.listen({ host: options.host ?? '127.0.0.1', port: options.port ?? 0 });
  } catch (error) {
    await close();
    throw error;
  }
  return { url: `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`, close };
}

function targetOf({ environment, aws, ...given }: ApiOptions): DeploymentTarget {
  const names = pipelineNames(environment);
  return {
    environment,
    aws,
    stateMachineArn: given.stateMachineArn ?? stateMachineArn(aws, names.stateMachine),
    jobQueueArn: given.jobQueueArn ?? `arn:aws:batch:${aws.region}:${aws.account}:job-queue/${names.jobQueue}`,
    jobsTable: given.jobsTable ?? names.jobsTable,
    bucket: names.bucket,
    resultsBucket: given.resultsBucket ?? names.bucket,
  };
}
