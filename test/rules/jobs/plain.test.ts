import fc from 'fast-check';
import { kindNamed, PLAIN } from '../../../rules/jobs/job-kind';
import { executionOf, jobAddress, jobOfExecution, submitAddress } from '../../../rules/jobs/jobs-api';
import { probeNotTaken } from '../../../rules/jobs/probe-words';
import { PAVI_JOBS, PAVI_KIND } from '../../../pavi/jobs';

const judge = (results: Record<string, string>, golden?: Record<string, string>) =>
  PLAIN.judgeResults(results, { golden });

describe('results of jobs without a kind of their own', () => {
  it('are equal to golden ones that mean the same, and to no others', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const written = `${JSON.stringify(value, undefined, 2)}\n`;
        expect(judge({ a: JSON.stringify(value) }, { a: written })).toMatchObject({ ok: true });
        expect(judge({ a: JSON.stringify([value]) }, { a: JSON.stringify([value, 0]) })).toMatchObject({ ok: false });
      }),
    );
    expect(judge({ a: '{"x":1,"y":[1,2]}' }, { a: '{ "y": [1, 2], "x": 1 }' })).toMatchObject({ ok: true });
    expect(judge({ a: '{"y":[2,1]}' }, { a: '{"y":[1,2]}' })).toMatchObject({ ok: false });
  });

  it('are lines of text where they are no JSON', () => {
    expect(judge({ a: 'one\r\ntwo\n' }, { a: 'one\ntwo' })).toMatchObject({ ok: true });
    expect(judge({ a: 'one' }, { a: 'two' })).toMatchObject({ ok: false, differences: ['a: golden two, got one'] });
  });

  it('must be there', () => {
    expect(judge({ a: ' \n', b: 'x' })).toMatchObject({ ok: false, why: 'its a is empty' });
    expect(judge({ b: 'x' }, { a: 'golden', b: 'x' })).toMatchObject({ ok: false });
    expect(judge({})).toMatchObject({ ok: true });
  });
});

it('the kind is the one that the plan names, of those that the worker knows', () => {
  expect(kindNamed(undefined, [PAVI_KIND])).toBe(PLAIN);
  expect(kindNamed('pavi', [PAVI_KIND])).toBe(PAVI_KIND);
  expect(kindNamed('pavi', [])).toBeUndefined();
});

it('addresses of jobs have one slash between their parts', () => {
  expect(submitAddress('https://api/', PAVI_JOBS)).toBe('https://api/api/pipeline-job/');
  expect(jobAddress('https://api', PAVI_JOBS, 'a/b')).toBe('https://api/api/pipeline-job/a%2Fb');
  expect(jobAddress('https://api', { ...PAVI_JOBS, path: '/jobs' }, '7', '/result')).toBe('https://api/jobs/7/result');
});

it('the name of an execution leads back to its job', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9-]{1,20}$/), fc.stringMatching(/^[a-z]{0,5}$/), (id, end) => {
      const jobs = { ...PAVI_JOBS, execution: `job-{id}${end}` };
      expect(jobOfExecution(jobs, executionOf(jobs, id) ?? '')).toBe(id);
      expect(jobOfExecution(jobs, `other-${id}`)).toBeUndefined();
    }),
  );
  const none = { ...PAVI_JOBS, execution: undefined };
  expect([executionOf(none, '7'), jobOfExecution(none, '7')]).toEqual([undefined, undefined]);
});

describe('a probe job whose side nothing names', () => {
  const { sideHeader: _header, ...withoutHeader } = PAVI_JOBS;

  it.each([
    ['names the key of the plan that is missing', withoutHeader, /write jobs\.sideHeader/],
    ['names the header that no answer has', PAVI_JOBS, /no answer has x-pavi-backend/],
  ])('%s', (_what, jobs, why) => {
    const said = probeNotTaken({ jobs, kind: PLAIN }, 'new', undefined);
    expect(said).toMatch(why);
    expect(said).not.toContain('ignores');
  });
});
