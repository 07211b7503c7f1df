import { auditDelayFinding, auditDelayWords, auditFinding, auditWritingFinding } from '../../../rules/audit/findings';
import { timeline } from '../../../rules/history/timeline';
import { describeStatus } from '../../../rules/report/rollout';
import { entryIn, lineAfter, NO_HEAD } from '../../../rules/audit/entry';
import { problemAt, problemsAfter } from '../plan/broken-plan';
import { soakingStatus } from '../../helpers/samples/rollout-status';

const behind = { waiting: 3, since: '2026-11-30T08:00:00.000Z', problem: 'AccessDenied' };

it('a record that is behind is in the status and in the findings of the doctor; one that only waits a moment is not', () => {
  const words = '3 entries are not written since 2026-11-30T08:00:00.000Z: AccessDenied';
  expect(auditDelayWords(behind)).toBe(words);
  expect(auditDelayFinding(behind, 'rollout-shop-prod')).toMatchObject({
    level: 'warning',
    what: `${words}; the rollout goes on`,
  });
  expect(describeStatus(soakingStatus({ audit: behind }), 0)).toContain(`**Audit record:** ${words}`);
  for (const fine of [{ waiting: 1, since: behind.since }, { waiting: 0, problem: 'x' }, {}]) {
    expect(auditDelayFinding(fine, 'rollout-shop-prod')).toBeUndefined();
    expect(describeStatus(soakingStatus({ audit: fine }), 0)).not.toContain('Audit record');
  }
});

it.each([
  [
    { entries: 1, isVersioned: true, lock: { mode: 'GOVERNANCE', years: 1 } },
    'ok',
    '1 entry; each is locked for 1 year, in governance mode',
  ],
  [{ entries: 2, isVersioned: true, lock: {} }, 'warning', 'with object lock, but without a default retention'],
  [{ entries: 2, isVersioned: true }, 'warning', 'who may delete versions can remove entries'],
  [{ entries: 2, isVersioned: false }, 'warning', 'who may write or delete objects can change the record'],
])('the doctor says what the bucket keeps: %j', (facts, level, what) =>
  expect(auditFinding('record', facts)).toMatchObject({ level, what: expect.stringContaining(what) }),
);

it('the doctor says whether the worker may add an entry', () => {
  expect(auditWritingFinding('shop/prod/', 'AccessDenied: no').remedy).toContain('s3:PutObject');
  expect(auditWritingFinding('shop/prod/', 'deleted').remedy).toContain('--verify');
});

it('the history has what only the record knows, what only Temporal knows, and once what both know', () => {
  const source = { service: 'shop', environment: 'prod', workflowId: 'rollout-shop-prod', run: 'r', planHash: 'h' };
  const line = lineAfter(NO_HEAD, source, {
    seq: 1,
    at: '1970-01-01T00:00:01.000Z',
    what: 'started',
    by: 'ada',
    percentage: { after: 0 },
  });
  const older = lineAfter(
    NO_HEAD,
    { ...source, run: 'gone' },
    { seq: 1, at: '1970-01-01T00:00:00.500Z', what: 'aborted: late' },
  );
  const log = [
    { atMs: 1_000, what: 'started', by: 'ada' },
    { atMs: 2_000, what: '10 % written and read back' },
  ];
  const told = timeline(
    [],
    [{ runId: 'r', startedAtMs: 1_000, log }],
    [older, line].map((one) => entryIn(one)!),
  );
  expect(told.map(({ what, by, runId }) => [what, by, runId])).toEqual([
    ['aborted: late', undefined, 'gone'],
    ['started', 'ada', 'r'],
    ['10 % written and read back', undefined, 'r'],
  ]);
});

it.each([
  [{ bucket: 'Shop_Records' }, ['audit', 'bucket'], /lower-case/],
  [{ bucket: 'shop', prefix: '/rollouts' }, ['audit', 'prefix'], /joined by \//],
  [{ bucket: `{env}${'x'.repeat(60)}` }, ['audit', 'bucket'], /at most 63|AWS allows 63/],
  [{}, ['audit', 'bucket'], /./],
])('a plan with %j says what to write instead', (audit, at, problem) => {
  expect(problemsAfter({ at: ['audit'], to: audit })).toContainEqual(problemAt(at, problem, /./));
});
