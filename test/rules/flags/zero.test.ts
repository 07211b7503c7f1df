import * as fc from 'fast-check';
import { formatFlags, parseFlags } from '../../../flags/contract';
import { LastGood } from '../../../flags/last-good';
import { zeroOver } from '../../../flags/zero';
import { RAISE_ABOVE, RESTORE_ABOVE, ZERO_ABOVE } from '../../../rules/rollout/state/flag';

const order = {
  writer: 'break-glass by ada',
  reason: 'users complain',
  salt: 'pavi-prod',
  above: ZERO_ABOVE,
  nowMs: 1_800_000_000_000,
};
const document = (generation: number, percentage: number): string =>
  formatFlags({ schema: 1, generation, writer: 'a rollout', reason: '', salt: 'pavi-prod', percentage });

const counted = fc.integer({ min: 0, max: 1_000_000 });
const standing = fc.oneof(
  fc.constant(undefined),
  fc.string(),
  fc.tuple(fc.maxSafeNat(), fc.integer({ min: 0, max: 100 })).map(([generation, p]) => document(generation, p)),
);

it('is a document at 0 % that every reader takes, over any present one', () => {
  fc.assert(
    fc.property(standing, fc.string({ maxLength: 2_000 }), (text, reason) => {
      const zero = zeroOver(text, { ...order, reason });
      expect(parseFlags(formatFlags(zero))).toEqual({ ok: true, document: zero });
      expect(zero.percentage).toBe(0);
      expect(Buffer.byteLength(formatFlags({ ...zero, reason: '' }))).toBeLessThan(400);
      expect(zero.reason.length).toBeLessThanOrEqual(500);
      const reader = new LastGood();
      if (text !== undefined) reader.offer(text, 1);
      expect(reader.offer(formatFlags(zero), 2)).toBe('taken');
    }),
  );
});

it('keeps a reader at 0 that then meets a raise which was under way, whatever was known of it', () => {
  fc.assert(
    fc.property(counted, counted, (stood, ahead) => {
      const reader = new LastGood();
      reader.offer(document(stood, 25), 1);
      reader.offer(formatFlags(zeroOver(document(stood, 25), order)), 2);
      expect(reader.offer(document(stood + ahead, 50), 3)).toBe('refused');
      expect(reader.isNew('any job')).toBe(false);
    }),
  );
});

it('keeps it there also where the generations are above the seconds since 1970, and the raise was read before the zero', () => {
  const far = fc.integer({ min: 1_800_000_000, max: Number.MAX_SAFE_INTEGER - ZERO_ABOVE });
  fc.assert(
    fc.property(far, fc.constantFrom(RAISE_ABOVE, RESTORE_ABOVE), fc.boolean(), (stood, ahead, isRollout) => {
      const reader = new LastGood();
      reader.offer(document(stood, 25), 1);
      const zero = zeroOver(document(stood, 25), { ...order, atLeast: isRollout ? stood : undefined });
      expect(reader.offer(formatFlags(zero), 2)).toBe('taken');
      expect(reader.offer(document(stood + ahead, 50), 3)).toBe('refused');
    }),
  );
});

it('is a document that readers take from a rollout too that has counted past the safe integers', () => {
  const zero = zeroOver(document(Number.MAX_SAFE_INTEGER, 10), {
    ...order,
    atLeast: Number.MAX_SAFE_INTEGER + ZERO_ABOVE,
  });
  expect(parseFlags(formatFlags(zero))).toMatchObject({ ok: true });
});

it('is above an earlier one, also within the same second', () => {
  const first = zeroOver(undefined, order);
  // Also for a rollout: what it knows may be less than what readers have seen.
  expect(zeroOver('oops', { ...order, atLeast: 5 }).generation).toBe(1_800_000_000);
  expect(first.generation).toBe(1_800_000_000);
  expect(zeroOver(formatFlags(first), order).generation).toBe(1_800_000_003);
  expect(zeroOver(document(Number.MAX_SAFE_INTEGER, 10), order).generation).toBe(Number.MAX_SAFE_INTEGER);
});
