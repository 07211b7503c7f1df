import { DescribeExecutionCommand, type ExecutionListItem } from '@aws-sdk/client-sfn';
import { murmur3 } from '../../../flags';
import type { ResultsGuard } from '../../../rules/guards/guard';
import type { ResultsReading } from '../../../rules/guards/readings';
import { jsonIn } from '../../../flags/json';
import type { JobTerms } from '../../../rules/jobs/job-kind';
import { jobOfExecution } from '../../../rules/jobs/jobs-api';
import { messageOf } from '../../failures';
import { termsOf } from '../../act/jobs/jobs-api';
import { readResults, type ReadResults } from '../../job-results';
import { executionsPage } from '../executions';
import type { Observation } from './observation';
import { within } from '../../within';

const MOST_PAGES = 5;
const AT_ONCE = 5;
/** Less than a check, the list of executions included: what the API has not answered by then is not known. */
const READ_WITHIN_MS = 8_000;
/** Good results may be lost later, for example by another flag or a restarted instance. */
const GOOD_FOR_MS = 5 * 60_000;
const EXAMPLES = 3;

interface Sampled {
  readonly job: string;
  readonly execution: ExecutionListItem;
}

/**
 * Reads the results of a sample of the jobs that succeeded since the start of the check's time, from the API and its
 * instances. The sample depends on the list alone: another check takes the same jobs.
 * @throws when Step Functions does not list the executions, or this worker does not know the kind of jobs.
 */
export async function readResultsOfJobs(guard: ResultsGuard, look: Observation): Promise<ResultsReading> {
  const terms = termsOf(guard, look.jobKinds ?? []);
  const patience = within(READ_WITHIN_MS, look.abortSignal);
  const all = await succeededSince(guard, look);
  const sample = sampleOf(all, guard.sample);
  const before = look.goodAtMs ?? {};
  const goodAtMs: Record<string, number> = {};
  const found = new Map<string, ReadResults | 'early'>();
  const queue = sample.filter(({ job }) => {
    const atMs = before[job];
    if (atMs === undefined || look.nowMs - atMs > GOOD_FOR_MS) return true;
    goodAtMs[job] = atMs;
    found.set(job, { state: 'good', why: 'read before' });
    return false;
  });
  const read = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const result = await readOne(guard, terms, next, { ...look, abortSignal: patience });
      if (result.state === 'good') goodAtMs[next.job] = look.nowMs;
      const isEarly = look.nowMs - endOf(next.execution) < guard.settleMs;
      found.set(next.job, result.state === 'bad' && isEarly ? 'early' : result);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, read));
  look.abortSignal.throwIfAborted();
  return counted(guard, { found, succeeded: all.length, goodAtMs });
}

function counted(
  { name }: ResultsGuard,
  {
    found,
    succeeded,
    goodAtMs,
  }: {
    readonly found: ReadonlyMap<string, ReadResults | 'early'>;
    readonly succeeded: number;
    readonly goodAtMs: Readonly<Record<string, number>>;
  },
): ResultsReading {
  const read = [...found].flatMap(([job, one]) => (one === 'early' ? [] : [{ job, ...one }]));
  const of = (state: ReadResults['state']) => read.filter((one) => one.state === state);
  const [bad, unanswered] = [of('bad'), of('unanswered')];
  return {
    ...{ name, kind: 'results', succeeded, goodAtMs },
    good: of('good').length,
    bad: bad.length,
    unanswered: unanswered.length,
    silence: unanswered[0]?.why,
    early: found.size - read.length,
    examples: bad.length === 0 ? undefined : bad.slice(0, EXAMPLES).map(({ job, why }) => `job ${job}: ${why}`),
  };
}

const endOf = ({ stopDate }: ExecutionListItem): number => stopDate?.getTime() ?? 0;

/**
 * The list is sorted by the newest end. Executions that are no jobs of the API, such as those of a verification, are left
 * out.
 */
async function succeededSince({ stateMachine, jobs }: ResultsGuard, look: Observation): Promise<readonly Sampled[]> {
  const found = new Map<string, Sampled>();
  let nextToken: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const page = await executionsPage(look, { stateMachine, statusFilter: 'SUCCEEDED', nextToken });
    for (const execution of page.executions) {
      const job = jobOfExecution(jobs, execution.name ?? '');
      if (job !== undefined && endOf(execution) >= look.sinceMs) found.set(job, { job, execution });
    }
    const isPast = page.executions.some((execution) => endOf(execution) < look.sinceMs);
    if (isPast || page.nextToken === undefined) break;
    nextToken = page.nextToken;
  }
  return [...found.values()];
}

/** Half of them are the ones that ended last, so that a fault of this hour is not lost among the jobs of a day. */
function sampleOf(all: readonly Sampled[], size: number): readonly Sampled[] {
  const newestFirst = [...all].sort((a, b) => endOf(b.execution) - endOf(a.execution) || (a.job < b.job ? -1 : 1));
  const newest = newestFirst.slice(0, Math.ceil(size / 2));
  const others = newestFirst.slice(newest.length).sort((a, b) => murmur3(a.job) - murmur3(b.job));
  return [...newest, ...others.slice(0, size - newest.length)];
}

async function readOne(
  { places }: ResultsGuard,
  terms: JobTerms,
  { job, execution }: Sampled,
  look: Observation,
): Promise<ReadResults> {
  try {
    const submitted = terms.kind.jobIn?.(await inputOf(execution, look));
    return await readResults({ places, terms, job, expected: { job: submitted }, abortSignal: look.abortSignal });
  } catch (error) {
    return { state: 'unanswered', why: `it was not read in time: ${messageOf(error)}` };
  }
}

/** Undefined when it is no JSON. */
async function inputOf(
  { executionArn }: ExecutionListItem,
  { clients: { sfn }, abortSignal }: Observation,
): Promise<unknown> {
  const { input = '' } = await sfn.send(new DescribeExecutionCommand({ executionArn }), { abortSignal });
  return jsonIn(input);
}
