import fc from 'fast-check';
import { createHash } from 'node:crypto';
import {
  auditFolder,
  type AuditEvent,
  type AuditHead,
  auditKey,
  type AuditSource,
  entryIn,
  headOf,
  isEvent,
  lineAfter,
  NO_HEAD,
  numberIn,
} from '../../../rules/audit/entry';
import { type AuditObject, numbersOf, verifyRecord } from '../../../rules/audit/verify';
import { auditWorkflowId } from '../../../workflows/messages';

const source: AuditSource = {
  service: 'checkout',
  environment: 'prod',
  workflowId: 'rollout-checkout-prod',
  run: 'run-1',
  planHash: 'abcdefabcdef',
};
const event = (seq: number, what = `happening ${seq}`): AuditEvent => ({
  seq,
  at: '2026-11-30T08:00:00.000Z',
  what,
  by: 'ada',
});

interface Record {
  readonly objects: readonly AuditObject[];
  readonly head: AuditHead;
}

function recordOf(events: readonly AuditEvent[], from = source): Record {
  let head = NO_HEAD;
  const objects = events.map((one) => {
    const line = lineAfter(head, from, one);
    head = headOf(head.number + 1, line);
    return { number: head.number, line };
  });
  return { objects, head };
}
const ofLength = (length: number): Record => recordOf(Array.from({ length }, (_, index) => event(index + 1)));
const problemsOf = (objects: readonly AuditObject[], ...heads: AuditHead[]): readonly string[] =>
  verifyRecord(objects, heads).problems.map((one) => `${one.kind} ${numbersOf(one)}`);
const length = fc.integer({ min: 2, max: 12 });
const lengthAndPlace = length.chain((count) => fc.tuple(fc.constant(count), fc.integer({ min: 1, max: count })));

describe('a whole record', () => {
  it('has no problem, whatever its length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 12 }), (count) => {
        const { objects, head } = ofLength(count);
        expect(verifyRecord(objects, [head])).toMatchObject({ head, problems: [] });
      }),
    );
  });

  it('is checked with sha256sum as well: each line names the hash of the line before', () => {
    const { objects } = ofLength(3);
    const sha = createHash('sha256').update(objects[0]!.line).digest('hex');
    expect(JSON.parse(objects[1]!.line)).toMatchObject({ number: 2, previous: sha, by: 'ada' });
  });

  it('may have entries of several workflows, each with its own count', () => {
    const first = recordOf([event(1), event(2)]);
    const line = lineAfter(first.head, { ...source, run: 'run-2' }, event(1));
    expect(problemsOf([...first.objects, { number: 3, line }])).toEqual([]);
  });
});

describe('found by the number', () => {
  it('an entry whose text was changed, wherever it is', () => {
    fc.assert(
      fc.property(lengthAndPlace, fc.string({ minLength: 1 }), ([count, at], more) => {
        const { objects, head } = ofLength(count);
        const forged = objects.map((one) =>
          one.number === at
            ? { ...one, line: one.line.replace('happening', () => `happening ${JSON.stringify(more).slice(1, -1)}`) }
            : one,
        );
        expect(problemsOf(forged, head)).toEqual([`altered ${at}`]);
      }),
    );
  });

  it('any other line in the place of an entry', () => {
    fc.assert(
      fc.property(lengthAndPlace, fc.string(), ([count, at], line) => {
        const { objects, head } = ofLength(count);
        const forged = objects.map((one) => (one.number === at ? { ...one, line } : one));
        expect(problemsOf(forged, head)).toContain(`altered ${at}`);
      }),
    );
  });

  it('an entry that was removed; at the end as a truncation, if somebody knows the head', () => {
    fc.assert(
      fc.property(lengthAndPlace, ([count, at]) => {
        const { objects, head } = ofLength(count);
        const left = objects.filter(({ number }) => number !== at);
        expect(problemsOf(left, head)).toContain(at === count ? `truncated ${at}` : `missing ${at}`);
      }),
    );
  });

  it('two entries that were swapped', () => {
    fc.assert(
      fc.property(lengthAndPlace, fc.nat(), ([count, one], more) => {
        const other = ((one + (more % (count - 1))) % count) + 1;
        fc.pre(one !== other);
        const { objects, head } = ofLength(count);
        const lineAt = (number: number): string => objects[number - 1]!.line;
        const swapped = objects.map((each) => {
          if (each.number === one) return { ...each, line: lineAt(other) };
          return each.number === other ? { ...each, line: lineAt(one) } : each;
        });
        const problems = problemsOf(swapped, head);
        expect(problems).toEqual(expect.arrayContaining([`moved ${one}`, `moved ${other}`]));
        expect(problems.filter((what) => what.startsWith('altered'))).toEqual([]);
      }),
    );
  });

  it('a record whose entries from one on were written again with right hashes, by the head that the rollout knows', () => {
    fc.assert(
      fc.property(lengthAndPlace, ([count, at]) => {
        const { head } = ofLength(count);
        const events = Array.from({ length: count }, (_, index) =>
          event(index + 1, index + 1 < at ? undefined : 'forged'),
        );
        expect(problemsOf(recordOf(events).objects, head)).toEqual([`altered ${count}`]);
      }),
    );
  });

  it('entries that were removed with all numbers after them: the workflow has counted them', () => {
    const { objects } = recordOf([event(1), event(4)]);
    expect(verifyRecord(objects).problems).toEqual([
      {
        kind: 'incomplete',
        from: 2,
        to: 2,
        why: 'rollout-checkout-prod (run run-1): 2 entries before it, from 2 on, are not in the record',
      },
    ]);
  });
});

