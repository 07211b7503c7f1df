import { z } from 'zod';
import { type JobsApi } from '../../jobs/jobs-api';
import { sideWords } from '../../jobs/side';
import type { FlagTarget } from '../flag-target';
import * as names from '../names';
import { type Finding, keysAt, listAt, valueAt } from '../problems/plan-problem';
import { environmentPaths, watchPaths } from '../problems/places';
import type { Path } from '../problems/problems';
import { kebab, key, matching } from '../problems/schema-key';
import { withoutUndefined } from '../without-undefined';

const HEADER = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
/** Unreserved characters of an address, and slashes. */
const BELOW = /^[A-Za-z0-9._~/-]{1,200}$/;

/** `jobs` of the plan. */
export const jobsSchema = key(
  z.strictObject({
    path: key(matching(/^\/[A-Za-z0-9._~/-]{0,200}$/, 'must be a path that begins with /'), {
      is: 'Path below the address of the API: a job is posted there as JSON, answered with its `id` or `uuid`, and read below it by that id. Its `status` is completed or failed in the end; a failed one has `error` or `error_message`.',
      remedy: 'write a path such as /jobs',
    }),
    results: key(
      z.record(
        matching(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, 'must be a name of letters, digits, _ and -'),
        matching(BELOW, 'must be a path without a query'),
      ),
      {
        is: 'Results of a completed job: names, each with its path below the job. Default: none.',
        remedy: 'write `{ receipt: result/receipt }`',
      },
    ).optional(),
    kind: key(matching(names.KEBAB_CASE_OR_DIGIT, kebab), {
      is: 'Kind of the jobs: it judges results and knows what this plan cannot say. The program that starts the worker registers it. Without it results only have to be there, and to equal the golden ones.',
      remedy: 'write the name of a kind that your worker registers, or remove the key',
    }).optional(),
    sideHeader: key(matching(HEADER, 'must be the name of a header'), {
      is: 'Header of answers about a job that names its side, as flag.sides does. Without it only executions and the kind of jobs prove where a job ran.',
      remedy: 'write a name such as x-backend, or remove the key',
    }).optional(),
    routedIdHeader: key(matching(HEADER, 'must be the name of a header'), {
      is: 'Header of the answer to a new job with the id that decided its side.',
      remedy: 'write a name such as x-routed-id, or remove the key',
    }).optional(),
    execution: key(matching(/^[A-Za-z0-9_-]*\{id\}[A-Za-z0-9_-]*$/, 'must have {id} once'), {
      is: 'Name of the Step Functions execution of a job on the new side, with {id} for its id. Without it jobs are no executions.',
      remedy: "write a name such as 'order-{id}', or remove the key",
    }).optional(),
  }),
  {
    is: 'How the API takes jobs: for test jobs, probe jobs and guards on results. A service without jobs leaves it out.',
    remedy: 'write `{ path: /jobs }`, or remove the key',
  },
);

type Written = z.output<typeof jobsSchema>;

export function resolvedJobs(written: Written | undefined, flag: Pick<FlagTarget, 'sides'>): JobsApi | undefined {
  if (written === undefined) return undefined;
  const { path, results = {}, ...more } = written;
  return { path, results, sides: sideWords(flag), ...withoutUndefined(more) };
}

/** Keys of a verification that submit a job. */
const SUBMITTING = ['testJob', 'failingJob', 'badJob'];

/** What submits or reads jobs needs `jobs`, and golden results are results of it. */
export function jobsFindings(raw: unknown): readonly Finding[] {
  const verifications = environmentPaths(raw).map((environment): Path => [...environment, 'verification']);
  const has = valueAt(raw, ['jobs']) !== undefined;
  const remedy = 'write `jobs: { path: /jobs }` at the top of the plan, with the path of your API';
  const missing = (path: Path): readonly Finding[] =>
    has || valueAt(raw, path) === undefined ? [] : [{ path, problem: 'needs `jobs`: how the API takes them', remedy }];
  const guards = watchPaths(raw).flatMap((watch) =>
    listAt(raw, [...watch, 'guards']).map((_, i): Path => [...watch, 'guards', i, 'results']),
  );
  const results = keysAt(raw, ['jobs', 'results']);
  const golden = verifications.flatMap((verification) => {
    const path: Path = [...verification, 'golden'];
    const strange = keysAt(raw, path).filter((name) => !results.includes(name));
    const known = results.length === 0 ? 'add it under jobs.results' : `write ${results.join(' or ')}`;
    return has
      ? strange.map((name) => ({ path: [...path, name], problem: 'is no result of jobs.results', remedy: known }))
      : [];
  });
  return [
    ...verifications.flatMap((path) => SUBMITTING.flatMap((name) => missing([...path, name]))),
    ...guards.flatMap((path) => [...missing(path), ...(has ? withoutExecution(raw, path) : [])]),
    ...golden,
  ];
}

/** A guard on results finds the jobs by the names of their executions. */
function withoutExecution(raw: unknown, path: Path): readonly Finding[] {
  if (valueAt(raw, path) === undefined || valueAt(raw, ['jobs', 'execution']) !== undefined) return [];
  const problem = 'needs `jobs.execution`: the names of the executions that are jobs';
  return [{ path, problem, remedy: "write `execution: 'order-{id}'` under jobs, or remove the guard" }];
}
