import type { Verdict } from '../../../../rules/guards/verdict';
import * as halt from '../../../../rules/rollout/pause-hold';
import { decide } from '../../../../rules/rollout/decide';
import * as record from '../../../../rules/rollout/state/state';
import { formatTime } from '../../../../rules/format';
import { aPlan, DAY_MS, HOUR_MS, MINUTE_MS } from '../../../helpers/samples/plans';
import { changed } from '../../../helpers/samples/changed-state';

const START_MS = Date.UTC(2026, 10, 3, 15);
const by = (name: string, atMs: number) => ({ by: name, why: 'test', sinceMs: atMs });

/** At 10 % for a day, and so due for 25 %. */
const at10 = (): record.RolloutState => {
  const begun = changed(record.begin('ada', undefined, START_MS), { flag: { known: true, owned: true as const } });
  return record.recordRaise(record.raising(begun, 10), { percentage: 10, generation: 1 }, 0, START_MS);
};

describe('freezes that cannot be read', () => {
  const plan = aPlan({ freezeParameter: '/pavi/prod/rollout-freezes' });
  const startedMs = START_MS + 2 * DAY_MS;
  const healthy: Verdict = {
    outcome: 'healthy',
    why: 'all OK',
    atMs: startedMs,
    ringing: [],
    noticed: [],
    guards: [],
  };
  const waiting = halt.recordVerdict(at10(), healthy);
  const unread = (state: record.RolloutState, readAtMs: number) =>
    record.recordFreezes(state, { list: [], readAtMs, problem: 'AccessDenied' });
  const failedTimes = (times: number, readAtMs: number) =>
    Array.from({ length: times }).reduce<record.RolloutState>((state) => unread(state, readAtMs), waiting);

  it.each([
    [1, 30_000, 'once'],
    [2, MINUTE_MS, '2 times'],
    [5, 8 * MINUTE_MS, '5 times'],
    [8, HOUR_MS, '8 times'],
    [2_000, HOUR_MS, '2000 times'],
  ])('%d times are read again after %d ms, which the wait tells', (times, ms, told) => {
    const decision = decide(plan, failedTimes(times, startedMs), startedMs);
    expect(decision).toMatchObject({ do: 'wait', untilMs: startedMs + ms, sinceMs: startedMs });
    expect(decision.why).toContain(
      `(read ${told}, again ${formatTime(startedMs + ms, 'UTC', startedMs)}): AccessDenied`,
    );
    expect(decide(plan, failedTimes(times, startedMs), startedMs + ms)).toMatchObject({ do: 'read-freezes' });
  });

  it('are read at once after a change, and then more often again', () => {
    const told = record.forgetFreezes(failedTimes(9, startedMs), startedMs + 1);
    expect(decide(plan, told, startedMs + 1)).toMatchObject({ do: 'read-freezes' });
    expect(decide(plan, unread(told, startedMs + 1), startedMs + 2)).toMatchObject({ untilMs: startedMs + 30_001 });
  });

  it('are read at once after a resume', () => {
    const paused = halt.pause(failedTimes(9, startedMs), by('ada', startedMs + 1));
    expect(decide(plan, halt.resume(paused, by('ada', startedMs + 9)), startedMs + 9)).toMatchObject({
      do: 'read-freezes',
    });
  });

  it('start again when they could be read in between', () => {
    const read = record.recordFreezes(failedTimes(9, startedMs), { list: [], readAtMs: startedMs });
    expect(decide(plan, unread(read, startedMs), startedMs)).toMatchObject({ untilMs: startedMs + 30_000 });
  });
});
