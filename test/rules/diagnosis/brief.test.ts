import { brief, noDiagnosis } from '../../../rules/diagnosis/brief';
import type { Diagnosis } from '../../../rules/diagnosis/diagnosis';

const cause = {
  trouble: 'executions-fail',
  id: 'access-denied',
  cause: 'the role may not submit jobs',
  remedy: 'allow batch:SubmitJob',
  evidence: [1, 2, 3].map((n) => ({ source: 'GetExecutionHistory', where: `arn:${n}`, says: `denied ${n}` })),
} as const;
const looks = [
  { call: 'ListExecutions', where: 'pipeline', found: '3 failed' },
  { call: 'DescribeJobQueues', where: 'queue', found: 'AccessDenied', failed: true },
];
const logs = [{ group: '/aws/batch/job', lines: [{ atMs: 1, text: 'Traceback' }] }];
const full: Diagnosis = { atMs: 7, sinceMs: 1, causes: [cause], looks, logs };

it('a known cause is shown with its remedy and some evidence, and without the list of reads', () => {
  expect(brief(full)).toEqual({
    atMs: 7,
    line: 'likely cause: the role may not submit jobs (1 of 2 checks failed)',
    causes: [
      {
        ...{ trouble: 'executions-fail', id: 'access-denied', cause: cause.cause, remedy: cause.remedy },
        evidence: ['denied 1 (arn:1)', 'denied 2 (arn:2)'],
      },
    ],
    looked: [],
    logs: [],
  });
});

it.each<[string, Diagnosis['causes']]>([
  ['is unknown', [{ ...cause, trouble: 'unknown' }]],
  ['was not found', []],
])('a cause that %s is shown with the list of reads, and the lines of the logs', (_what, causes) => {
  expect(brief({ ...full, causes })).toMatchObject({
    looked: ['ListExecutions pipeline: 3 failed', 'DescribeJobQueues queue: FAILED, AccessDenied'],
    logs: ['/aws/batch/job: Traceback'],
  });
});

it('a rollout can carry it, however much AWS said', () => {
  const long = 'x'.repeat(100_000);
  const evidence = Array.from({ length: 50 }, () => ({ source: long, where: long, says: long }));
  const causes = Array.from({ length: 50 }, () => ({ ...cause, trouble: 'unknown' as const, cause: long, evidence }));
  const many = Array.from({ length: 500 }, () => ({ call: long, where: long, found: long }));
  const lines = Array.from({ length: 500 }, () => ({ atMs: 1, text: long }));
  const told = brief({ ...full, causes, looks: many, logs: [{ group: long, lines }] });
  expect(JSON.stringify(told).length).toBeLessThan(12_000);
  expect(noDiagnosis(long, 1).line.length).toBeLessThan(400);
});
