import { isObject, jsonIn } from '../flags/json';
import type { JobKind, JobWords, Results } from '../rules/jobs/job-kind';
import type { JobsApi } from '../rules/jobs/jobs-api';
import type { Side } from '../rules/jobs/side';
import { PAVI_SIDES } from './flag';
import { judgePaviResults } from './results';

/** `jobs` of `plans/pavi.yaml` (agr_pavi, api/src/main.py and api/src/job_service.py). */
export const PAVI_JOBS: JobsApi = {
  path: '/api/pipeline-job/',
  results: { alignment: 'result/alignment', seqInfo: 'result/seq-info' },
  sides: PAVI_SIDES,
  kind: 'pavi',
  sideHeader: 'x-pavi-backend',
  routedIdHeader: 'x-pavi-routed-id',
  execution: 'pavi-job-{id}',
};

/** Names of the two files of a job's results; the API derives the second from the first (agr_pavi, api/src/job_service.py). */
const FILES = { alignment: 'alignment-output.aln', seqInfo: 'aligned_seq_info.json' } as const;

/** The document with the numbered changes that PAVI's API needs to follow a rollout. */
const change = (...numbers: readonly number[]): string =>
  `docs/adopt-pavi.md, change${numbers.length === 1 ? '' : 's'} ${numbers.join(' and ')}`;

/** What a plan cannot say of PAVI's jobs. */
export const PAVI_KIND: JobKind = {
  name: 'pavi',
  judgeResults: judgePaviResults,
  sideSaid,
  sideOfId: (id) => ({ '1': 'old' as const, '4': 'new' as const })[versionOf(id) ?? ''],
  // A job on Nextflow carries no error text (agr_pavi, api/src/main.py).
  silentSide: 'old',
  jobIn: (input) => (isObject(input) ? input['seq_regions'] : undefined),
  // As the API does it: the state machine may need the queue.
  executionInput: ({ name, job, jobQueue }) => ({ job_id: name, seq_regions: job, job_queue_arn: jobQueue }),
  resultPlaces,
  // 501 for the logs of a job on Step Functions, and 404 for a job that Nextflow does not know.
  logsOfOtherSide: (side, { status, text }) =>
    side === 'old' ? status === 501 : status === 404 && /job not found/i.test(text),
  advice: {
    'takes-probes': change(2),
    'id-decides': change(3),
    'kept-outside': change(4),
    'reads-by-side': change(5),
    creates: `does it reach its table, by the right name (${change(3, 7)})`,
    reads: `is the id given as text, and the answer converted (${change(5)})`,
    'names-document': change(6),
    'names-side': change(2, 5),
    'names-deciding-id': change(1, 2),
  },
};

const versionOf = (uuid: string): string | undefined => uuid.replaceAll('-', '')[12];

/** Fields that only one side has, and the id: a job on Nextflow gets a uuid of version 1. Version 4 alone proves nothing. */
function sideSaid({ id, body }: JobWords): readonly [Side, string] | undefined {
  const stage = typeof body['stage'] === 'string' ? body['stage'] : undefined;
  const fields = "the answer's fields";
  if ('input_count' in body || (stage !== undefined && /^[A-Z_]+$/.test(stage))) return ['new', fields];
  if ('task_events' in body || (stage !== undefined && /^[a-z_]+$/.test(stage))) return ['old', fields];
  return /^[0-9a-f]{8}-?[0-9a-f]{4}-?1/i.test(id) ? ['old', "the version of the job's uuid"] : undefined;
}

/** `result_s3_uri` is the alignment itself, beside which the API looks for the other file, or their folder. */
function resultPlaces(output: string): readonly Results[] {
  const value = jsonIn(output);
  const uri = isObject(value) ? value['result_s3_uri'] : undefined;
  if (typeof uri !== 'string') return [];
  const folder = uri.replace(/\/*$/, '/');
  const inFolder = { alignment: folder + FILES.alignment, seqInfo: folder + FILES.seqInfo };
  return uri.endsWith('/') ? [inFolder] : [{ alignment: uri, seqInfo: besideOf(uri) }, inFolder];
}

/** Under another name of the alignment the second file is in the same folder. */
const besideOf = (uri: string): string =>
  uri.includes(FILES.alignment)
    ? uri.replaceAll(FILES.alignment, FILES.seqInfo)
    : uri.slice(0, uri.lastIndexOf('/') + 1) + FILES.seqInfo;
