import { Duration, Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { AuditBucket } from '../../../infra/audit-bucket';
import { accessNames, RolloutAccess } from '../../../infra/rollout-access';
import { constructText } from '../../../rules/plan/construct-text';
import { workerPolicy } from '../../../rules/plan/worker-policy';
import { allows, askedByTheWorker, statementsIn } from '../../helpers/infra/policies';
import { anApp } from '../../helpers/infra/an-app';
import { templateOf } from '../../helpers/infra/template-of';
import { aPlan } from '../../helpers/samples/plans';

const env = { account: '111111111111', region: 'eu-west-1' };
const audit = { bucket: 'shop-records', prefix: 'rollouts/' };
const place = { service: 'shop', environment: 'prod' };
const plan = aPlan({ ...place, aws: env, audit });
const stack = new Stack(anApp(), 'Access', { env });
new RolloutAccess(stack, 'Access', { ...place, flagParameter: '/shop/prod/rollout', audit });
const statements = statementsIn(templateOf(stack), accessNames('shop', 'prod').worker);
const ofS3 = statements.filter(({ Action }) => Action.some((action) => action.startsWith('s3:')));
const FOLDER = 'arn:aws:s3:::shop-records/rollouts/shop/prod/*';

it('the worker may add entries to its own folder and read them, and nothing that changes or removes one', () =>
  expect(ofS3).toEqual([
    {
      Effect: 'Allow',
      Action: ['s3:PutObject', 's3:GetObject', 's3:GetObjectVersion'],
      Resource: [FOLDER],
      Condition: undefined,
    },
    {
      Effect: 'Allow',
      Action: ['s3:ListBucketVersions'],
      Resource: ['arn:aws:s3:::shop-records'],
      Condition: { StringLike: { 's3:prefix': 'rollouts/shop/prod/*' } },
    },
    {
      Effect: 'Allow',
      Action: ['s3:GetBucketVersioning', 's3:GetBucketObjectLockConfiguration'],
      Resource: ['arn:aws:s3:::shop-records'],
      Condition: undefined,
    },
  ]));

it('that is all that its code asks for', () => {
  const asked = askedByTheWorker().filter(([, file]) => /audit(\/|\.ts$)/.test(file));
  expect(asked.length).toBeGreaterThan(4);
  expect(asked.filter(([action]) => !allows(ofS3, action))).toEqual([]);
});

it('`rollout init` prints the same rights, and the constructs with the bucket', () => {
  const printed = workerPolicy(plan).Statement.filter(({ Action }) => Action[0]?.startsWith('s3:'));
  expect(printed).toEqual(ofS3);
  expect(constructText(plan)).toContain('audit: {"bucket":"shop-records","prefix":"rollouts/"}');
});

it('a plan without a record has no right in S3', () => {
  const { audit: _, ...without } = plan;
  expect(JSON.stringify(workerPolicy(without))).not.toContain('s3:');
});

it('the bucket locks each entry from the moment it is written, and stays when its stack is deleted', () => {
  const own = new Stack(anApp(), 'Records', { env });
  new AuditBucket(own, 'Records', { bucketName: audit.bucket, keptFor: Duration.days(365) });
  templateOf(own).hasResource('AWS::S3::Bucket', {
    DeletionPolicy: 'Retain',
    Properties: Match.objectLike({
      BucketName: 'shop-records',
      ObjectLockEnabled: true,
      ObjectLockConfiguration: {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 365 } },
      },
      VersioningConfiguration: { Status: 'Enabled' },
      PublicAccessBlockConfiguration: Match.objectLike({ BlockPublicPolicy: true, RestrictPublicBuckets: true }),
    }),
  });
});
