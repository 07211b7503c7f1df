import type { KnownText } from './known-text';

const NOT_AUTHORIZED =
  /(?:User|principal):? (\S+) is not authorized to perform: ([\w-]+:[\w*]+)(?: on resource: "?([^\s"]+))?/;

/** Texts in events of Step Functions executions, and of failures of Batch jobs that ran. */
export const EXECUTION_TEXTS: readonly KnownText[] = [
  {
    trouble: 'executions-fail',
    id: 'job-definition-missing',
    pattern:
      /Job ?Definition[^.]{0,300}?(?:not found|does not exist|not in ACTIVE|is (?:not valid|INACTIVE|inactive)|deregistered)/i,
    cause: () => 'the state machine requests a job definition that does not exist or is no longer active',
    remedy:
      'deploy the stack with the job definitions again with `rollout deploy`, or correct the name in the state machine',
  },
  {
    trouble: 'executions-fail',
    id: 'role-not-assumable',
    pattern: /is not authorized to assume the provided role|is not authorized to perform: sts:AssumeRole/,
    cause: () => 'the role of the state machine or of the jobs cannot be assumed: its trust policy does not allow it',
    remedy:
      'deploy the stack with the role again with `rollout deploy`; its trust policy must name states.amazonaws.com or ecs-tasks.amazonaws.com',
  },
  {
    trouble: 'executions-fail',
    id: 'access-denied',
    pattern: NOT_AUTHORIZED,
    cause: ([, who, action, resource]) =>
      `${who ?? 'a role'} is not allowed to do ${action ?? 'this'}${resource === undefined ? '' : ` on ${resource}`}`,
    remedy:
      'allow that action in the policy of that role (run `rollout deploy` again, or ask the person who changed it manually)',
  },
  {
    trouble: 'executions-fail',
    id: 'access-denied',
    pattern: /AccessDenied|States\.Permissions|not authorized to create managed-rule|UnauthorizedOperation/,
    cause: () => 'a role of the pipeline lacks a permission',
    remedy: 'find the refused action in the evidence, and allow it in the policy of that role',
  },
  {
    trouble: 'executions-fail',
    id: 'input-does-not-fit',
    pattern:
      /could not be found in the input|States\.ParameterPathFailure|States\.ResultPathMatchFailure|Invalid path '\$|Unable to apply (?:Reference)?Path|Reference path .* must point to/,
    cause: () =>
      'the input of the execution is not what the state machine expects: the API and the state machine do not agree',
    remedy: 'compare what the API sends with the definition of the state machine; deploy matching versions',
  },
  {
    trouble: 'executions-fail',
    id: 'too-much-data',
    pattern: /States\.DataLimitExceeded|exceeding the maximum number of (?:bytes|characters) service limit/,
    cause: () => 'a state passed on more data than Step Functions allows (256 KiB)',
    remedy: 'send less in one job, or keep the data in S3 and pass its address',
  },
  {
    trouble: 'executions-fail',
    id: 'out-of-memory',
    pattern: /OutOfMemory|Container killed due to memory usage|OOMKilled/i,
    cause: () => 'a job needed more memory than its job definition gives it',
    remedy: 'give the job more memory in its job definition, or send less in one job',
  },
  {
    trouble: 'executions-fail',
    id: 'machine-lost',
    pattern: /Host EC2 \(instance \S+\) terminated/,
    cause: () => 'the machine of a running job was terminated',
    remedy: 'submit the job again; if it happens often, do not use spot machines',
  },
  {
    trouble: 'executions-fail',
    id: 'throttled',
    pattern: /TooManyRequests|ThrottlingException|Rate exceeded|RequestLimitExceeded/,
    cause: () => 'AWS throttled the requests: too many in too short a time',
    remedy: 'wait; if it lasts, start fewer jobs at once or request a higher limit',
  },
  {
    trouble: 'executions-fail',
    id: 'took-too-long',
    pattern: /States\.Timeout|States\.HeartbeatTimeout|Job attempt duration exceeded timeout/,
    cause: () => 'it timed out',
    remedy:
      'check whether jobs wait to start; if they were running the whole time, send less in one job or allow more time',
    isSymptom: true,
  },
  {
    trouble: 'executions-fail',
    id: 'program-failed',
    pattern: /Essential container in task exited|Task failed to start/,
    cause: () => 'the program in the container of a job ended with an error',
    remedy: 'read the last lines of its log: they show why',
    isSymptom: true,
  },
];
