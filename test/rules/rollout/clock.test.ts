import fc from 'fast-check';
import { pause, resume } from '../../../rules/rollout/pause-hold';
import { countsFromMs, endAhead, type Moment, momentOf } from '../../../rules/rollout/state/clock';
import { begin, type RolloutState } from '../../../rules/rollout/state/state';

const START = Date.UTC(2026, 10, 3, 15);

/** A time that is moved at every resume: by the pause, but what began during it only to its end. An end ahead is moved by all of it. */
interface Shifted {
  readonly moment: Moment;
  readonly ahead: boolean;
  wallMs: number;
}

function shift(one: Shifted, pausedForMs: number, nowMs: number): void {
  const later = one.wallMs + pausedForMs;
  one.wallMs = one.ahead ? later : Math.min(later, Math.max(one.wallMs, nowMs));
}

const event = fc.record({
  what: fc.constantFrom('pause', 'resume', 'begins', 'is set'),
  gapMs: fc.integer({ min: 0, max: 7_200_000 }),
  aheadMs: fc.integer({ min: 1, max: 86_400_000 }),
});

/** The state and every time noted so far, after each event. */
function* story(events: readonly { what: string; gapMs: number; aheadMs: number }[]) {
  let state: RolloutState = begin('ada', undefined, START);
  const times: Shifted[] = [];
  let nowMs = START;
  for (const { what, gapMs, aheadMs } of events) {
    nowMs += gapMs;
    const halt = { why: what, sinceMs: nowMs };
    if (what === 'pause') state = pause(state, halt);
    else if (what === 'resume') {
      if (state.paused !== undefined) for (const one of times) shift(one, nowMs - state.paused.sinceMs, nowMs);
      state = resume(state, halt);
    } else if (what === 'begins') times.push({ moment: momentOf(state, nowMs), ahead: false, wallMs: nowMs });
    else times.push({ moment: endAhead(state, nowMs + aheadMs), ahead: true, wallMs: nowMs + aheadMs });
    yield { state, times };
  }
}

describe("the rollout's clock", () => {
  it('moves every time as far as the pauses after it, whatever comes in which order', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        for (const { state, times } of story(events))
          expect(times.map(({ moment }) => countsFromMs(state, moment))).toEqual(times.map(({ wallMs }) => wallMs));
      }),
      { numRuns: 1_000 },
    );
  });

  it('keeps the time that people see', () => {
    const paused = pause(begin('ada', undefined, START), { why: 'lunch', sinceMs: START + 1_000 });
    const given = momentOf(paused, START + 5_000);
    const resumed = resume(paused, { why: 'back', sinceMs: START + 61_000 });
    expect([given.atMs, countsFromMs(resumed, given)]).toEqual([START + 5_000, START + 61_000]);
  });

  it('is not moved by a hold, nor by a resume that ends none', () => {
    const state = begin('ada', undefined, START);
    expect(resume(state, { why: 'back', sinceMs: START + 1_000 })).toBe(state);
    const held = { ...state, held: { why: 'x', sinceMs: START, because: 'alarm' as const } };
    expect(resume(held, { why: 'back', sinceMs: START + 9_000 }).clock).toEqual({ pausedMs: 0 });
  });

  it('knows no time for no moment', () =>
    expect(countsFromMs(begin('ada', undefined, START), undefined)).toBeUndefined());
});
