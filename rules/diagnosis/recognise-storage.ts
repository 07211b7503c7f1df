import { bucketDenials } from './bucket-policy';
import type { Recognised } from './diagnosis';
import type { BucketSign, Evidence, RoleSign, Signs } from './signs';

/** Why jobs cannot reach their files: the bucket, its policy, or the policies of the jobs' role. */
export function storageCauses({ bucket, roles, region }: Signs): readonly Recognised[] {
  return [
    ...(bucket === undefined ? [] : [...bucketCauses(bucket, region), ...policyCauses(bucket, roles)]),
    ...roles.flatMap(roleCauses),
  ];
}

const denied = (part: Omit<Recognised, 'trouble' | 'evidence'>, evidence: Evidence): Recognised => ({
  trouble: 's3-access-denied',
  ...part,
  evidence: [evidence],
});

function bucketCauses({ name, kind, region: there }: BucketSign, region: string): readonly Recognised[] {
  const evidence = (says: string): Evidence => ({ source: 'HeadBucket', where: name, says });
  if (kind === 'missing') {
    const remedy =
      'deploy the stack that defines it with `rollout deploy`, or correct the name; the contents of a deleted bucket are lost';
    return [
      denied({ id: 'bucket-missing', cause: `the bucket ${name} does not exist`, remedy }, evidence('404 Not Found')),
    ];
  }
  if (there === undefined || there === region) return [];
  const cause = `the bucket ${name} is in ${there}, the pipeline in ${region}`;
  const remedy = `use a bucket in ${region}, or correct the name`;
  return [denied({ id: 'bucket-elsewhere', cause, remedy }, evidence(`region ${there}`))];
}

function policyCauses({ name, policy }: BucketSign, roles: readonly RoleSign[]): readonly Recognised[] {
  if (policy === undefined) return [];
  return bucketDenials(
    policy,
    roles.map(({ arn }) => arn),
  ).map((statement) => {
    const cause = `the policy of the bucket ${name} denies jobs access`;
    const remedy = 'remove that statement from the bucket policy, or exempt the role of the jobs';
    return denied(
      { id: 'bucket-policy-denies', cause, remedy },
      { source: 'GetBucketPolicy', where: name, says: statement },
    );
  });
}

function roleCauses({ arn, found, refused }: RoleSign): readonly Recognised[] {
  if (!found) {
    const remedy = 'deploy the stack with the job definitions again with `rollout deploy`: it also defines the role';
    const evidence = { source: 'SimulatePrincipalPolicy', where: arn, says: 'no such role' };
    return [
      denied(
        { id: 'job-role-missing', cause: `the role ${arn}, which jobs should run with, does not exist`, remedy },
        evidence,
      ),
    ];
  }
  return refused.map(({ action, resource, decision }) => {
    const cause = `the role of the jobs, ${arn}, is not allowed to do ${action} on ${resource}`;
    const remedy =
      'allow it in the policy of that role, or deploy the stack that defines the role again with `rollout deploy`';
    return denied(
      { id: 'role-lacks-s3', cause, remedy },
      { source: 'SimulatePrincipalPolicy', where: arn, says: `${action} on ${resource}: ${decision}` },
    );
  });
}
