import fc from 'fast-check';
import { stripVTControlCharacters } from 'node:util';
import { frameOf, type Around } from '../../../../client/watch/frame';
import { widthOf } from '../../../../client/terminal/width';
import type { RolloutStatus } from '../../../../rules/rollout/status/status';
import { NOON, soakingStatus } from '../../../helpers/samples/rollout-status';

const HOUR = 3_600_000;
const around = (changes: Partial<Around> = {}): Around => ({
  columns: 80,
  rows: 24,
  nowMs: NOON,
  zone: 'America/New_York',
  typed: 'npx rollout VERB prod',
  ...changes,
});
const shown = (status: RolloutStatus, changes: Partial<Around> = {}): readonly string[] =>
  frameOf(status, around(changes)).map((line) => stripVTControlCharacters(line));

const full = soakingStatus({
  next: 50,
  checkedAtMs: NOON - 2_000,
  guards: [
    { name: 'failed', outcome: 'healthy', why: 'failed is OK' },
    { name: 'timeout', outcome: 'healthy', why: 'timeout is OK' },
    {
      name: 'jobs-succeed',
      outcome: 'healthy',
      why: 'jobs-succeed 39 of 40 executions succeeded',
      samples: { seen: 40, wanted: 30 },
      measured: { unit: '%', value: 97.5, below: 95, low: 87.1, high: 99.6, trend: [100, 100, 95, 97.5] },
    },
    { name: 'slow', outcome: 'inconclusive', why: 'slow has 3 of 30 samples needed', samples: { seen: 3, wanted: 30 } },
  ],
  gates: [
    { gate: 'soak', open: false, why: 'the soak lasts', fromMs: NOON + 3 * HOUR },
    { gate: 'window', open: true, why: 'open until 14:00' },
    { gate: 'guards', open: true, why: 'healthy' },
  ],
  log: Array.from({ length: 30 }, (_unused, i) => ({ atMs: NOON - (30 - i) * HOUR, what: `entry ${i}` })),
});

describe('the picture of a watch', () => {
  it('shows headline, bar, wait, guards, gates and what fits of the log in 80 × 24', () => {
    const lines = shown(full);
    expect(lines.slice(0, 16)).toEqual([
      'pavi prod: 25 %, healthy; next 50 % in 3 h, Mon 23 Nov 10:00:00 EST.',
      '▓▓▓▓▓░░░░░░░░░░░░░░░ 25 %  10 ✓ → 25 ● → 50 → 75 → 100',
      '',
      'Waiting: 25 % soaks before 50 %, since Sun 22 Nov 07:00:00 EST (1 d)',
      'Until:   Mon 23 Nov 10:00:00 EST (in 3 h)',
      'You can: pause, abort  (npx rollout VERB prod)',
      '',
      'Guards (checked Mon 23 Nov 06:59:58 EST)',
      '… slow          inconclusive                             3 of 30 samples',
      '✓ jobs-succeed  97.5 % (87.1 to 99.6)  limit below 95 %  40 of 30 samples  ██▁▅',
      '✓ 2 others: OK',
      '',
      'Before 50 %: 2 of 3 gates open',
      '✗ soak: the soak lasts, not before Mon 23 Nov 10:00:00 EST',
      '✓ window, guards',
      '',
    ]);
    expect(lines).toHaveLength(24);
    expect(lines.slice(16, 17)).toEqual(['Last entries']);
    expect(lines.at(-2)).toContain('entry 29');
    expect(lines.at(-1)).toBe('Mon 23 Nov 07:00:00 EST  Ctrl-C ends the watch, not the rollout.');
  });

  it('keeps headline, bar and the last row in a terminal that is too small for more', () => {
    expect(shown(full, { rows: 3, columns: 40 })).toEqual([
      'pavi prod: 25 %, healthy; next 50 % in 3',
      'h, Mon 23 Nov 10:00:00 EST.',
      'Mon 23 Nov 07:00:00 EST  Ctrl-C ends th…',
    ]);
  });

  it('says what is wrong with the watch itself', () => {
    expect(shown(full, { note: 'Temporal does not answer.' }).at(-2)).toBe('Temporal does not answer.');
  });

  it('never needs more rows or columns than there are, for any text and size', () => {
    const any = fc.string({ unit: 'grapheme', maxLength: 400 });
    const size = fc.record({ columns: fc.integer({ min: 1, max: 120 }), rows: fc.integer({ min: 1, max: 50 }) });
    fc.assert(
      fc.property(
        any,
        fc.array(any, { maxLength: 40 }),
        size,
        fc.option(any),
        (text, texts, { columns, rows }, note) => {
          const status = soakingStatus({
            service: text,
            phase: 'holding',
            wait: { why: text, sinceMs: 0, verbs: texts.slice(0, 3) },
            health: { outcome: 'breach', why: text, atMs: 0 },
            guards: texts.map((name) => ({ name, outcome: 'breach', why: text })),
            gates: texts.slice(0, 9).map((why) => ({ gate: 'window', open: false, why })),
            log: texts.map((what) => ({ atMs: 0, what })),
          });
          const frame = shown(status, { columns, rows, note: note ?? undefined });
          expect(frame).toHaveLength(rows);
          for (const line of frame) {
            // A wide character with its accents may have no room in three.
            if (columns > 3) expect(widthOf(line)).toBeLessThanOrEqual(columns);
            expect(line).not.toMatch(/[\n\r]/);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
