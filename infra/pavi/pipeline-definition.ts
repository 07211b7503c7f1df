import type { BatchArns } from './names';
import { alignSequences, BAD_INPUT_EXIT_CODE, collectResults, retrieveSequence } from './job-commands';

/** The error of an execution that failed because of the user's input; every other failure is the pipeline's. */
export const INVALID_INPUT = 'InvalidInput';

export interface DefinitionProps {
  readonly bucket: string;
  readonly batch: BatchArns;
  readonly timeoutSeconds: number;
  readonly maxParallelRetrievals: number;
}

/**
 * The pipeline in the Amazon States Language. Input `{ job_id, seq_regions: [ … ] }` as PAVI's API sends it; other fields
 * are ignored. Output `{ job_id, result_s3_uri }`: the alignment, beside which `aligned_seq_info.json` is, as PAVI's API
 * reads them (agr_pavi, api/src/job_service.py). `PrepareInput` makes every value that a state needs, and the value is
 * kept: tasks write their result nowhere, so that none of them can lose the input of the next.
 */
export function pipelineDefinition(props: DefinitionProps): object {
  return {
    Comment: 'PAVI protein alignment: retrieve sequences, align them, collect the results',
    StartAt: 'ValidateInput',
    TimeoutSeconds: props.timeoutSeconds,
    States: {
      ValidateInput: validateInput,
      PrepareInput: prepareInput(props.bucket),
      RetrieveSequences: retrieveSequences(props),
      AlignSequences: batchTask({
        job: 'alignment',
        queue: props.batch.jobQueue,
        definition: props.batch.alignmentJob,
        command: alignSequences,
        environment: { WORK: '$.work_s3_uri', RESULTS: '$.results_s3_folder' },
        next: 'CollectResults',
      }),
      CollectResults: batchTask({
        job: 'collect-seqinfo',
        queue: props.batch.jobQueue,
        definition: props.batch.seqRetrievalJob,
        command: collectResults,
        environment: { WORK: '$.work_s3_uri', RESULTS: '$.results_s3_folder' },
        next: 'Succeeded',
      }),
      Succeeded: {
        Type: 'Pass',
        Parameters: { 'job_id.$': '$.job_id', 'result_s3_uri.$': '$.result_s3_uri' },
        End: true,
      },
      InputRejected: {
        Type: 'Fail',
        Error: INVALID_INPUT,
        Cause: 'job_id must be a text and seq_regions a list with at least one entry',
      },
      WhoseFault: whoseFault,
      InputUnusable: { Type: 'Fail', Error: INVALID_INPUT, CausePath: '$.error.Cause' },
      PipelineFailed: { Type: 'Fail', Error: 'PipelineError', CausePath: '$.error.Cause' },
    },
  };
}

/** A failure at a missing field cannot be caught (States.Runtime), so optional fields are tested first. */
const validateInput = {
  Type: 'Choice',
  Choices: [
    {
      And: [
        { Variable: '$.job_id', IsPresent: true },
        { Variable: '$.job_id', IsString: true },
        { Variable: '$.seq_regions[0]', IsPresent: true },
      ],
      Next: 'PrepareInput',
    },
  ],
  Default: 'InputRejected',
};

/** Batch describes a failed job in JSON, as the cause; a container with unusable input ends with an exit code of its own. */
const whoseFault = {
  Type: 'Choice',
  Choices: [
    {
      And: [
        { Variable: '$.error.Cause', IsPresent: true },
        { Variable: '$.error.Cause', StringMatches: `*"ExitCode":${BAD_INPUT_EXIT_CODE}*` },
      ],
      Next: 'InputUnusable',
    },
  ],
  Default: 'PipelineFailed',
};

const prepareInput = (bucket: string): object => ({
  Type: 'Pass',
  Parameters: {
    'job_id.$': '$.job_id',
    'seq_regions.$': '$.seq_regions',
    // Work files have their own prefix, because a lifecycle rule supports prefixes but no wildcards.
    'work_s3_uri.$': `States.Format('s3://${bucket}/work/{}/', $$.Execution.Name)`,
    'results_s3_folder.$': `States.Format('s3://${bucket}/executions/{}/results/', $$.Execution.Name)`,
    'result_s3_uri.$': `States.Format('s3://${bucket}/executions/{}/results/alignment-output.aln', $$.Execution.Name)`,
    optional_fields: { cds_seq_regions: [], variant_ids: [], alt_seq_name_suffix: '_alt' },
  },
  Next: 'RetrieveSequences',
});

function retrieveSequences(props: DefinitionProps): object {
  return {
    Type: 'Map',
    ItemsPath: '$.seq_regions',
    MaxConcurrency: props.maxParallelRetrievals,
    ItemSelector: {
      'job_id.$': '$.job_id',
      'work_s3_uri.$': '$.work_s3_uri',
      'index.$': '$$.Map.Item.Index',
      'region.$': 'States.JsonMerge($.optional_fields, $$.Map.Item.Value, false)',
    },
    ItemProcessor: {
      ProcessorConfig: { Mode: 'INLINE' },
      StartAt: 'RetrieveSequence',
      States: { RetrieveSequence: retrieveOne(props.batch) },
    },
    ResultPath: null,
    Catch: failPipeline,
    Next: 'AlignSequences',
  };
}

function retrieveOne(batch: BatchArns): object {
  const {
    Next: _next,
    Catch: _catch,
    ...task
  } = batchTask({
    job: 'seq-retrieval',
    queue: batch.jobQueue,
    definition: batch.seqRetrievalJob,
    command: retrieveSequence,
    environment: {
      OUTPUT: "States.Format('{}sequences/{}/', $.work_s3_uri, $.index)",
      NAME: '$.region.unique_entry_id',
      SEQ_ID: '$.region.seq_id',
      SEQ_STRAND: '$.region.seq_strand',
      FASTA_FILE_URL: '$.region.fasta_file_url',
      EXON_SEQ_REGIONS: 'States.JsonToString($.region.exon_seq_regions)',
      CDS_SEQ_REGIONS: 'States.JsonToString($.region.cds_seq_regions)',
      VARIANT_IDS: 'States.JsonToString($.region.variant_ids)',
      ALT_SEQ_NAME_SUFFIX: '$.region.alt_seq_name_suffix',
    },
    next: '',
  });
  return { ...task, End: true };
}

interface BatchTask {
  readonly job: string;
  readonly queue: string;
  readonly definition: string;
  readonly command: readonly string[];
  /** Name of the variable → path or intrinsic function. */
  readonly environment: Readonly<Record<string, string>>;
  readonly next: string;
}

/** One Batch job, waited for. Each job's data goes in through the environment, never into the text of the command. */
function batchTask(task: BatchTask) {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::batch:submitJob.sync',
    Parameters: {
      'JobName.$': `States.Format('${task.job}-{}', $.job_id)`,
      JobQueue: task.queue,
      JobDefinition: task.definition,
      ContainerOverrides: {
        Command: task.command,
        Environment: Object.entries(task.environment).map(([Name, value]) => ({ Name, 'Value.$': value })),
      },
    },
    Retry: [
      {
        ErrorEquals: ['Batch.AWSBatchException', 'Batch.SdkClientException'],
        IntervalSeconds: 5,
        MaxAttempts: 5,
        BackoffRate: 2,
      },
      { ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 2, MaxAttempts: 2, BackoffRate: 2 },
    ],
    Catch: failPipeline,
    ResultPath: null,
    Next: task.next,
  };
}

const failPipeline = [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'WhoseFault' }];
