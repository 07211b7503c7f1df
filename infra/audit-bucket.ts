import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectLockRetention } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

export interface AuditBucketProps {
  /** `audit.bucket` of the plan. */
  readonly bucketName: string;
  /** How long nobody can delete or overwrite an entry, the owner of the account included. */
  readonly keptFor: Duration;
}

/**
 * The bucket of the audit record: each object is locked from the moment it is written, in compliance mode. It stays when its
 * stack is deleted. In a stack that no rollout deploys, better still in an account of its own.
 */
export class AuditBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, { bucketName, keptFor }: AuditBucketProps) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      bucketName,
      versioned: true,
      objectLockEnabled: true,
      objectLockDefaultRetention: ObjectLockRetention.compliance(keptFor),
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }
}
