import type { Signs } from '../../../rules/diagnosis/signs';
import { recognise } from '../../../rules/diagnosis/recognise';
import { failedExecution, NOW_MS, ROLE, signs } from './signs';

const withPolicy = (...statements: readonly object[]): Partial<Signs> => ({
  bucket: { name: 'files', kind: 'found', region: 'us-east-1', policy: JSON.stringify({ Statement: statements }) },
});
const deny = { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: 'arn:aws:s3:::files/*' };
const tls = { Bool: { 'aws:SecureTransport': 'false' } };
const line = (says: string): Partial<Signs> => ({
  logLines: [{ source: 'FilterLogEvents', where: '/aws/batch/job', atMs: NOW_MS, says }],
});

type Row = readonly [what: string, changes: Partial<Signs>, ids: readonly string[]];

const ROWS: readonly Row[] = [
  ['no bucket', { bucket: { name: 'files', kind: 'missing' } }, ['bucket-missing']],
  ['another region', { bucket: { name: 'files', kind: 'elsewhere', region: 'eu-west-1' } }, ['bucket-elsewhere']],
  [
    'found, but in another region',
    { bucket: { name: 'files', kind: 'found', region: 'eu-west-1' } },
    ['bucket-elsewhere'],
  ],
  ['a bucket that the worker may not look at', { bucket: { name: 'files', kind: 'hidden' } }, []],
  ['a policy that denies everybody', withPolicy(deny), ['bucket-policy-denies']],
  ['a policy that denies the role', withPolicy({ ...deny, Principal: { AWS: [ROLE] } }), ['bucket-policy-denies']],
  [
    'a policy that denies the account',
    withPolicy({ ...deny, Principal: { AWS: '100225593120' } }),
    ['bucket-policy-denies'],
  ],
  ['a policy that denies somebody else', withPolicy({ ...deny, Principal: { AWS: 'arn:aws:iam::1:role/x' } }), []],
  ['a policy that excepts the role', withPolicy({ ...deny, Principal: undefined, NotPrincipal: { AWS: ROLE } }), []],
  [
    'a policy that denies all but others',
    withPolicy({ ...deny, Principal: undefined, NotPrincipal: { AWS: 'arn:x' } }),
    ['bucket-policy-denies'],
  ],
  ['a policy that denies what jobs never do', withPolicy({ ...deny, Action: ['s3:DeleteBucket'] }), []],
  ['a policy against requests without TLS', withPolicy({ ...deny, Condition: tls }), []],
  ['a policy that allows', withPolicy({ ...deny, Effect: 'Allow' }), []],
  ['a policy that is no JSON', { bucket: { name: 'files', kind: 'found', policy: 'not JSON' } }, []],
  ['a missing role', { roles: [{ arn: ROLE, found: false, refused: [] }] }, ['job-role-missing']],
  [
    'a role without the right',
    {
      roles: [
        {
          arn: ROLE,
          found: true,
          refused: [{ action: 's3:PutObject', resource: 'arn:aws:s3:::files/work/x', decision: 'implicitDeny' }],
        },
      ],
    },
    ['role-lacks-s3'],
  ],
  [
    'a job that may not read',
    line('fatal error: An error occurred (403) when calling the HeadObject operation: Forbidden'),
    ['s3-denied'],
  ],
  [
    'a job that may not write',
    line(
      'botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling the PutObject operation: Access Denied',
    ),
    ['s3-denied'],
  ],
  [
    'an upload that failed',
    line(
      'upload failed: ./alignment.aln to s3://files/executions/1/alignment.aln An error occurred (AccessDenied) when calling the PutObject operation: Access Denied',
    ),
    ['s3-denied'],
  ],
  [
    'a job without its bucket',
    line('An error occurred (NoSuchBucket) when calling the PutObject operation: The specified bucket does not exist'),
    ['bucket-missing'],
  ],
  [
    'a job in the wrong region',
    line(
      'An error occurred (PermanentRedirect) when calling the GetObject operation: The bucket you are attempting to access must be addressed using the specified endpoint.',
    ),
    ['bucket-elsewhere'],
  ],
  ['a line about something else', line('Permission denied: ./run.sh'), []],
];

describe('S3 access', () => {
  it.each(ROWS)('%s', (_what, changes, ids) => {
    const causes = recognise(signs(changes));
    expect(causes.map(({ id }) => id)).toEqual(ids);
    for (const { trouble } of causes) expect(trouble).toBe('s3-access-denied');
  });

  it('explains the refusal that a job met by what refuses it', () => {
    const met = 'TaskFailed: S3.S3Exception: Access Denied (Service: S3, Status Code: 403, Request ID: 1)';
    const causes = recognise(signs({ executions: [failedExecution(met)], ...withPolicy(deny) }));
    expect(causes).toMatchObject([
      {
        id: 'bucket-policy-denies',
        evidence: [{ source: 'GetBucketPolicy' }, { source: 'GetExecutionHistory', says: met }],
      },
    ]);
  });
});

it('cuts evidence that goes on and on', () => {
  const Resource = Array.from({ length: 500 }, (_, i) => `arn:aws:s3:::files/${i}`);
  const [cause] = recognise(signs(withPolicy({ ...deny, Resource })));
  expect(cause?.evidence[0]?.says).toHaveLength(1_000);
});

it('tells the three troubles of the runbook in its order, and the unknown last', () => {
  const executions = [
    failedExecution('ExecutionFailed: Odd: ?'),
    failedExecution('TaskFailed: JobDefinition x not found'),
  ];
  const queue = { name: 'queue', found: false, computeEnvironments: [] };
  const causes = recognise(signs({ executions, queue, bucket: { name: 'files', kind: 'missing' } }));
  expect(causes.map(({ trouble }) => trouble)).toEqual([
    'executions-fail',
    'jobs-do-not-start',
    's3-access-denied',
    'unknown',
  ]);
});
