import { recognise } from '../../../rules/diagnosis/recognise';
import { failedExecution, NOW_MS, signs } from './signs';

const BATCH = 'TaskFailed in AlignSequences: Batch.';

/** As AWS words them: histories in its documentation, in issues of the SDKs, and in reports of others. */
const TEXTS: readonly (readonly [id: string, text: string])[] = [
  [
    'job-definition-missing',
    `${BATCH}ClientException: JobDefinition arn:aws:batch:us-east-2:193628433786:job-definition/Aligner not found. (Service: AWSBatch; Status Code: 404; Error Code: ClientException; Request ID: 1; Proxy: null)`,
  ],
  [
    'job-definition-missing',
    `${BATCH}ClientException: JobDefinition name nextflow does not exist or is not in ACTIVE status`,
  ],
  ['queue-missing', `${BATCH}ClientException: JobQueue arn:aws:batch:us-east-1:193628433786:job-queue/main not found.`],
  [
    'access-denied',
    `${BATCH}AWSBatchException: User: arn:aws:sts::193628433786:assumed-role/pipeline/abc is not authorized to perform: batch:SubmitJob on resource: arn:aws:batch:us-east-1:193628433786:job-definition/aligner because no identity-based policy allows the batch:SubmitJob action`,
  ],
  [
    'access-denied',
    "TaskFailed in Wait: StepFunctions: 'arn:aws:iam::193628433786:role/pipeline' is not authorized to create managed-rule.",
  ],
  [
    'role-not-assumable',
    'TaskFailed in Align: States.TaskFailed: The principal states.amazonaws.com is not authorized to assume the provided role.',
  ],
  [
    'input-does-not-fit',
    "ExecutionFailed: States.Runtime: An error occurred while executing the state 'Check Address' (entered at the event id #7). The JSONPath '$.application.address' specified for the field 'address.$' could not be found in the input '{\"flagged\":false}'",
  ],
  [
    'input-does-not-fit',
    "ExecutionFailed: States.Runtime: An error occurred while executing the state 'parallel-retrieval' (entered at the event id #4). Invalid path '$.input_regions': No results for path: $['input_regions']",
  ],
  [
    'too-much-data',
    "ExecutionFailed: States.DataLimitExceeded: The state/task 'Collect' returned a result with a size exceeding the maximum number of bytes service limit.",
  ],
  [
    'out-of-memory',
    'TaskFailed: States.TaskFailed: alignment-1: OutOfMemoryError: Container killed due to memory usage',
  ],
  ['machine-lost', 'TaskFailed: States.TaskFailed: alignment-1: Host EC2 (instance i-0b22a22eec53b9321) terminated.'],
  [
    'throttled',
    `${BATCH}AWSBatchException: Too Many Requests (Service: AWSBatch; Status Code: 429; Error Code: TooManyRequestsException)`,
  ],
  ['program-failed', 'TaskFailed: States.TaskFailed: alignment-1: Essential container in task exited (exit code 1)'],
  [
    's3-denied',
    'TaskFailed: S3.S3Exception: User: arn:aws:sts::193628433786:assumed-role/pipeline/abc is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::files/work/1" because no identity-based policy allows the s3:GetObject action',
  ],
  [
    'bucket-missing',
    'TaskFailed: S3.NoSuchBucketException: The specified bucket does not exist (Service: S3, Status Code: 404)',
  ],
];

describe('a failed execution', () => {
  it.each(TEXTS)('is %s: %s', (id, text) => {
    const [cause, ...others] = recognise(signs({ executions: [failedExecution(text)] }));
    expect(others).toEqual([]);
    expect(cause).toMatchObject({ id, evidence: [{ source: 'GetExecutionHistory', says: text }] });
    expect(cause?.remedy).not.toBe('');
  });

  it('names who may not do what on what', () => {
    const [cause] = recognise(signs({ executions: [failedExecution(TEXTS[3]?.[1] ?? '')] }));
    expect(cause?.cause).toBe(
      'arn:aws:sts::193628433786:assumed-role/pipeline/abc is not allowed to do batch:SubmitJob on arn:aws:batch:us-east-1:193628433786:job-definition/aligner',
    );
  });

  it("is the user's own input when it ends with an error that the plan counts as theirs, whatever its jobs said", () => {
    const job = 'TaskFailed: States.TaskFailed: seq-retrieval-1: Essential container in task exited (exit code 65)';
    const execution = {
      ...failedExecution(job, 'ExecutionFailed: InvalidInput: no such sequence'),
      error: 'InvalidInput',
    };
    expect(recognise(signs({ executions: [execution] }))).toMatchObject([
      {
        trouble: 'executions-fail',
        id: 'users-own-input',
        evidence: [{ says: 'ExecutionFailed: InvalidInput: no such sequence' }],
      },
    ]);
  });

  it('is taken from the event that names the cause, not from the end that only repeats that it failed', () => {
    const execution = failedExecution(
      'TaskFailed: Batch.ClientException: JobDefinition x not found',
      'ExecutionFailed: PipelineError: something',
    );
    expect(recognise(signs({ executions: [execution] }))).toMatchObject([{ id: 'job-definition-missing' }]);
  });

  it('is unknown, with what it said, when no known text fits', () => {
    const says = 'ExecutionFailed: PipelineError: the moon is in the wrong house';
    expect(recognise(signs({ executions: [failedExecution(says)] }))).toMatchObject([
      { trouble: 'unknown', id: 'execution-failed-unknown', evidence: [{ says }] },
    ]);
  });

  it('that ran out of time, or of which nothing can be read, is reported too', () => {
    const silent = {
      arn: 'arn:silent',
      status: 'TIMED_OUT',
      startedAtMs: NOW_MS - 1_800_000,
      endedAtMs: NOW_MS,
      events: [],
    };
    expect(recognise(signs({ executions: [silent] }))).toMatchObject([
      {
        id: 'took-too-long',
        evidence: [{ where: 'arn:silent', says: 'TIMED_OUT after 30 min, without a failing event' }],
      },
    ]);
    expect(recognise(signs({ executions: [{ ...silent, status: 'FAILED' }] }))).toMatchObject([{ trouble: 'unknown' }]);
  });

  it('counts once with others of the same cause, with evidence of each, at most five', () => {
    const executions = Array.from({ length: 7 }, (_, i) => {
      const execution = failedExecution('TaskFailed: JobDefinition x not found');
      return { ...execution, events: execution.events.map((event) => ({ ...event, where: `arn:${i}` })) };
    });
    const causes = recognise(signs({ executions }));
    expect(causes).toHaveLength(1);
    expect(causes[0]?.evidence.map(({ where }) => where)).toEqual(['arn:0', 'arn:1', 'arn:2', 'arn:3', 'arn:4']);
  });
});

it('finds nothing where everything is in order', () => expect(recognise(signs())).toEqual([]));
