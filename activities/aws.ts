import { BatchClient } from '@aws-sdk/client-batch';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { ECRClient } from '@aws-sdk/client-ecr';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import type { AwsTarget } from '../rules/plan/environment-plan';
import { parseQuotas } from '../rules/call-budget';
import { CallBudgets } from './call-budgets';
import type { ClientConfig } from './client-config';
import { failFastConfig } from './client-config';

/** The AWS clients of one account and region. Temporal does the retries, so each client tries once. */
export interface AwsClients {
  readonly ssm: SSMClient;
  readonly cloudwatch: CloudWatchClient;
  readonly logs: CloudWatchLogsClient;
  readonly sfn: SFNClient;
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  readonly sts: STSClient;
  readonly batch: BatchClient;
  readonly s3: S3Client;
  readonly iam: IAMClient;
  readonly lambda: LambdaClient;
  readonly cloudformation: CloudFormationClient;
  /** By region: a registry may be in another one than what runs its images. */
  readonly ecr: (region: string) => ECRClient;
}

/** Gives the AWS clients of an account and region; the same target gets the same clients. */
export type AwsFor = (target: AwsTarget) => AwsClients;

/** Templates are up to a megabyte, and CloudFormation is slow with them. */
const STACK_REQUEST_TIMEOUT_MS = 15_000;
/** A function may run for 15 min; the caller bounds each invocation. */
const FUNCTION_TIMEOUT_MS = 15 * 60_000;
/** Long polls wait up to 20 s, each on a connection of its own: by default a client has 50, and further queues would wait for one. */
const LONG_POLL_TIMEOUT_MS = 25_000;
const LONG_POLLS = 10_000;

/**
 * Credentials, endpoint and retries from the standard chain; clients are made once per account, region and profile. Reads stay under
 * AWS's quotas, which ROLLOUT_AWS_QUOTAS may raise.
 */
export function createAwsFor(): AwsFor {
  const budgets = new CallBudgets(parseQuotas(process.env['ROLLOUT_AWS_QUOTAS']));
  return oncePerTarget((target) => {
    const clients = createClients(target);
    const { cloudwatch, ssm, sfn, logs } = clients;
    for (const client of [cloudwatch, ssm, sfn, logs]) budgets.limit(client, target);
    return clients;
  });
}

/** For the way to zero, which waits for no quota: an own set of clients, whose connections no other request holds. */
export const createAwsForZero = (): AwsFor => oncePerTarget(createClients);

function oncePerTarget(create: (target: AwsTarget) => AwsClients): AwsFor {
  const known = new Map<string, AwsClients>();
  return (target) => {
    const key = JSON.stringify([target.account, target.region, target.profile]);
    const clients = known.get(key) ?? create(target);
    known.set(key, clients);
    return clients;
  };
}

/** Kept, because each client has its own connections. */
function onePer<T>(make: (region: string) => T): (region: string) => T {
  const known = new Map<string, T>();
  return (region) => {
    const one = known.get(region) ?? make(region);
    known.set(region, one);
    return one;
  };
}

function createClients(target: AwsTarget): AwsClients {
  const base = failFastConfig(target);
  const waiting = (requestTimeout: number): ClientConfig => ({
    ...base,
    requestHandler: { ...base.requestHandler, requestTimeout },
  });
  const patient = waiting(STACK_REQUEST_TIMEOUT_MS);
  const many = { maxSockets: LONG_POLLS };
  const sockets = { httpAgent: many, httpsAgent: many };
  return {
    ssm: new SSMClient(base),
    cloudwatch: new CloudWatchClient(base),
    logs: new CloudWatchLogsClient(base),
    sfn: new SFNClient(base),
    sns: new SNSClient(base),
    sts: new STSClient(base),
    batch: new BatchClient(base),
    iam: new IAMClient(base),
    lambda: new LambdaClient(waiting(FUNCTION_TIMEOUT_MS)),
    cloudformation: new CloudFormationClient(patient),
    ecr: onePer((region) => new ECRClient({ ...base, region })),
    // Path style: an endpoint by IP address has no host names for buckets.
    s3: new S3Client({ ...patient, forcePathStyle: true }),
    sqs: new SQSClient({
      ...base,
      requestHandler: { ...sockets, ...base.requestHandler, requestTimeout: LONG_POLL_TIMEOUT_MS },
    }),
  };
}
