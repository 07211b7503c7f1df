import { BatchClient } from '@aws-sdk/client-batch';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { IAMClient } from '@aws-sdk/client-iam';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import type { AwsTarget } from '../rules/plan/environment-plan';

/** The AWS clients of one account and region. Temporal does the retries, so each client tries once. */
export interface AwsClients {
  readonly ssm: SSMClient;
  readonly cloudwatch: CloudWatchClient;
  readonly logs: CloudWatchLogsClient;
  readonly sfn: SFNClient;
  readonly sqs: SQSClient;
  readonly sts: STSClient;
  readonly batch: BatchClient;
  readonly s3: S3Client;
  readonly iam: IAMClient;
  readonly cloudformation: CloudFormationClient;
}

export type AwsFor = (target: AwsTarget) => AwsClients;

/** A write that is given up after this long cannot be told from one that will still arrive: see `LATE_WRITE_MS`. */
const REQUEST_TIMEOUT_MS = 3_000;
/** Templates are up to a megabyte, and CloudFormation takes its time with them. */
const STACK_REQUEST_TIMEOUT_MS = 15_000;
/** Long polls wait 20 s by themselves. */
const LONG_POLL_TIMEOUT_MS = 25_000;

/** Credentials, endpoint and retries from the standard chain; clients are made once per account, region and profile. */
export function createAwsFor(): AwsFor {
  const known = new Map<string, AwsClients>();
  return (target) => {
    const key = JSON.stringify([target.account, target.region, target.profile]);
    const clients = known.get(key) ?? createClients(target);
    known.set(key, clients);
    return clients;
  };
}

function createClients({ region, profile }: AwsTarget): AwsClients {
  const base = { region, maxAttempts: 1, ...(profile === undefined ? {} : { profile }) };
  const quick = {
    ...base,
    requestHandler: { requestTimeout: REQUEST_TIMEOUT_MS, throwOnRequestTimeout: true, connectionTimeout: 1_000 },
  };
  const patient = {
    ...base,
    requestHandler: { ...quick.requestHandler, requestTimeout: STACK_REQUEST_TIMEOUT_MS },
  };
  return {
    ssm: new SSMClient(quick),
    cloudwatch: new CloudWatchClient(quick),
    logs: new CloudWatchLogsClient(quick),
    sfn: new SFNClient(quick),
    sts: new STSClient(quick),
    batch: new BatchClient(quick),
    iam: new IAMClient(quick),
    cloudformation: new CloudFormationClient(patient),
    // Path style: an endpoint by its address has no names for buckets.
    s3: new S3Client({ ...patient, forcePathStyle: true }),
    sqs: new SQSClient({
      ...base,
      requestHandler: { requestTimeout: LONG_POLL_TIMEOUT_MS, throwOnRequestTimeout: true, connectionTimeout: 1_000 },
    }),
  };
}
