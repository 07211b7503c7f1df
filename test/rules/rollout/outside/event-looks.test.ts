import fc from 'fast-check';
import type { ExecutionsGuard } from '../../../../rules/guards/guard';
import type { Verdict } from '../../../../rules/guards/verdict';
import {
  askLook,
  EVENTS_EVERY_MS,
  lookDueMs,
  readLookAsked,
  recordEventLook,
} from '../../../../rules/rollout/outside/event-looks';
import * as halt from '../../../../rules/rollout/pause-hold';
import * as record from '../../../../rules/rollout/state/state';
import { aPlan, HOUR_MS, MINUTE_MS } from '../../../helpers/samples/plans';

const START_MS = Date.UTC(2026, 10, 3, 15);
const guard: ExecutionsGuard = {
  ...{ name: 'jobs', kind: 'executions', onBreach: 'rollback', stateMachine: 'orders', userErrors: [] },
  breach: { failedWithin: { count: 3, ofMs: MINUTE_MS } },
};
const watch = { ...aPlan().watch, intervalMs: MINUTE_MS, guards: [guard] };

function at10(): record.RolloutState {
  const raising = record.raising(record.begin('ada', undefined, START_MS), 10);
  return record.recordRaise(raising, { percentage: 10, generation: 1 }, 0, START_MS);
}
const askedAt = (state: record.RolloutState, afterMs: number, atMs = START_MS + afterMs): record.RolloutState =>
  askLook(state, watch, { why: 'job-1 FAILED', atMs }, START_MS + afterMs);
const verdict = (changes: Partial<Verdict> = {}): Verdict => ({
  ...{ outcome: 'inconclusive', why: 'jobs: too few', atMs: START_MS, ringing: [], noticed: [], guards: [] },
  ...changes,
});
const breach = (asks: 'rollback' | 'hold' = 'rollback'): Verdict =>
  verdict({ outcome: 'breach', why: 'jobs failed', guard: 'jobs', asks, ringing: ['jobs 7'] });

/** When checks begin after events at these times, each taking `tookMs`; all after the start. */
function looksAfter(events: readonly number[], untilMs: number, tookMs = 0, of = () => verdict()): readonly number[] {
  const left = events.toSorted((a, b) => a - b);
  const looks: number[] = [];
  let state = at10();
  const hear = (nowMs: number): void => {
    while (left[0] !== undefined && left[0] <= nowMs) state = askedAt(state, left.shift()!);
  };
  for (let nowMs = 0; nowMs <= untilMs; nowMs += 100) {
    hear(nowMs);
    const due = lookDueMs(state, watch);
    if (due === undefined || due > START_MS + nowMs) continue;
    looks.push(nowMs);
    hear(nowMs + tookMs);
    state = recordEventLook(state, { beganAtMs: START_MS + nowMs, verdict: of() }, START_MS + nowMs + tookMs);
    nowMs += tookMs;
  }
  return looks;
}

