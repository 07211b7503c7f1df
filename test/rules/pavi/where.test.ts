import { PAVI_JOBS, PAVI_KIND } from '../../../pavi/jobs';
import { type JobWords, PLAIN } from '../../../rules/jobs/job-kind';
import type { Side } from '../../../rules/jobs/side';
import { type ExecutionLook, misrouted, sideOfJob, sideOfNewJob } from '../../../rules/jobs/where';

const V1 = 'c9a646d3-9c61-11ee-8c90-0242ac120002';
const V4 = '1b4e28ba-2fa1-4d3a-883f-0016d3cca427';
const words = (changes: Partial<JobWords> = {}): JobWords => ({
  id: V4,
  body: { uuid: V4, status: 'running' },
  ...changes,
});
const terms = { jobs: PAVI_JOBS, kind: PAVI_KIND };

describe('the side of a job', () => {
  it.each<[string, JobWords, ExecutionLook, readonly [Side | undefined, RegExp]]>([
    ['an execution proves', words(), 'exists', ['new', /its execution in Step Functions/]],
    ['no execution proves', words(), 'does-not-exist', ['old', /the missing execution/]],
    ['a header tells', words({ header: 'nextflow' }), 'unknown', ['old', /header/]],
    ['fields tell', words({ body: { input_count: 1 } }), 'unknown', ['new', /fields/]],
    ['stages tell', words({ body: { stage: 'INITIALIZING' } }), 'unknown', ['new', /fields/]],
    ['task events tell', words({ body: { task_events: [] } }), 'unknown', ['old', /fields/]],
    ['version 1 tells', words({ id: V1 }), 'unknown', ['old', /version of the job's uuid/]],
    ['version 4 says nothing', words(), 'unknown', [undefined, /no evidence/]],
    ['a proof beats nothing said', words({ header: 'elsewhere' }), 'exists', ['new', /its execution/]],
    ['words against the proof', words({ header: 'step-functions' }), 'does-not-exist', [undefined, /says nextflow/]],
    [
      'words against the execution',
      words({ id: V1 }),
      'exists',
      [undefined, /uuid says nextflow, .*says step-functions/],
    ],
  ])('%s', (_name, said, execution, [side, by]) => {
    const found = sideOfJob(terms, said, execution);
    expect(found.side).toBe(side);
    expect(found.by).toMatch(by);
  });
});

describe('a job that is not where the flag sends it', () => {
  const on = (side?: Side) => ({ side, by: 'x' });
  it.each([
    [0, 'old', true],
    [0, 'new', false],
    [0, undefined, false],
    [100, 'new', true],
    [100, 'old', false],
    [25, 'old', true],
    [25, undefined, true],
    [undefined, 'new', true],
  ] as const)('at %s %%, on %s: fine %s', (percentage, side, fine) => {
    expect(misrouted(PAVI_JOBS, on(side), percentage) === undefined).toBe(fine);
  });
});

describe('the side of a new job', () => {
  it.each<[string, Partial<JobWords>, Side | undefined]>([
    ['its header', { id: V1, header: 'Step_Functions' }, 'new'],
    ['version 1 of its id', { id: V1 }, 'old'],
    ['version 4 of its id', {}, 'new'],
    ['an id of another kind', { id: 'job-7' }, undefined],
  ])('is shown by %s', (_what, changes, side) => expect(sideOfNewJob(terms, words(changes))).toBe(side));

  it('is not known without a header, for jobs of which only the plan speaks', () =>
    expect(sideOfNewJob({ ...terms, kind: PLAIN }, words())).toBeUndefined());
});
