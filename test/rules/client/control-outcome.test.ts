import { controlOutcome, precheck } from '../../../client/rollout/control-outcome';
import type { Verb } from '../../../client/rollout/control-outcome';
import type { RolloutView } from '../../../client/temporal/find-rollout';
import type { RolloutStatus } from '../../../rules/rollout/status/status';
import { NOON, soakingStatus, withoutWait } from '../../helpers/samples/rollout-status';

const seen = (status: RolloutStatus, more: Partial<RolloutView> = {}): RolloutView => ({
  status,
  running: true,
  runId: 'run',
  ...more,
});
const paused = soakingStatus({ phase: 'paused', wait: { why: 'paused', sinceMs: NOON, verbs: ['resume', 'abort'] } });
const held = soakingStatus({ phase: 'holding', wait: { why: 'on hold', sinceMs: NOON, verbs: ['resume', 'abort'] } });
const writing = withoutWait({ phase: 'rolling-back' });
const back = soakingStatus({ phase: 'rolling-back', percentage: 0 });

describe('whatNow', () => {
  it.each<[Verb, string, RolloutStatus]>([
    ['pause', 'a soak', soakingStatus()],
    ['resume', 'a pause', paused],
    ['resume', 'a hold', held],
    ['abort', 'a soak', soakingStatus()],
    ['abort', 'a pause', paused],
    ['abort', 'a rollback under way', writing],
  ])('sends %s to %s', (verb, _what, status) => expect(precheck(verb, seen(status))).toEqual({ send: true }));

  it.each<[Verb, string, RolloutStatus, boolean]>([
    ['pause', 'a pause', paused, false],
    ['resume', 'a soak', soakingStatus(), false],
    ['pause', 'a rollback under way', writing, true],
    ['resume', 'a rollback under way', back, true],
  ])('does not send %s to %s', (verb, _what, status, refused) =>
    expect(precheck(verb, seen(status))).toMatchObject({ send: false, refused }),
  );

  it('sends everything to a rollout that could not be asked', () => {
    expect(precheck('pause', seen(paused, { queryError: 'no worker' }))).toEqual({ send: true });
  });
});

describe('verdictOf', () => {
  it.each<[Verb, string, RolloutView, boolean]>([
    ['pause', 'paused', seen(paused), true],
    ['pause', 'still soaking', seen(soakingStatus()), false],
    ['pause', 'ended', seen(withoutWait({ phase: 'ended' }), { running: false }), false],
    ['resume', 'soaking', seen(soakingStatus()), true],
    ['resume', 'still held', seen(held), false],
    ['abort', 'going back, not confirmed', seen(writing), false],
    ['abort', '0 % confirmed', seen(back), true],
    ['abort', 'ended at 100 %', seen(withoutWait({ phase: 'ended', percentage: 100 }), { running: false }), false],
    ['abort', 'not asked', seen(back, { queryError: 'no worker' }), false],
  ])('of %s, when it is %s', (verb, _what, after, done) => expect(controlOutcome(verb, after).done).toBe(done));

  it('does not call an end confirmed at 0 % that was left undelivered', () => {
    const delivery = { to: 'service api', percentage: 0, done: false, sinceMs: NOON, reporting: 3, of: 5 };
    const outcome = { outcome: 'aborted', undelivered: true, why: 'NOT delivered to 2 of 5', atMs: NOON } as const;
    const ended = seen(withoutWait({ phase: 'ended', percentage: 0, delivery, outcome }), { running: false });
    expect(controlOutcome('abort', ended)).toEqual({
      done: false,
      text: 'pavi prod has ended: NOT delivered to 2 of 5.',
    });
  });

  it('tells when 0 % was confirmed', () => {
    const status = soakingStatus({
      phase: 'rolling-back',
      percentage: 0,
      wait: { why: 'looked at once more', sinceMs: NOON, untilMs: NOON + 1, verbs: [] },
    });
    expect(controlOutcome('abort', seen(status))).toMatchObject({ zeroConfirmedAtMs: NOON });
    expect(controlOutcome('abort', seen(status)).text).toMatch(/^pavi prod: 0 % confirmed at Mon 23 Nov /);
  });

  it('does not claim an unconfirmed effect', () => {
    expect(controlOutcome('abort', seen(soakingStatus(), { queryError: 'no worker is running' })).text).toBe(
      'NOT CONFIRMED: Temporal has the abort, but no worker has confirmed it: no worker is running. It takes effect when a worker runs.',
    );
  });
});
