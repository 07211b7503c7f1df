import type { KnownText } from './known-text';

/** `statusReason` of Batch jobs, queues and compute environments ("Jobs stuck in a RUNNABLE status", user guide of Batch). */
export const COMPUTE_TEXTS: readonly KnownText[] = [
  {
    trouble: 'jobs-do-not-start',
    id: 'queue-missing',
    pattern: /Job ?Queue[^.]{0,300}?(?:not found|does not exist|is not valid)/i,
    cause: () => 'the state machine sends jobs to a queue that does not exist',
    remedy: 'deploy the stack with the job queue again with `rollout deploy`, or correct the name in the state machine',
  },
  {
    trouble: 'jobs-do-not-start',
    id: 'queue-disabled',
    pattern: /Job ?Queue[^.]{0,300}?(?:DISABLED|not enabled|disabled state)/i,
    cause: () => 'the job queue is disabled',
    remedy: 'enable it again: Batch console, job queues, enable',
  },
  {
    trouble: 'jobs-do-not-start',
    id: 'image-missing',
    pattern:
      /CannotPullContainerError|(?:manifest for|image) \S+ (?:not found|does not exist)|repository does not exist or may require|failed to resolve ref/i,
    cause: () =>
      'the container image of a job cannot be pulled: it does not exist, or the machines lack permission or a route to it',
    remedy:
      'check that the image and its tag are in the registry; if they are, check that the instance role may pull it and that the subnets reach the registry',
  },
  {
    trouble: 'jobs-do-not-start',
    id: 'network',
    pattern:
      /InvalidSubnet|subnet[- ]?(?:ID)? ?'?\S*'? (?:does not exist|is not valid|not found)|subnet .*(?:not enough|insufficient).*address|InsufficientFreeAddressesInSubnet|InvalidGroup\.NotFound|security group '?\S*'? does not exist|ResourceInitializationError/i,
    cause: () =>
      'the machines cannot be placed in the network: a subnet or a security group is missing, is full or has no route out',
    remedy:
      "check that the compute environment's subnets and security groups exist, have free addresses and a route out (NAT)",
  },
  {
    trouble: 'jobs-do-not-start',
    id: 'quota-reached',
    pattern:
      /VcpuLimitExceeded|vCPU capacity than your current vCPU limit|InstanceLimitExceeded|MaxSpotInstanceCountExceeded/i,
    cause: () => "the account's quota for machines in this region is reached",
    remedy: 'wait for other jobs to end, or request a higher quota (Service Quotas, EC2)',
  },
  {
    trouble: 'jobs-do-not-start',
    id: 'aws-has-no-machines',
    pattern: /CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY|InsufficientInstanceCapacity/,
    cause: () => 'AWS has no free capacity for the requested instance types at this time',
    remedy: 'wait: Batch keeps trying; if it lasts, allow more instance types or more zones in the compute environment',
  },
  {
    trouble: 'jobs-do-not-start',
    id: 'compute-too-small',
    pattern: /MISCONFIGURATION:(?:COMPUTE_ENVIRONMENT_MAX_RESOURCE|JOB_RESOURCE_REQUIREMENT)/,
    cause: () => 'a job requests more than any machine of the compute environment can have: it would wait forever',
    remedy: 'request less in the job definition, or raise maxvCpus or the instance types of the compute environment',
  },
  {
    trouble: 'jobs-do-not-start',
    id: 'instance-type-unsupported',
    pattern: /MISCONFIGURATION:EC2_INSTANCE_CONFIGURATION_UNSUPPORTED/,
    cause: () => 'the compute environment requests an instance type that does not exist in its zones',
    remedy: 'correct the instance types or the launch template of the compute environment',
  },
  {
    trouble: 'jobs-do-not-start',
    id: 'service-role',
    pattern:
      /MISCONFIGURATION:SERVICE_ROLE_PERMISSIONS|batch\.amazonaws\.com is not authorized|aws-batch is not authorized/,
    cause: () => 'Batch cannot start machines: its service role lacks a permission',
    remedy: 'give the compute environment the service-linked role of Batch (AWSServiceRoleForBatch)',
  },
  {
    trouble: 'jobs-do-not-start',
    id: 'compute-invalid',
    pattern: /ACTION_REQUIRED - CE\(s\) associated with the job queue are invalid/,
    cause: () => 'every compute environment of the queue is invalid',
    remedy: 'open the compute environment in the Batch console: it shows what is wrong',
  },
];
