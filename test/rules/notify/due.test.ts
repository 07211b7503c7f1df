import fc from 'fast-check';
import { occasionsDue } from '../../../rules/notify/due';
import type { Channel } from '../../../rules/notify/notice';
import type { CheckOutcome } from '../../../rules/checks/check';
import { recordSending, recordSent, teamNotified } from '../../../rules/notify/sent-notices';
import { decide } from '../../../rules/rollout/decide';
import type { RolloutState } from '../../../rules/rollout/state/state';
import { begin } from '../../../rules/rollout/state/state';
import { statusOf } from '../../../rules/rollout/status/build-status';
import { recordZero, recordZeroProblem } from '../../../rules/rollout/zero';
import { aPlan, DAY_MS, HOUR_MS, MINUTE_MS } from '../../helpers/samples/plans';
import { changed } from '../../helpers/samples/changed-state';

const NOW = Date.UTC(2026, 10, 24, 12);
const team: Channel = { name: 'support', webhook: { variable: 'HOOK' } };
const plan = aPlan({
  notify: [team],
  approvals: { required: 1, starterMayApprove: true, before: 'every-raise', validForMs: DAY_MS },
  limits: { ...aPlan().limits, approval: { atMostMs: HOUR_MS, then: 'continue' } },
});
const known: RolloutState = changed(begin('ada', undefined, NOW), { flag: { known: true, owned: true } });
/** Of a rollout that was never paused. */
const never = (atMs: number) => ({ atMs, clockMs: atMs });
const healthy = (atMs: number) => ({
  health: { outcome: 'healthy' as const, why: 'OK', atMs, ringing: [], noticed: [], guards: [] },
});
const at25: RolloutState = {
  ...known,
  flag: { ...known.flag, percentage: 25, written: [10, 25] },
  step: { ...known.step, index: 1, entered: never(NOW) },
};

function due(state: RolloutState, nowMs = NOW, of = plan) {
  const status = statusOf(of, state, decide(of, state, nowMs), { workflowId: 'w', planHash: 'h', nowMs });
  return occasionsDue(of, state, status, nowMs);
}
const keys = (state: RolloutState, nowMs = NOW) => due(state, nowMs).map(({ key }) => key);
const halt = { why: 'x', sinceMs: NOW - 5 };
const AT_ZERO = { written: { atMs: NOW, checked: false } };
const outcome = (kind: 'completed' | 'rolled-back' | 'aborted' | 'refused') => ({ outcome: kind, why: 'x', atMs: NOW });

describe('what is due', () => {
  it.each<[string, RolloutState, readonly string[]]>([
    ['nothing, while the flag is not owned', begin('ada', undefined, NOW), []],
    ['nothing, while it is owned and not known', { ...known, flag: { ...known.flag, known: false } }, []],
    ['the start', known, ['started']],
    ['a raise', at25, ['started', 'raised-25']],
    ['a raise to a fraction', { ...at25, flag: { ...at25.flag, written: [0.25] } }, ['started', 'raised-0.25']],
    ['a pause', { ...at25, paused: halt }, ['started', 'raised-25', `paused-${NOW - 5}`]],
    ['a hold', { ...at25, held: { ...halt, because: 'alarm' } }, ['started', 'raised-25', `held-${NOW - 5}`]],
    ['nothing but the way to zero, on it', { ...at25, stop: { ...halt, kind: 'breach' } }, []],
    ['nothing of a breach before any traffic', { ...known, stop: { ...halt, kind: 'breach' }, zero: AT_ZERO }, []],
    ['nothing of an abort', { ...at25, stop: { ...halt, kind: 'abort' }, zero: AT_ZERO }, []],
    ['0 %, as soon as it is written', { ...at25, stop: { ...halt, kind: 'breach' }, zero: AT_ZERO }, ['rolling-back']],
    ['the end', { ...at25, outcome: outcome('completed') }, ['ended-completed']],
    ['a rollback', { ...at25, outcome: outcome('rolled-back') }, ['ended-rolled-back']],
    ['nothing of a refusal', { ...known, outcome: outcome('refused') }, []],
    [
      'a refusal after the notice of the start',
      { ...known, log: { ...known.log, sentNotices: [{ key: 'started', atMs: NOW }] }, outcome: outcome('refused') },
      ['ended-refused'],
    ],
  ])('is %s', (_what, state, expected) => expect(keys(state)).toEqual(expected));

  it('is a wait for approval, once, and once more when it has lasted too long', () => {
    const atMs = NOW + 2 * DAY_MS;
    const waiting = changed(at25, { watch: { ...healthy(atMs), sinceMs: NOW } });
    expect(keys(waiting, atMs).slice(2)).toEqual(['approval-50']);
    const later = changed(waiting, { watch: healthy(atMs + HOUR_MS) });
    expect(keys(later, atMs + HOUR_MS).slice(2)).toEqual(['approval-50', `overdue-approving-${atMs}`]);
  });

  it('is nothing without a channel', () => {
    const { notify: _notify, ...nobody } = plan;
    expect(due({ ...at25, paused: halt }, NOW, nobody)).toEqual([]);
  });

  it('is looks that are not healthy once a step, however often they come and go', () => {
    const atMs = NOW + 2 * DAY_MS;
    const unhealthy = (sinceMs: number): RolloutState => ({
      ...at25,
      watch: {
        ...at25.watch,
        health: { outcome: 'no-data', why: 'x', atMs: sinceMs, ringing: [], noticed: [], guards: [] },
        unhealthySince: never(sinceMs),
      },
    });
    expect(keys(unhealthy(atMs), atMs)).toContain('unhealthy-1');
    expect(keys(unhealthy(atMs + MINUTE_MS), atMs + MINUTE_MS)).toContain('unhealthy-1');
  });
});

