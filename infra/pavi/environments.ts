import type { CheckPlaces } from '../check-access';
import type { DeliveryPlace } from '../delivery-access';

/** What differs, or may differ, between environments. All other code is the same in all three. */
export interface PipelineEnvironment {
  readonly environment: string;
  /** The AWS account the stacks belong to, twelve digits. The context key `account` replaces it. */
  readonly account: string;
  readonly region: string;
  readonly executionTimeoutMinutes: number;
  /** Sequences retrieved at the same time by one execution. */
  readonly maxParallelRetrievals: number;
  readonly logRetentionDays: 7 | 30 | 90;
  readonly workFileDays: number;
  /** Limits of the four alarms, each over one period of five minutes. */
  readonly alarms: {
    readonly failedExecutions: number;
    readonly timedOutExecutions: number;
    readonly averageExecutionMs: number;
    readonly throttledExecutions: number;
  };
  /** ARNs of the topics that the plan's `notify` names, if any: the worker may publish to them. */
  readonly noticeTopics?: readonly string[];
  /** Names of the secrets of Secrets Manager that `notify` names. */
  readonly noticeSecrets?: readonly string[];
  /** Where the worker may deliver the flags as environment variables or weights, for a plan whose `flag.delivery` names it. */
  readonly delivery?: DeliveryPlace;
  /** What checks of the plan start, invoke or read, if any. */
  readonly checks?: CheckPlaces;
  readonly network: Network;
  readonly maxVcpus: number;
  readonly jobs: {
    readonly seqRetrieval: JobSize;
    readonly alignment: JobSize;
  };
}

/** Given literally, so that the app synthesizes without asking AWS. */
export interface Network {
  readonly vpcId: string;
  readonly availabilityZones: readonly string[];
  /** One private subnet with internet access per zone, in the same order. */
  readonly privateSubnetIds: readonly string[];
  /** Of all these subnets. */
  readonly privateRouteTableId: string;
}

/** One kind of job: its container and its resources. */
export interface JobSize {
  readonly repository: string;
  readonly tag: string;
  readonly vcpus: number;
  readonly memoryMib: number;
}

const allianceVpc: Network = {
  vpcId: 'vpc-55522232',
  availabilityZones: ['us-east-1a', 'us-east-1b', 'us-east-1c', 'us-east-1d', 'us-east-1f'],
  privateSubnetIds: [
    'subnet-0d4703177afb1797d',
    'subnet-04262fc338f638054',
    'subnet-044457c061edf85f2',
    'subnet-04019d42d5c9e6fb9',
    'subnet-049778993fb504a7c',
  ],
  privateRouteTableId: 'rtb-05e12b551f60b37ed',
};

/** All environments, in any account, take their images from the same registry. */
export const imageRegistry = { account: '100225593120', region: 'us-east-1' } as const;

export const imageUri = ({ repository, tag }: JobSize): string =>
  `${imageRegistry.account}.dkr.ecr.${imageRegistry.region}.amazonaws.com/${repository}:${tag}`;

/** So far the environments differ only in their names. */
const common: Omit<PipelineEnvironment, 'environment'> = {
  account: '100225593120',
  region: 'us-east-1',
  executionTimeoutMinutes: 30,
  maxParallelRetrievals: 40,
  logRetentionDays: 30,
  workFileDays: 30,
  alarms: { failedExecutions: 1, timedOutExecutions: 1, averageExecutionMs: 1_800_000, throttledExecutions: 1 },
  network: allianceVpc,
  maxVcpus: 256,
  jobs: {
    seqRetrieval: { repository: 'agr_pavi/pipeline_seq_retrieval', tag: 'main', vcpus: 1, memoryMib: 500 },
    alignment: { repository: 'agr_pavi/pipeline_alignment', tag: 'main', vcpus: 2, memoryMib: 2048 },
  },
};

export const dev: PipelineEnvironment = { ...common, environment: 'dev' };
export const staging: PipelineEnvironment = { ...common, environment: 'staging' };
export const prod: PipelineEnvironment = { ...common, environment: 'prod' };
