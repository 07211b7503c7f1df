import { briefly, stateNow } from '../../../../client/rollout/briefly';
import type { RolloutView } from '../../../../client/temporal/find-rollout';
import { withLook } from '../../../../client/temporal/last-look';
import type { RolloutStatus } from '../../../../rules/rollout/status/status';
import { NOON, soakingStatus, withoutWait } from '../../../helpers/samples/rollout-status';

const seen = (status: RolloutStatus, running = true): RolloutView => ({ status, running, runId: 'run' });
const paused = { why: 'paused by bob: looking', sinceMs: NOON, verbs: ['resume', 'abort'] };

describe('a verb that steers', () => {
  it('answers in three lines: what it did, the state now, and where to see all of it', () => {
    const status = soakingStatus({ phase: 'paused', wait: paused });
    expect(briefly('pavi prod is paused at 25 %.', seen(status), { sandbox: true }).split('\n')).toEqual([
      '**pavi prod is paused at 25 %.**',
      'Now: nothing is raised until `rollout resume prod`; alarms still return traffic to 0 %.',
      'Follow it: `npx rollout watch prod --sandbox`',
    ]);
    const ended = withoutWait({
      phase: 'ended',
      percentage: 0,
      outcome: { outcome: 'aborted', why: 'bob', atMs: NOON },
    });
    expect(briefly('pavi prod: 0 % confirmed.', seen(ended, false), {}).split('\n')).toEqual([
      '**pavi prod: 0 % confirmed.**',
      'Now: ABORTED, at 0 %: bob.',
      'See all of it: `npx rollout status prod`',
    ]);
  });

  it.each<[string, RolloutStatus, string]>([
    ['a soak', soakingStatus(), '25 %, healthy; next 50 % in 3 h, Mon 23 Nov 15:00:00 UTC.'],
    [
      'a zero',
      soakingStatus({
        phase: 'rolling-back',
        percentage: 0,
        wait: { why: 'second check', sinceMs: NOON, untilMs: NOON + 10_000, verbs: [] },
      }),
      'a second check follows in 10 s, Mon 23 Nov 12:00:10 UTC; then the rollout ends and the flag is free.',
    ],
    [
      'a rollout that does not answer',
      withoutWait({ phase: 'not-known', percentage: 100, flagReadAtMs: NOON }),
      '100 %, read from AWS Mon 23 Nov 12:00:00 UTC, not reported by the rollout',
    ],
    [
      'one whose flag is not known either',
      withoutWait({ phase: 'not-known', percentage: undefined, percentageUnknown: 'AWS did not answer' }),
      'NOT KNOWN: AWS did not answer',
    ],
  ])('says of %s how it goes on', (_what, status, words) => expect(stateNow(status, NOON, 'UTC')).toBe(words));
});

describe('what the guards measured last', () => {
  const guards = [{ name: 'failed', outcome: 'healthy', why: 'failed is OK' }] as const;

  it('is newer than what the rollout knows, or is left out', () => {
    const status = soakingStatus();
    const { atMs } = status.health;
    expect(withLook(status, { atMs: atMs + 1, guards })).toEqual({ ...status, guards, checkedAtMs: atMs + 1 });
    expect(withLook(status, { atMs: atMs - 1, guards })).toBe(status);
    expect(withLook(status, undefined)).toBe(status);
  });
});
