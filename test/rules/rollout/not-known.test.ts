import { describeStatus } from '../../../rules/report/rollout';
import { recordDrift } from '../../../rules/rollout/drift';
import { recordFlag } from '../../../rules/rollout/reconcile';
import { hold, pause, stop } from '../../../rules/rollout/pause-hold';
import { headline } from '../../../rules/report/rollout-headline';
import { decide } from '../../../rules/rollout/decide';
import { begin, raising, recordRaise, type RolloutState } from '../../../rules/rollout/state/state';
import type { Outcome, Phase, RolloutStatus } from '../../../rules/rollout/status/status';
import { statusOf } from '../../../rules/rollout/status/build-status';
import { recordZero, recordZeroCheck, recordZeroProblem } from '../../../rules/rollout/zero';
import { noticeOf } from '../../../rules/report/rollout-notice';
import type { NoticeKind } from '../../../rules/notify/notice';
import { aPlan } from '../../helpers/samples/plans';
import { NOON, soakingStatus } from '../../helpers/samples/rollout-status';

const plan = aPlan({});
const status = (state: RolloutState): RolloutStatus =>
  statusOf(plan, state, decide(plan, state, NOON), { workflowId: 'w', planHash: 'h', nowMs: NOON });

const began = begin('ada', undefined, NOON);
const found = { found: true, percentage: 0, generation: 1, writer: 'cloudformation' } as const;
const unread = { found: false, why: 'the flag cannot be read: throttled' } as const;
const read = recordFlag(plan, began, found, NOON);
const ten = recordRaise(raising(read, 10), { percentage: 10, generation: 2 }, 0, NOON);
const halted = { why: 'x', sinceMs: NOON };
const aborted = stop(ten, { kind: 'abort', ...halted });

describe('the percentage of a status', () => {
  it.each<[string, RolloutState]>([
    ['before the flag was read', began],
    ['refused, because the flag could not be read', recordFlag(plan, began, unread, NOON)],
    ['a way back that begins with an unread flag', stop(began, { kind: 'abort', ...halted })],
    ['an unconfirmed raise', hold(raising(ten, 25), { ...halted, because: 'unconfirmed' })],
    ['a raise that a pause has overtaken', pause(raising(ten, 25), halted)],
    ['a raise that an abort has overtaken', stop(raising(ten, 25), { kind: 'abort', ...halted })],
    [
      'unconfirmed 0 %, over an unread flag',
      recordZeroProblem(stop(began, { kind: 'abort', ...halted }), 'throttled', NOON),
    ],
    ['0 % that could not be checked again', recordZeroCheck(recordZero(aborted, 9, NOON), unread, NOON)],
    ['a deleted flag', recordDrift(plan, ten, unread, NOON)],
  ])('is not known, and none is shown: %s', (_case, state) => {
    const shown = status(state);
    expect(shown.percentage).toBeUndefined();
    expect(shown.percentageUnknown).toBeDefined();
    expect(JSON.parse(JSON.stringify(shown))).not.toHaveProperty('percentage');
    const text = describeStatus(shown, NOON);
    expect(text).not.toMatch(/[░▓]| at \d+ %|still/);
    expect(text).toContain('- **Percentage:** NOT KNOWN: ');
  });

  it.each<[string, RolloutState, number]>([
    ['read', read, 0],
    ['written and read back', ten, 10],
    ['what was confirmed before a 0 % that is not', recordZeroProblem(aborted, 'throttled', NOON), 10],
    ['0 % written and read back', recordZero(aborted, 9, NOON), 0],
    ['what overwrote it', recordZeroCheck(recordZero(aborted, 9, NOON), { ...found, percentage: 25 }, NOON), 25],
  ])('is what was seen last: %s', (_case, state, expected) => expect(status(state).percentage).toBe(expected));
});

const PHASES: Readonly<Record<Phase, true>> = {
  starting: true,
  checking: true,
  raising: true,
  soaking: true,
  holding: true,
  approving: true,
  paused: true,
  'rolling-back': true,
  ended: true,
  'not-known': true,
};
const OUTCOMES: readonly (Outcome['outcome'] | undefined)[] = [
  undefined,
  'completed',
  'rolled-back',
  'aborted',
  'refused',
];
const KINDS: readonly NoticeKind[] = [
  'raised',
  'waiting',
  'held',
  'paused',
  'overdue',
  'rolled-back',
  'aborted',
  'completed',
];

it('shows no percentage that is not known, in any phase, at any end, in any notice', () => {
  for (const phase of Object.keys(PHASES) as Phase[])
    for (const ended of OUTCOMES)
      for (const untilMs of [undefined, NOON + 1]) {
        const outcome = ended === undefined ? undefined : { outcome: ended, why: 'reasons', atMs: NOON };
        const wait = { why: 'reasons', sinceMs: NOON, untilMs, verbs: ['abort'] };
        const percentageUnknown = 'nobody has read it';
        const shown = soakingStatus({
          phase,
          outcome,
          wait,
          percentage: undefined,
          percentageUnknown,
          next: undefined,
        });
        const bare = { ...shown, steps: [], step: 0, log: [] };
        const notices = KINDS.map((kind) => noticeOf({ kind, key: kind }, bare, NOON, 'UTC'));
        const texts = [
          headline(bare, NOON, 'UTC'),
          describeStatus(bare, NOON),
          ...notices.flatMap(({ title, text }) => [title, text]),
        ];
        // The goal of a way back, and what is not confirmed of it, is no percentage that was read.
        expect(
          texts.map((text) => text.replace(/0 % (?:is being written|IS NOT)/g, '')).filter((text) => /\d %/.test(text)),
        ).toEqual([]);
      }
});