describe('a workflow that was reset and counts on from before', () => {
  const entry = entryIn(lineAfter(NO_HEAD, source, event(3)))!;

  it.each<[string, Partial<AuditEvent>]>([
    ['time', { at: '2026-11-30T09:00:00.000Z' }],
    ['text', { what: 'abort: too slow' }],
    ['person', { by: 'bob' }],
    ['person, which is nobody', { by: undefined }],
  ])('does not take its number with another %s for an event that is written', (_of, other) => {
    expect(isEvent(entry, source, event(3))).toBe(true);
    expect(isEvent(entry, source, { ...event(3), ...other })).toBe(false);
  });

  it('has its number twice in the record, which is said', () => {
    const { objects } = recordOf([event(1), event(2), event(2, 'abort: too slow')]);
    expect(verifyRecord(objects).problems).toEqual([
      expect.objectContaining({
        kind: 'incomplete',
        from: 3,
        why: expect.stringMatching(/entry 2 comes after its entry 2/),
      }),
    ]);
  });

  it('hands other entries of the same numbers to another workflow, and the same ones to the same', () => {
    const idOf = (...events: AuditEvent[]) => auditWorkflowId(source.workflowId, '0123456789', events);
    expect(idOf(event(3))).toBe(idOf({ ...event(3) }));
    expect(idOf(event(3))).not.toBe(idOf(event(3, 'abort: too slow')));
  });
});

describe('a bucket with versions', () => {
  it('says that a number was written again or deleted, and what was there first counts', () => {
    const { objects, head } = ofLength(3);
    const touched = objects.map((one) => {
      if (one.number === 1) return { ...one, overwrittenAt: ['2026-12-01T00:00:00.000Z'] };
      return one.number === 3 ? { ...one, deletedAt: '2026-12-02T00:00:00.000Z' } : one;
    });
    expect(verifyRecord(touched, [head]).problems).toEqual([
      expect.objectContaining({ kind: 'overwritten', from: 1, why: expect.stringContaining('the first one counts') }),
      expect.objectContaining({ kind: 'deleted', from: 3, why: expect.stringContaining('2026-12-02') }),
    ]);
  });
});

it('the record of another environment is not continued unnoticed', () => {
  const { head } = ofLength(2);
  const line = lineAfter({ number: 0, hash: head.hash }, source, event(1));
  expect(problemsOf([{ number: 1, line }])).toEqual(['altered 1']);
});

it('keys sort as numbers do, and other objects are no entries', () => {
  const folder = auditFolder({ bucket: 'b', prefix: 'audit/' }, source);
  expect(auditKey(folder, 12)).toBe('audit/checkout/prod/0000000012.json');
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9_999_999_999 }), (number) =>
      expect(numberIn(folder, auditKey(folder, number))).toBe(number),
    ),
  );
  for (const key of ['audit/checkout/prod/readme.txt', 'audit/checkout/prod/0000000000.json', 'other/0000000001.json'])
    expect(numberIn(folder, key)).toBeUndefined();
});
