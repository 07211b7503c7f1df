import type { Delivered } from '../../../rules/delivery/delivery';
import * as delivering from '../../../rules/rollout/delivering';
import { describeStatus } from '../../../rules/report/rollout';
import { stop } from '../../../rules/rollout/pause-hold';
import { headline, zeroConfirmed } from '../../../rules/report/rollout-headline';
import { decide } from '../../../rules/rollout/decide';
import { LATE_WRITE_MS } from '../../../rules/rollout/zero';
import { begin, end, type RolloutState } from '../../../rules/rollout/state/state';
import { statusOf } from '../../../rules/rollout/status/build-status';
import { acceptUndelivered, undeliveredWords } from '../../../rules/rollout/verbs/accept-undelivered';
import { recordZero, recordZeroCheck } from '../../../rules/rollout/zero';
import { aPlan, DAY_MS, theDelivery } from '../../helpers/samples/plans';
import { changed } from '../../helpers/samples/changed-state';

const plan = aPlan({ delivery: theDelivery });
const NOW = Date.UTC(2026, 10, 25, 12);
const lateMs = NOW + LATE_WRITE_MS;
const asker = { by: 'ada', reason: 'the service was deleted', nowMs: NOW + DAY_MS };
const status = (state: RolloutState, nowMs = asker.nowMs) =>
  statusOf(plan, state, decide(plan, state, nowMs), { workflowId: 'w', planHash: 'h', nowMs });
const found = (reporting: number, of = 5): Delivered => ({
  ...{ reporting, of, complete: reporting === of },
  why: reporting === of ? 'all report it' : 'i-1: at 10 %',
});

const raised: RolloutState = changed(begin('ada', undefined, NOW), {
  flag: { known: true, readAtMs: NOW, percentage: 10, owned: true, raiseRequested: true, written: [10] },
  step: { index: 0 },
});
const aborted = stop(raised, { kind: 'abort', why: 'enough', sinceMs: NOW, by: 'bob' });
const zeroed = recordZero(aborted, 9, NOW);
const zero = { found: true, percentage: 0, generation: 9, writer: 'w' } as const;
const begun = delivering.beginDelivery(recordZeroCheck(zeroed, zero, lateMs), 0, lateMs);
const look = (state: RolloutState, reporting: number, askedAtMs = lateMs): RolloutState =>
  delivering.recordDelivered(plan, state, { percentage: 0, found: found(reporting), askedAtMs }, lateMs);
const failing = delivering.recordUndelivered(plan, look(begun, 3), { percentage: 0, why: 'no such service' }, lateMs);

const after = (state: RolloutState): RolloutState => {
  const verb = acceptUndelivered(plan, state, asker);
  if (verb.refusal !== undefined) throw new Error(verb.refusal.why);
  return verb.state;
};

