import type { Delivered } from '../../../rules/delivery/delivery';
import * as rules from '../../../rules/rollout/delivering';
import { describeStatus } from '../../../rules/report/rollout';
import { pause, resume, stop } from '../../../rules/rollout/pause-hold';
import { headline, zeroConfirmed } from '../../../rules/report/rollout-headline';
import { decide } from '../../../rules/rollout/decide';
import { LATE_WRITE_MS } from '../../../rules/rollout/zero';
import { begin, type RolloutState } from '../../../rules/rollout/state/state';
import { statusOf } from '../../../rules/rollout/status/build-status';
import { recordZero, recordZeroCheck } from '../../../rules/rollout/zero';
import { aPlan, DAY_MS, MINUTE_MS, theDelivery } from '../../helpers/samples/plans';
import { changed } from '../../helpers/samples/changed-state';

const plan = aPlan({ delivery: theDelivery });
const NOW = Date.UTC(2026, 10, 25, 12);
const some = (reporting: number, of = 5): Delivered => ({
  reporting,
  of,
  complete: reporting === of,
  why: 'i-1: at 0 %',
});

/** 10 % is in the document since now. */
const raised: RolloutState = changed(begin('ada', undefined, NOW), {
  flag: { known: true, readAtMs: NOW, percentage: 10, owned: true, raiseRequested: true, written: [10] },
  step: { index: 0 },
});
const begun = rules.beginDelivery(raised, 10, NOW);
const look = (percentage: number, found: Delivered, askedAtMs = NOW) => ({ percentage, found, askedAtMs });
const aborted = stop(begun, { kind: 'abort', why: 'enough', sinceMs: NOW, by: 'bob' });
const status = (state: RolloutState, nowMs = NOW) =>
  statusOf(plan, state, decide(plan, state, nowMs), { workflowId: 'w', planHash: 'h', nowMs });

describe('the delivery of a raise', () => {
  it('is waited for with count, reason and verbs, and its soak begins when every instance reports it', () => {
    const known = rules.recordDelivered(plan, begun, look(10, some(3)), NOW + MINUTE_MS);
    const wait = decide(plan, known, NOW + 2 * DAY_MS);
    expect(wait).toMatchObject({ do: 'wait', phase: 'raising', sinceMs: NOW, verbs: ['pause', 'abort'] });
    expect(wait.do === 'wait' && wait.why).toContain('flag document 10 %, delivered to 3 of 5 instances (i-1: at 0 %)');
    const done = rules.recordDelivered(plan, known, look(10, some(5)), NOW + 5 * MINUTE_MS);
    expect(done.step.entered.atMs).toBe(NOW + 5 * MINUTE_MS);
    expect(decide(plan, done, NOW + DAY_MS)).toMatchObject({ phase: 'soaking', untilMs: NOW + 5 * MINUTE_MS + DAY_MS });
    expect(rules.deliveryDue(plan, done)).toBeUndefined();
  });

  it('that fails holds, and continues only after a resume, with its full time', () => {
    const failed = rules.recordUndelivered(plan, begun, { percentage: 10, why: 'denied' }, NOW + MINUTE_MS);
    expect(decide(plan, failed, NOW + 9 * DAY_MS)).toMatchObject({
      ...{ do: 'wait', phase: 'holding', sinceMs: NOW + MINUTE_MS, verbs: ['resume', 'abort'] },
      why: 'on hold: 10 % is NOT delivered to service pavi-api-prod of ECS cluster pavi: denied',
    });
    expect(rules.deliveryDue(plan, failed)).toBeUndefined();
    const again = resume(failed, { why: 'allowed it', sinceMs: NOW + DAY_MS, by: 'bob' });
    expect(rules.deliveryDue(plan, again)).toBe(10);
    expect(rules.deliveryUntilMs(plan, again)).toBe(NOW + DAY_MS + theDelivery.withinMs);
  });

  it('is not due while paused, and its bound is later by the pause', () => {
    const paused = pause(begun, { why: 'lunch', sinceMs: NOW });
    expect(rules.deliveryDue(plan, paused)).toBeUndefined();
    const resumed = resume(paused, { why: 'back', sinceMs: NOW + DAY_MS });
    expect(rules.deliveryUntilMs(plan, resumed)).toBe(NOW + DAY_MS + theDelivery.withinMs);
  });

  it('is not recorded when it was overtaken', () => {
    expect(rules.recordDelivered(plan, aborted, look(10, some(5)), NOW)).toBe(aborted);
    expect(rules.recordUndelivered(plan, aborted, { percentage: 10, why: 'x' }, NOW)).toBe(aborted);
  });

  it('is unknown to a plan whose API reads the document', () => {
    expect(rules.deliveryDue(aPlan(), raised)).toBeUndefined();
    expect(decide(aPlan(), raised, NOW + MINUTE_MS)).toMatchObject({ phase: 'soaking' });
  });
});

