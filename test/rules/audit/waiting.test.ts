import fc from 'fast-check';
import { auditDue, withAudit } from '../../../rules/audit/rollout';
import {
  batchOf,
  entriesAdded,
  MOST_WAITING,
  NOTHING_WRITTEN,
  withEvents,
  written,
} from '../../../rules/audit/waiting';
import { stop } from '../../../rules/rollout/pause-hold';
import { EMPTY_LOG, note } from '../../../rules/rollout/state/log';
import { begin, recordRaise, type RolloutState } from '../../../rules/rollout/state/state';
import { recordZero, recordZeroProblem } from '../../../rules/rollout/zero';

const audit = { bucket: 'records', prefix: '' };
const begun = begin('ada', 'release 2.4', 1_000);
const raisedTo = (state: RolloutState, percentage: number): RolloutState =>
  recordRaise(state, { percentage, generation: 1 }, 0, 2_000);
const happening = (what: string, atMs = 1_000) => ({ atMs, what });

describe('what a rollout logs', () => {
  it('is recorded entry by entry, even when the log itself forgets its oldest ones', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 60 }), (sizes) => {
        let state: RolloutState = withAudit({ audit }, undefined, begun);
        let count = 0;
        for (const size of sizes) {
          let next = state;
          for (let i = 0; i < size; i += 1) next = note(next, happening(`entry ${(count += 1)}`));
          state = withAudit({ audit }, state, next);
        }
        expect(state.audit?.seq).toBe(count + 1);
        expect(state.audit?.waiting.map(({ seq }) => seq)).toEqual(Array.from({ length: count + 1 }, (_, i) => i + 1));
      }),
    );
  });

  it('is not recorded without `audit` in the plan: the state is the one that it was', () =>
    expect(withAudit({}, undefined, begun)).toBe(begun));

  it('has who and when, the percentage before and after, the reason of the decision and the approvals that counted', () => {
    const approvals = [10, 25].map((percentage) => ({ by: 'bob', percentage, atMs: 1_500, clockMs: 1_500 }));
    const before = { ...withAudit({ audit }, undefined, begun), gates: { ...begun.gates, approvals } };
    const known = { ...before, flag: { ...before.flag, known: true, readAtMs: 1_200 } };
    const decision = { do: 'set-traffic', percentage: 10, stepIndex: 0, why: 'all gates are open' } as never;
    const { waiting } = withAudit({ audit }, known, raisedTo(known, 10), decision).audit ?? NOTHING_WRITTEN;
    expect(waiting).toEqual([
      expect.objectContaining({ seq: 1, at: '1970-01-01T00:00:01.000Z', what: 'started: release 2.4', by: 'ada' }),
      {
        seq: 2,
        at: '1970-01-01T00:00:02.000Z',
        what: '10 % written and read back',
        percentage: { before: 0, after: 10 },
        why: 'all gates are open',
        approvals: [{ by: 'bob', percentage: 10, atMs: 1_500 }],
      },
    ]);
  });

  it('is one entry while it repeats itself, and the next one says how often', () => {
    const events = withEvents(
      NOTHING_WRITTEN,
      [happening('tried'), happening('tried'), happening('tried'), happening('done')],
      {},
    );
    expect(events.waiting.map(({ what, repeated }) => [what, repeated])).toEqual([
      ['tried', undefined],
      ['done', 2],
    ]);
  });
});

it('a log that has forgotten everything that was known is recorded whole', () => {
  const after = note({ log: EMPTY_LOG }, happening('new')).log;
  expect(entriesAdded(note({ log: EMPTY_LOG }, happening('old')).log, after)).toEqual([happening('new')]);
});

it('so many entries wait at most, and what is dropped leaves a gap in their numbers', () => {
  const many = Array.from({ length: MOST_WAITING + 5 }, (_, i) => happening(`entry ${i}`));
  const { waiting } = withEvents(NOTHING_WRITTEN, many, {});
  expect([waiting.length, waiting[0]?.seq]).toEqual([MOST_WAITING, 6]);
});

it('batches have the oldest first, none is left out, and each has some', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 60_000 }), { minLength: 1, maxLength: 60 }), (sizes) => {
      let state = withEvents(
        NOTHING_WRITTEN,
        sizes.map((size, i) => happening(`${i} ${'x'.repeat(size)}`)),
        {},
      );
      const seen: number[] = [];
      while (state.waiting.length > 0) {
        const batch = batchOf(state);
        expect(batch.length).toBeGreaterThan(0);
        seen.push(...batch.map(({ seq }) => seq));
        state = written(state, batch.at(-1)!.seq, { number: seen.length, hash: 'h' });
      }
      expect(seen).toEqual(sizes.map((_, i) => i + 1));
    }),
  );
});

describe('on the way to zero', () => {
  const state = withAudit({ audit }, undefined, begun);
  const stopped = withAudit(
    { audit },
    state,
    stop(state, { kind: 'abort', why: 'too slow', sinceMs: 3_000, by: 'ada' }),
  );

  it('nothing is written to the record before the first try, which it could delay', () => {
    expect(auditDue(state)).toHaveLength(1);
    expect(auditDue(stopped)).toEqual([]);
  });

  it.each([
    ['when 0 % is written', recordZero(stopped, 2, 4_000)],
    ['when the first try has failed, so that the record says so', recordZeroProblem(stopped, 'AccessDenied', 4_000)],
  ])('it goes on %s', (_when, after) => {
    expect(auditDue(withAudit({ audit }, stopped, after)).map(({ what }) => what)).toHaveLength(3);
  });
});
