import type { KnownText } from './known-text';

const S3_CALL = '(?:Get|Put|Head|Delete|Copy|List|Create|Upload|Complete|Abort)\\w*(?:Object|Bucket|Upload|Part)\\w*';

/** Errors of S3 as the AWS CLI, the SDKs and Step Functions report them. */
export const STORAGE_TEXTS: readonly KnownText[] = [
  {
    trouble: 's3-access-denied',
    id: 'bucket-missing',
    pattern: /NoSuchBucket|The specified bucket does not exist/,
    cause: () => 'jobs use a bucket that does not exist',
    remedy:
      'find out which bucket the job names, then deploy the stack that defines it with `rollout deploy` or correct the name',
  },
  {
    trouble: 's3-access-denied',
    id: 'bucket-elsewhere',
    pattern:
      /PermanentRedirect|must be addressed using the specified endpoint|AuthorizationHeaderMalformed.*expecting '([\w-]+)'|IllegalLocationConstraintException/,
    cause: ([, region]) => `jobs use a bucket in another region${region === undefined ? '' : `, ${region}`}`,
    remedy: 'use a bucket in the region of the pipeline, or correct its name',
  },
  {
    trouble: 's3-access-denied',
    id: 's3-denied',
    pattern: /is not authorized to perform: (s3:\w+)(?: on resource: "?([^\s"]+))?/,
    cause: ([, action, resource]) => `S3 refuses ${action}${resource === undefined ? '' : ` on ${resource}`}`,
    remedy: "allow it in the policy of the jobs' role, and check that no bucket policy denies it",
    isSymptom: true,
  },
  {
    trouble: 's3-access-denied',
    id: 's3-denied',
    pattern: new RegExp(
      `An error occurred \\((?:AccessDenied|403)\\) when calling the (${S3_CALL}) operation|(?:download|upload|copy) failed: .*s3://.*(?:AccessDenied|Access Denied|Forbidden)|Service: (?:Amazon )?S3;? .*(?:AccessDenied|Status Code: 403)|S3(?:\\.S3)?Exception.*Access ?Denied`,
      'i',
    ),
    cause: ([, call]) => `S3 refuses jobs access${call === undefined ? '' : ` (${call})`}`,
    remedy: "check the policy of the jobs' role and the bucket policy: one of them does not allow it",
    isSymptom: true,
  },
];
