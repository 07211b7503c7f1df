import fc from 'fast-check';
import { channelsFor } from '../../../rules/notify/channels';
import { NOTICE_KINDS, titleOf } from '../../../rules/notify/notice';
import { noticeOf } from '../../../rules/report/rollout-notice';
import type { RolloutStatus } from '../../../rules/rollout/status/status';
import { NOON, soakingStatus, withoutWait } from '../../helpers/samples/rollout-status';

const contact = 'Slack #pavi-support';
const cause = {
  trouble: 'executions-fail',
  id: 'x',
  cause: 'no right',
  remedy: 'give it',
  evidence: ['denied'],
} as const;
const rolledBack = withoutWait({
  ...{ contact, phase: 'ended', percentage: 0 },
  outcome: { outcome: 'rolled-back', why: 'threshold_crossed', alarm: 'failed-prod', atMs: NOON },
  diagnosis: { atMs: NOON, line: 'likely cause: no right', causes: [cause], looked: [], logs: [] },
});
const text = (status: RolloutStatus, kind: (typeof NOTICE_KINDS)[number]) =>
  noticeOf({ kind, key: 'k' }, status, NOON, 'UTC').text;

it('a rollback has alarm, reason, diagnosis, remedy and whom to ask, without markdown', () => {
  expect(text(rolledBack, 'rolled-back')).toBe(
    [
      'pavi prod: ROLLED BACK to 0 % by alarm failed-prod: threshold_crossed.',
      'Diagnosis: likely cause: no right',
      '- no right -> give it',
      '  seen: denied',
      'Help: Slack #pavi-support',
      'rollout-pavi-prod, Mon 23 Nov 12:00:00 UTC',
    ].join('\n'),
  );
});

it('a wait has the commands to type', () => {
  const wait = { why: '50 % waits for approval', sinceMs: NOON, verbs: ['approve', 'checklist --tick'] };
  const said = text(soakingStatus({ phase: 'approving', wait }), 'waiting');
  expect(said).toContain('You can: npx rollout approve prod, npx rollout checklist prod');
});

it('an unconfirmed zero has its possible meaning', () => {
  const status = soakingStatus({ phase: 'rolling-back', wait: { why: 'x', sinceMs: NOON, verbs: [] } });
  const { title, text: said } = noticeOf({ kind: 'zero-not-confirmed', key: 'k' }, status, NOON, 'UTC');
  expect(title).toBe('pavi prod: 0 % IS NOT CONFIRMED');
  expect(said).toContain('Jobs may still go to the new side');
});

it('an undelivered zero has what the operator can do, and its end does not say that it is at 0 %', () => {
  const delivery = { to: 'service api', percentage: 0, done: false, sinceMs: NOON, problem: 'gone' };
  const wait = { why: 'x', sinceMs: NOON, verbs: ['abort --undelivered'] };
  const status = soakingStatus({ phase: 'rolling-back', percentage: 0, delivery, wait });
  const { title, text: said } = noticeOf({ kind: 'zero-not-confirmed', key: 'k' }, status, NOON, 'UTC');
  expect(title).toBe('pavi prod: 0 % IS NOT DELIVERED');
  expect(said).toContain('Try setting its environment variables manually');
  expect(said).toContain('You can: npx rollout abort prod --undelivered --reason TEXT');
  const outcome = { outcome: 'aborted', why: 'x', atMs: NOON, undelivered: true } as const;
  const ended = noticeOf({ kind: 'aborted', key: 'k' }, { ...status, phase: 'ended', outcome }, NOON, 'UTC');
  expect(ended.title).toBe('pavi prod: aborted, 0 % NOT DELIVERED');
});

it('every kind has a title that SNS takes, whatever it is about', () => {
  fc.assert(
    fc.property(fc.constantFrom(...NOTICE_KINDS), fc.string({ unit: 'binary', minLength: 1 }), (kind, name) => {
      const { title } = noticeOf({ kind, key: 'k' }, soakingStatus({ startedBy: name }), NOON, 'UTC');
      expect(title).toMatch(/^[\x21-\x7e][\x20-\x7e]{0,99}$/);
    }),
  );
  expect(titleOf(`é${'x'.repeat(200)}`)).toHaveLength(100);
});

it('a channel hears of everything, or of what it asks for', () => {
  const all = { name: 'all', topic: 't' };
  const some = { name: 'some', topic: 't', events: ['held'] as const };
  expect(channelsFor({ notify: [all, some] }, 'held')).toEqual([all, some]);
  expect(channelsFor({ notify: [all, some] }, 'raised')).toEqual([all]);
  expect(channelsFor({}, 'raised')).toEqual([]);
});