describe('a zero that cannot be delivered', () => {
  it('names the verb that leaves it, with the whole command for people', () => {
    expect(decide(plan, failing, asker.nowMs)).toMatchObject({ do: 'wait', verbs: ['abort --undelivered'] });
    expect(describeStatus(status(failing), asker.nowMs)).toContain(
      '**You can:** `rollout abort prod --undelivered --reason TEXT`',
    );
  });

  it('ends when an operator leaves it, and says to how many it is not delivered, who left it and why', () => {
    const left = after(failing);
    const said =
      '0 % is written, but NOT delivered to 2 of 5 instances (no such service); accepted by ada because the service was deleted';
    expect(undeliveredWords(left)).toBe(said);
    expect(delivering.deliveryDue(plan, left)).toBeUndefined();
    expect(decide(plan, left, asker.nowMs)).toMatchObject({
      do: 'finish',
      outcome: { outcome: 'aborted', undelivered: true, why: `${said}; enough` },
    });
    expect(left.log.entries.at(-1)).toMatchObject({ what: expect.stringContaining('accepted that 0 %'), by: 'ada' });
  });

  it('is no confirmed zero afterwards either, in status, headline and details', () => {
    const left = after(failing);
    const finish = decide(plan, left, asker.nowMs);
    if (finish.do !== 'finish') throw new Error(finish.do);
    const ended = status(end(left, finish.outcome));
    expect(zeroConfirmed(ended)).toBe(false);
    expect(headline(ended, asker.nowMs, 'UTC')).toMatch(/ABORTED, NOT DELIVERED: 0 % is written, but NOT delivered/);
    expect(describeStatus(ended, asker.nowMs)).toContain('**NOT DELIVERED:** flag document 0 %, delivered to 3 of 5');
  });

  it('is a rollback where a breach began it', () => {
    const breach = { ...failing, stop: { kind: 'breach', why: 'it rang', sinceMs: NOW, alarm: 'a' } } as const;
    const finish = decide(plan, after(breach), asker.nowMs);
    expect(finish).toMatchObject({ do: 'finish', outcome: { outcome: 'rolled-back', alarm: 'a', undelivered: true } });
    const ended = status(end(after(breach), finish.do === 'finish' ? finish.outcome : raised.outcome!));
    expect(headline(ended, asker.nowMs, 'UTC')).toMatch(/ROLLED BACK, NOT DELIVERED by alarm a: .*; it rang/);
  });

  it('is left also when nothing was ever heard of an instance', () =>
    expect(undeliveredWords(after(begun))).toBe(
      '0 % is written, but NOT known to be delivered to any instance; accepted by ada because the service was deleted',
    ));

  it('is left also when all instances report it and AWS is not done', () => {
    const unsettled: Delivered = { reporting: 5, of: 5, complete: false, why: 'ECS still stops tasks' };
    const state = delivering.recordDelivered(
      plan,
      begun,
      { percentage: 0, found: unsettled, askedAtMs: lateMs },
      lateMs,
    );
    expect(undeliveredWords(after(state))).toContain('NOT known to be delivered to every instance (ECS still stops');
  });

  it('said twice is left once', () => {
    const left = after(failing);
    expect(acceptUndelivered(plan, left, { ...asker, by: 'bob' })).toMatchObject({ changed: false, state: left });
  });
});

describe('leaving a zero undelivered is refused', () => {
  it.each<[string, RolloutState, Partial<typeof asker> | typeof aPlan, object]>([
    ['without a name', failing, { by: undefined as unknown as string }, { rule: 'name' }],
    ['without a reason', failing, { reason: undefined as unknown as string }, { rule: 'reason' }],
    ['while it is not going back', raised, {}, { remedy: expect.stringContaining('abort it first') }],
    ['before 0 % is confirmed', aborted, {}, { why: expect.stringContaining('not confirmed in the flag document') }],
    ['before its second look', zeroed, {}, { why: expect.stringContaining('second check'), fromMs: lateMs }],
    ['when every instance reports it', look(begun, 5), {}, { why: expect.stringContaining('all report it') }],
    [
      'and too early to be sure of it',
      look(begun, 5, lateMs - 1),
      {},
      { remedy: expect.stringContaining('automatically') },
    ],
    ['after the end', end(failing, { outcome: 'aborted', why: 'x', atMs: NOW }), {}, { rule: 'state' }],
  ])('%s', (_when, state, who, refusal) => {
    const verb = acceptUndelivered(plan, state, { ...asker, ...who });
    expect(verb.refusal).toMatchObject({ why: expect.any(String), remedy: expect.any(String), ...refusal });
  });

  it('where the API reads the document itself', () =>
    expect(acceptUndelivered(aPlan(), failing, asker).refusal).toMatchObject({
      why: 'this rollout delivers nothing: its API reads the flag document',
    }));

  it('and the wait names no verb then, as every instance reports it already', () =>
    expect(decide(plan, look(begun, 5, lateMs - 1), lateMs)).toMatchObject({ do: 'wait', verbs: [] }));
});
