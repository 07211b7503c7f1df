import fc from 'fast-check';
import {
  apiViolations,
  effectiveOf,
  type Happened,
  pausedMs,
  type Seen,
  type Value,
  violationsOf,
} from '../../chaos/invariants';

const WRITER = 'rollout-chaos-c0/run';
const STEPS = [
  { percentage: 10, soakMs: 3_000 },
  { percentage: 50, soakMs: 3_000 },
  { percentage: 100, soakMs: 3_000 },
];

/** Written one after the other, so many ms apart. */
const values = (percentages: readonly number[], apartMs = 4_000): readonly Value[] =>
  percentages.map((percentage, at) => ({
    ...{ percentage, writer: WRITER, version: at + 2, generation: at + 2, atMs: (at + 1) * apartMs },
  }));

const seen = (percentages: readonly number[], more: Partial<Seen> = {}): Seen => ({
  ...{ name: 'c0-1', writer: WRITER, steps: STEPS, values: values(percentages), happened: [], longestHistory: 100 },
  ...{ outcome: 'completed', endedAtMs: 20_000, abortAsked: false, closed: false },
  ...more,
});
const aborted = { outcome: 'aborted', abortAsked: true } as const;
const broken = (one: Seen): readonly string[] => violationsOf(one).map(({ invariant }) => invariant);
const raise = (percentage: number, atMs: number): Happened => ({ what: 'raise-scheduled', percentage, atMs });
const [late] = values([10]);

it.each([
  ['a rollout that completes', seen([10, 50, 100]), []],
  ['a write that was repeated', seen([10, 10, 50, 100]), []],
  ['one that is aborted', seen([10, 50, 0], aborted), []],
  ['one that is rolled back', seen([10, 0], { outcome: 'rolled-back', breachedAtMs: 6_000 }), []],
  ['one that is aborted before it raised', seen([], aborted), []],
  ['a raise after its own 0 %', seen([10, 0, 10], aborted), ['ratchet', 'ratchet']],
  [
    'a raise that begins after an abort',
    seen([10, 0], { ...aborted, happened: [{ what: 'stopped', atMs: 1 }, raise(50, 2)] }),
    ['ratchet'],
  ],
  [
    'a raise that begins after its own 0 %',
    seen([10, 0], { ...aborted, happened: [{ what: 'zero-scheduled', atMs: 1 }, raise(50, 2)] }),
    ['ratchet'],
  ],
  [
    'a late write that stays',
    seen([], { ...aborted, values: [...values([10, 0]), { ...late!, version: 9 }] }),
    ['ratchet'],
  ],
  [
    'a late write that is written over',
    seen([], { ...aborted, values: [...values([10, 0]), { ...late!, version: 9 }, ...values([0, 0, 0, 0]).slice(3)] }),
    [],
  ],
  ['a step that is left out', seen([10, 100], { outcome: 'aborted', abortAsked: true }), ['ratchet', 'steps']],
  ['a raise before the soak is over', seen([], { values: values([10, 50, 100], 2_000) }), ['soak', 'soak']],
  [
    'a soak that was waived',
    seen([], {
      values: values([10, 50, 100], 2_000),
      happened: [2_500, 4_500].map((atMs) => ({ what: 'waived', atMs })),
    }),
    [],
  ],
  [
    'a soak after one that was waived',
    seen([], { values: values([10, 50, 100], 2_000), happened: [{ what: 'waived', atMs: 2_500 }] }),
    ['soak'],
  ],
  [
    'a soak that counts a pause',
    seen([10, 50, 100], {
      happened: [
        { what: 'paused', atMs: 4_500 },
        { what: 'resumed', atMs: 7_500 },
      ],
    }),
    ['soak'],
  ],
  [
    'a raise that begins in a pause',
    seen([10, 50, 100], { happened: [{ what: 'paused', atMs: 1 }, raise(10, 2), { what: 'resumed', atMs: 3 }] }),
    ['pause'],
  ],
  ['a raise in a closed window', seen([10, 0], { ...aborted, closed: true }), ['window']],
  ['a rollback without a breach', seen([10, 0], { outcome: 'rolled-back' }), ['breach']],
  ['a breach that nobody acts on', seen([10, 50, 100], { breachedAtMs: 1_000, endedAtMs: 90_000 }), ['breach']],
  [
    'a raise long after a breach',
    seen([], { values: values([10, 50, 100], 40_000), breachedAtMs: 41_000, endedAtMs: 60_000 }),
    ['breach'],
  ],
  [
    'an abort that is lost',
    seen([10, 50, 100], { abortAsked: true, happened: [{ what: 'stopped', atMs: 9_000 }] }),
    ['abort'],
  ],
  ['an abort that came too late for its history', seen([10, 50, 100], { abortAsked: true }), []],
  ['an abort that nobody sent', seen([10, 0], { outcome: 'aborted' }), ['abort']],
  ['one that does not end', seen([10, 50], { outcome: undefined }), ['end']],
  ['one that Temporal ended', seen([10, 0], { outcome: 'TERMINATED' }), ['end']],
  ['one that completes too low', seen([10, 50]), ['end']],
  ['a history that is too long', seen([10, 50, 100], { longestHistory: 20_000 }), ['history']],
])('%s', (_name, one, expected) => {
  expect(broken(one)).toEqual(expected);
});

it('every raise after a 0 % is found, wherever both are', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 100 }), (raised, again) => {
      const percentages = [...STEPS.slice(0, raised).map(({ percentage }) => percentage), 0];
      expect(broken(seen(percentages, aborted))).toEqual([]);
      expect(broken(seen([...percentages, again], aborted))).toContain('ratchet');
    }),
  );
});

it('readers use no document of a lower generation than one before', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50)), (generations) => {
      const all = generations.map((generation, at) => ({ ...late!, generation, version: at }));
      const used = effectiveOf(all).map(({ generation }) => generation);
      expect(used).toEqual([...used].sort((a, b) => a - b));
      expect(used.at(-1) ?? -1).toBe(Math.max(-1, ...generations));
    }),
  );
});

it('counts of a pause what is within the time asked for', () => {
  const happened: Happened[] = [
    { what: 'paused', atMs: 10 },
    { what: 'paused', atMs: 20 },
    { what: 'resumed', atMs: 30 },
    { what: 'paused', atMs: 50 },
  ];
  expect([pausedMs(happened, 0, 40), pausedMs(happened, 15, 60), pausedMs([], 0, 60)]).toEqual([20, 25, 0]);
});

describe('the answers of the API', () => {
  const had = values([10, 50]);
  const answer = (percentage: number, generation: number, process = 1) => ({
    percentage,
    generation,
    process,
    atMs: 0,
  });
  it.each([
    ['are what the parameter had', [answer(10, 2), answer(50, 3)], 0],
    ['may be older after a new start', [answer(50, 3), answer(10, 2, 2)], 0],
    ['never go back', [answer(50, 3), answer(10, 2)], 1],
    ['are never a percentage that was not there', [answer(25, 2)], 1],
  ] as const)('%s', (_name, answers, count) => {
    expect(apiViolations('c0', answers, had)).toHaveLength(count);
  });
});
