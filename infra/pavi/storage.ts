import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { PipelineEnvironment } from './environments';
import { pipelineNames } from './names';

/**
 * Retained once created, but not when the deployment that creates it fails: with its fixed name, a leftover would make the
 * next deployment fail.
 */
const KEPT = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;

/** Work files expire; results under `executions/{execution}/results/` stay. */
export function workBucket(scope: Construct, id: string, props: PipelineEnvironment): Bucket {
  return new Bucket(scope, id, {
    bucketName: pipelineNames(props.environment).bucket,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    removalPolicy: KEPT,
    lifecycleRules: [
      { id: 'expire-work-files', prefix: 'work/', expiration: Duration.days(props.workFileDays) },
      { id: 'abort-unfinished-uploads', abortIncompleteMultipartUploadAfter: Duration.days(7) },
    ],
  });
}

/** One item per job, deleted by DynamoDB after its `ttl` (seconds since 1970). */
export function jobsTable(scope: Construct, id: string, props: PipelineEnvironment): Table {
  const table = new Table(scope, id, {
    tableName: pipelineNames(props.environment).jobsTable,
    partitionKey: { name: 'job_id', type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    timeToLiveAttribute: 'ttl',
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    removalPolicy: KEPT,
  });
  table.addGlobalSecondaryIndex({
    indexName: 'status-created_at-index',
    partitionKey: { name: 'status', type: AttributeType.STRING },
    sortKey: { name: 'created_at', type: AttributeType.STRING },
    projectionType: ProjectionType.ALL,
  });
  return table;
}