describe('the delivery of 0 %', () => {
  const zeroed = recordZero(aborted, 9, NOW);
  const checked = recordZeroCheck(
    zeroed,
    { found: true, percentage: 0, generation: 9, writer: 'w' },
    NOW + LATE_WRITE_MS,
  );
  const lateMs = NOW + LATE_WRITE_MS;

  it('comes after the document, and before nothing of it', () => {
    expect(rules.deliveryDue(plan, aborted)).toBeUndefined();
    expect(decide(plan, aborted, NOW)).toMatchObject({ do: 'roll-back' });
    expect(rules.deliveryDue(plan, zeroed)).toBe(0);
    expect(decide(plan, zeroed, lateMs)).toMatchObject({ do: 'check-zero' });
  });

  it('is waited for without end, shown with the count and shouted about, and is no confirmed zero before', () => {
    const known = rules.recordDelivered(plan, rules.beginDelivery(checked, 0, NOW), look(0, some(3), lateMs), lateMs);
    const failed = rules.recordUndelivered(plan, known, { percentage: 0, why: 'throttled' }, lateMs);
    const months = NOW + 90 * DAY_MS;
    const wait = decide(plan, failed, months);
    expect(wait).toMatchObject({ do: 'wait', phase: 'rolling-back', sinceMs: NOW });
    expect(wait.do === 'wait' && wait.why).toMatch(
      /^flag document 0 %, delivered to 3 of 5 .*NOT DELIVERED.*throttled/,
    );
    expect(zeroConfirmed(status(failed))).toBe(false);
    expect(headline(status(failed), NOW, 'UTC')).toContain('the flag document says 0 %, NOT DELIVERED');
    expect(describeStatus(status(failed), NOW)).toContain('flag document 0 %, delivered to 3 of 5 instances');
    expect(rules.deliveryDue(plan, failed)).toBe(0);
  });

  it('is certain only after a check at the longest time that a raise given up may still set its own', () => {
    const early = rules.recordDelivered(plan, checked, look(0, some(5), lateMs - 1), lateMs + MINUTE_MS);
    expect(rules.deliveryDue(plan, early)).toBe(0);
    const sure = rules.recordDelivered(plan, early, look(0, some(5), lateMs), lateMs + MINUTE_MS);
    expect(rules.deliveryDue(plan, sure)).toBeUndefined();
    expect(zeroConfirmed(status(sure))).toBe(false);
    expect(decide(plan, sure, lateMs + MINUTE_MS)).toMatchObject({ do: 'finish', outcome: { outcome: 'aborted' } });
  });

  it('is due again when the document had to be written again', () => {
    const sure = rules.recordDelivered(plan, checked, look(0, some(5), lateMs), lateMs);
    const rewritten = recordZero(recordZeroCheck(sure, { found: false, why: 'gone' }, lateMs), 12, lateMs + DAY_MS);
    expect(rules.deliveryDue(plan, rewritten)).toBe(0);
  });
});

describe('variables that somebody else set', () => {
  const delivered = rules.recordDelivered(plan, begun, look(10, some(5)), NOW);

  it('are respected as an abort when they say less', () => {
    const seen = rules.recordVariables(plan, delivered, { percentage: 0, why: 'USE is false' }, NOW);
    expect(seen.stop).toMatchObject({ kind: 'abort' });
    expect(seen.stop?.why).toContain('USE is false');
  });

  it.each([
    ['more', { percentage: 100, why: 'ENABLE is false' }],
    ['nothing that can be understood', { why: 'USE is not set' }],
  ])('hold when they say %s, and are set again by who resumes', (_name, found) => {
    const seen = rules.recordVariables(plan, delivered, found, NOW);
    expect(seen.held).toMatchObject({ because: 'undelivered' });
    expect(rules.variablesWatched(plan, seen)).toBe(false);
    expect(rules.deliveryDue(plan, resume(seen, { why: 'set it', sinceMs: NOW }))).toBe(10);
  });

  it('are looked at only once they were delivered, and never on the way to 0', () => {
    expect(rules.variablesWatched(plan, begun)).toBe(false);
    expect(rules.variablesWatched(plan, delivered)).toBe(true);
    expect(rules.variablesWatched(plan, { ...delivered, stop: aborted.stop! })).toBe(false);
    expect(rules.recordVariables(plan, begun, { percentage: 0, why: 'x' }, NOW)).toBe(begun);
  });
});