describe('checks that events ask for', () => {
  it('begin at once, and again when the list of Step Functions must have the event', () => {
    expect(looksAfter([5_000], HOUR_MS)).toEqual([5_000, 8_000]);
  });

  it('come at once for each of three failures within a minute', () => {
    const looks = looksAfter([0, 20_000, 40_000], HOUR_MS);
    expect(looks).toEqual([0, 3_000, 20_000, 23_000, 40_000, 43_000]);
  });

  it('see an event that happened during a check', () => {
    expect(looksAfter([0, 500], HOUR_MS, 2_000)).toEqual([0, 2_100, 4_200]);
  });

  it('are never closer than a second, follow the last event, and become as rare as polls', () => {
    const events = fc.array(fc.integer({ min: 0, max: 20 * MINUTE_MS }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(events, (all) => {
        const looks = looksAfter(all, HOUR_MS);
        looks.slice(1).forEach((look, i) => expect(look - looks[i]!).toBeGreaterThanOrEqual(EVENTS_EVERY_MS));
        for (const event of all)
          expect(looks.some((look) => look >= event && look <= event + MINUTE_MS + 100)).toBe(true);
        expect(looks.at(-1)).toBeGreaterThanOrEqual(Math.max(...all) + 3_000);
      }),
      { numRuns: 50 },
    );
  });

  it('cost a service that fails all the time little more than its polls', () => {
    const always = Array.from({ length: 3_600 }, (_unused, second) => second * 1_000);
    expect(looksAfter(always, HOUR_MS).length).toBeLessThan(80);
  });

  it('are quick again after an interval without events, and after a new verdict', () => {
    const storm = Array.from({ length: 300 }, (_unused, second) => second * 1_000);
    const later = 300_000 + 2 * MINUTE_MS;
    expect(looksAfter([...storm, later], HOUR_MS)).toEqual(expect.arrayContaining([later, later + 3_000]));
    let count = 0;
    const changing = () => verdict({ outcome: count++ % 2 === 0 ? 'healthy' : 'inconclusive' });
    expect(looksAfter(storm, HOUR_MS, 0, changing).length).toBeGreaterThan(290);
  });

  it.each<[string, (state: record.RolloutState) => record.RolloutState]>([
    ['before the step began', (state) => askedAt(state, 0, START_MS - HOUR_MS)],
    ['in a rollout that goes back', (state) => askedAt(halt.recordVerdict(state, breach()), 0)],
    ['before the first raise', () => askedAt(record.begin('ada', undefined, START_MS), 0)],
    [
      'without a guard that counts executions now',
      (state) =>
        askLook(state, { ...watch, guards: [{ ...guard, percentages: [50] }] }, { why: '', atMs: START_MS }, START_MS),
    ],
    [
      'that a check has seen since',
      (state) => {
        const looked = recordEventLook(
          askedAt(state, 0),
          { beganAtMs: START_MS + 9_000, verdict: verdict() },
          START_MS,
        );
        return askedAt(looked, 20_000, START_MS + 5_000);
      },
    ],
  ])('are not made for an event %s', (_name, ask) => {
    expect(lookDueMs(ask(at10()), watch)).toBeUndefined();
  });

  it('roll back by a breach, and say which event it was', () => {
    const looked = recordEventLook(askedAt(at10(), 0), { beganAtMs: START_MS, verdict: breach() }, START_MS + 50);
    expect(looked.stop).toMatchObject({ kind: 'breach', guard: 'jobs', why: 'jobs failed' });
    expect(looked.log.entries.map(({ what }) => what)).toContain('checked because of an event: job-1 FAILED');
  });

  it('hold once by a breach that asks for it, and again only after a resume', () => {
    const look = (state: record.RolloutState): record.RolloutState =>
      recordEventLook(askedAt(state, 0), { beganAtMs: START_MS, verdict: breach('hold') }, START_MS);
    const held = look(at10());
    expect(held.held?.because).toBe('alarm');
    expect(look(held).watch.health).toBe(held.watch.health);
    const resumed = halt.resume(held, { why: 'seen', sinceMs: START_MS + 1 });
    expect(look(resumed).held?.because).toBe('alarm');
  });

  it.each(['healthy', 'error', 'no-data', 'inconclusive'] as const)('leave all to the poll when %s', (outcome) => {
    const asked = askedAt(at10(), 0);
    const looked = recordEventLook(
      asked,
      { beganAtMs: START_MS, verdict: verdict({ outcome, asks: outcome === 'error' ? 'rollback' : undefined }) },
      START_MS,
    );
    expect(looked).toEqual({ ...asked, watch: { ...asked.watch, asked: expect.anything() } });
  });

  it('are asked for by anything that is sent, in the present when it says no time', () => {
    expect(readLookAsked(undefined, 7)).toEqual({ why: 'no reason given', atMs: 7 });
    expect(readLookAsked({ why: 'x', atMs: 'y' }, 7)).toEqual({ why: 'x', atMs: 7 });
    expect(readLookAsked({ why: 'x', atMs: 5 }, 7)).toEqual({ why: 'x', atMs: 5 });
  });
});
