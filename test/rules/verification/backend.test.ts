import { backendOf, type ExecutionLook, type JobWords, misrouted } from '../../../rules/verification/backend';

const V1 = 'c9a646d3-9c61-11ee-8c90-0242ac120002';
const V4 = '1b4e28ba-2fa1-4d3a-883f-0016d3cca427';
const words = (changes: Partial<JobWords> = {}): JobWords => ({ uuid: V4, fields: ['uuid', 'status'], ...changes });

describe('the backend of a job', () => {
  it.each<[string, JobWords, ExecutionLook, readonly [string | undefined, RegExp]]>([
    ['an execution proves', words(), 'exists', ['step-functions', /its execution in Step Functions/]],
    ['no execution proves', words(), 'does-not-exist', ['nextflow', /the missing execution/]],
    ['a header tells', words({ header: 'nextflow' }), 'unknown', ['nextflow', /header/]],
    ['fields tell', words({ fields: ['uuid', 'input_count'] }), 'unknown', ['step-functions', /fields/]],
    ['stages tell', words({ stage: 'INITIALIZING' }), 'unknown', ['step-functions', /fields/]],
    ['task events tell', words({ fields: ['task_events'] }), 'unknown', ['nextflow', /fields/]],
    ['version 1 tells', words({ uuid: V1 }), 'unknown', ['nextflow', /version of the job's uuid/]],
    ['version 4 says nothing', words(), 'unknown', [undefined, /no evidence/]],
    ['a proof beats nothing said', words({ header: 'elsewhere' }), 'exists', ['step-functions', /its execution/]],
    ['words against the proof', words({ header: 'step-functions' }), 'does-not-exist', [undefined, /says nextflow/]],
    [
      'words against the execution',
      words({ uuid: V1 }),
      'exists',
      [undefined, /uuid says nextflow, .*says step-functions/],
    ],
  ])('%s', (_name, said, execution, [backend, by]) => {
    const found = backendOf(said, execution);
    expect(found.backend).toBe(backend);
    expect(found.by).toMatch(by);
  });
});

describe('a job that is not where the flag sends it', () => {
  const on = (backend?: 'nextflow' | 'step-functions') => (backend === undefined ? { by: 'x' } : { backend, by: 'x' });
  it.each([
    [0, 'nextflow', true],
    [0, 'step-functions', false],
    [0, undefined, false],
    [100, 'step-functions', true],
    [100, 'nextflow', false],
    [25, 'nextflow', true],
    [25, undefined, true],
    [undefined, 'step-functions', true],
  ] as const)('at %s %%, on %s: fine %s', (percentage, backend, fine) => {
    expect(misrouted(on(backend), percentage) === undefined).toBe(fine);
  });
});
