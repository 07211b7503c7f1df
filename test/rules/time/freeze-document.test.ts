import fc from 'fast-check';
import { parameterText } from '../../../flags/parameter-text';
import type { Freeze } from '../../../rules/plan/environment-plan';
import { parseFreezes, standing, withFreeze } from '../../../rules/time/freeze-document';

const freeze = (changes: Partial<Freeze> = {}): Freeze => ({
  fromMs: 1_000,
  toMs: 9_000,
  reason: 'conference',
  by: 'ada',
  ...changes,
});

const anyFreeze: fc.Arbitrary<Freeze> = fc
  .record({
    fromMs: fc.integer({ min: 0, max: 10_000 }),
    lengthMs: fc.integer({ min: 1, max: 10_000 }),
    reason: fc.string(),
    by: fc.string(),
  })
  .map(({ fromMs, lengthMs, reason, by }) => ({ fromMs, toMs: fromMs + lengthMs, reason, by }));

describe('parseFreezes', () => {
  it('reads back what is written', () =>
    fc.assert(
      fc.property(fc.array(anyFreeze), (freezes) => {
        expect(parseFreezes(parameterText({ freezes }))).toEqual({ ok: true, freezes });
      }),
    ));

  it.each([
    ['nothing', ''],
    ['half a document', '{"freezes":['],
    ['another document', '{"schema":1,"generation":3}'],
    ['a list without its name', '[]'],
    ['a time as a text', '{"freezes":[{"fromMs":"2026-11-03","toMs":9000,"reason":""}]}'],
    ['an end before the beginning', '{"freezes":[{"fromMs":9000,"toMs":1000,"reason":""}]}'],
    ['a moment no calendar has', '{"freezes":[{"fromMs":0,"toMs":1e300,"reason":""}]}'],
    ['a date without a zone', '{"freezes":[{"from":"2026-12-24","to":"2026-12-26","reason":""}]}'],
    ['a zone that is none', '{"freezes":[{"zone":"EST","from":"2026-12-24","to":"2026-12-26","reason":""}]}'],
    ['a day of no calendar', '{"freezes":[{"zone":"UTC","from":"2026-12-24","to":"2026-13-26","reason":""}]}'],
    ['half of each notation', '{"freezes":[{"zone":"UTC","from":"2026-12-24","toMs":9e12,"reason":""}]}'],
    ['a freeze without a reason', '{"freezes":[{"fromMs":0,"toMs":1}]}'],
  ])('takes %s for unreadable, not for no freeze', (_name, text) =>
    expect(parseFreezes(text)).toEqual({ ok: false, why: expect.any(String) }),
  );
});

describe('withFreeze', () => {
  it('adds the same freeze once, also when it is asked for again a little later', () => {
    const once = withFreeze([], freeze());
    expect(withFreeze(once, freeze({ fromMs: 2_000 }))).toBe(once);
  });

  it.each<[string, Partial<Freeze>]>([
    ['another end', { toMs: 9_001 }],
    ['another person', { by: 'bob' }],
    ['another reason', { reason: 'holiday' }],
    ['an earlier beginning', { fromMs: 500 }],
  ])('adds one with %s beside it', (_name, changes) =>
    expect(withFreeze([freeze()], freeze(changes))).toEqual([freeze(), freeze(changes)]),
  );

  it('cuts a reason that is too long to read', () => {
    const [added] = withFreeze([], freeze({ reason: 'x'.repeat(5_000) }));
    expect(added?.reason).toHaveLength(200);
  });

  it('adds a freeze once that was shortened to fit into the document', () => {
    const stored = [freeze({ reason: 'the conf', by: 'ad' })];
    expect(withFreeze(stored, freeze({ fromMs: 2_000, reason: 'the conference' }))).toBe(stored);
  });

  it('cuts no character in the middle', () => {
    const [added] = withFreeze([], freeze({ reason: '🧬'.repeat(5_000) }));
    expect(added?.reason).toBe('🧬'.repeat(200));
  });
});

describe('standing', () => {
  it('keeps what is not over, in order', () =>
    fc.assert(
      fc.property(fc.array(anyFreeze), fc.integer({ min: 0, max: 20_000 }), (freezes, nowMs) => {
        const left = standing(freezes, nowMs);
        expect(left).toHaveLength(freezes.filter(({ toMs }) => toMs > nowMs).length);
        left.forEach((one, index) => expect(one.fromMs).toBeGreaterThanOrEqual(left[index - 1]?.fromMs ?? 0));
      }),
    ));
});