it('a sent notice is not due again, whatever happens between', () => {
  const state = fc.constantFrom<RolloutState>(
    known,
    at25,
    { ...at25, paused: halt },
    { ...at25, held: { ...halt, because: 'drift' } },
    { ...at25, outcome: outcome('completed') },
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(state, fc.integer({ min: 0, max: DAY_MS })), { maxLength: 30 }), (moments) => {
      let told: RolloutState['log']['sentNotices'] = [];
      const all: string[] = [];
      for (const [moment, afterMs] of moments) {
        const now = { ...moment, log: { ...moment.log, sentNotices: told } };
        for (const occasion of due(now, NOW + afterMs)) {
          all.push(occasion.key);
          told = recordSending({ ...now, log: { ...now.log, sentNotices: told } }, occasion, NOW + afterMs).log
            .sentNotices;
        }
      }
      expect(new Set(all).size).toBe(all.length);
    }),
  );
});

it('an unconfirmed zero is sent at once, then after 1, 2, 4 … minutes, at last every hour, until it is confirmed', () => {
  let state = recordZeroProblem({ ...at25, stop: { ...halt, kind: 'breach' } }, 'SSM is down', NOW);
  const toldAtMs: number[] = [];
  for (let nowMs = NOW; nowMs < NOW + 5 * HOUR_MS; nowMs += 3_000)
    for (const occasion of due(state, nowMs)) {
      expect(occasion.kind).toBe('zero-not-confirmed');
      toldAtMs.push(nowMs - NOW);
      state = recordSending(state, occasion, nowMs);
    }
  expect(toldAtMs.map((ms) => ms / MINUTE_MS)).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
  expect(keys(recordZero(state, 9, NOW), NOW + 9 * HOUR_MS)).toEqual(['rolling-back']);
});

it('an undelivered zero is sent in the same way, until it is delivered, or an operator leaves it', () => {
  const atZero = recordZero({ ...at25, stop: { ...halt, kind: 'breach' } }, 9, NOW);
  const zeroed = recordSending(atZero, { key: 'rolling-back' }, NOW);
  const delivery = { percentage: 0, since: never(NOW), problem: 'no such service' };
  const failing: RolloutState = { ...zeroed, delivery };
  expect(due(failing)).toEqual([{ kind: 'zero-not-confirmed', key: 'zero-not-confirmed-1' }]);
  const told = recordSending(failing, { key: 'zero-not-confirmed-1' }, NOW);
  expect(due(told, NOW + MINUTE_MS - 1)).toEqual([]);
  expect(keys(told, NOW + MINUTE_MS)).toEqual(['zero-not-confirmed-2']);
  const { problem: _problem, ...reported } = delivery;
  expect(due({ ...told, delivery: reported }, NOW + HOUR_MS)).toEqual([]);
  expect(due({ ...told, zero: { ...told.zero, undelivered: halt } }, NOW + HOUR_MS)).toEqual([]);
});

describe('team-notified', () => {
  const started = { key: 'started', title: 'pavi prod: started' };
  const telling = recordSending(known, started, NOW);

  it.each<[string, RolloutState, CheckOutcome]>([
    ['the start was not told', known, 'unknown'],
    ['it is not known yet', telling, 'unknown'],
    ['no channel took it', recordSent(telling, started, { told: [], failed: [] }, NOW), 'no'],
    ['a channel took it', recordSent(telling, started, { told: ['support'], failed: [] }, NOW), 'yes'],
  ])('is proved or not when %s', (_what, state, outcome) => expect(teamNotified(state).outcome).toBe(outcome));

  it('logs the channels that could not be reached, and why', () => {
    const failed = [{ channel: 'on-call', why: 'answered 404' }];
    const { log } = recordSent(telling, started, { told: ['support'], failed }, NOW);
    expect(log.entries.at(-1)).toEqual({ atMs: NOW, what: 'on-call did not get "pavi prod: started": answered 404' });
  });
});
