import { formatFlags } from '../../../flags/contract';
import type { FlagKeys } from '../../../flags/format';
import type { Guarded, Known, FlagState } from '../../../flags/guardian';
import { guardianDecision, KNOWS_OF_IT_MS } from '../../../flags/guardian';

const ALARM = 'pavi-sfn-executions-failed-prod';
const HOUR_MS = 3_600_000;
const firedAtMs = Date.UTC(2026, 10, 24, 12);
const nowMs = firedAtMs + 121_000;
const format: FlagKeys = {
  percentage: 'percentage',
  switches: [
    { name: 'on', above: true, atZero: false, whileOff: 0 },
    { name: 'counts', above: true, atZero: false, whileOff: 100 },
  ],
};
const guarded: Guarded = { alarms: [ALARM], graceMs: 120_000, fullForMs: 24 * HOUR_MS, format };

const document = (percentage: number): string =>
  formatFlags({ schema: 1, generation: 4, writer: 'rollout-pavi-prod', reason: '', salt: 's', percentage }, format);
const stands = (percentage: number, modifiedAtMs = firedAtMs - HOUR_MS): FlagState => ({
  text: document(percentage),
  modifiedAtMs,
});
const decide = (
  standing: FlagState | undefined,
  { zero, at = nowMs, alarm = ALARM }: { readonly zero?: number; readonly at?: number; readonly alarm?: string } = {},
) => guardianDecision(guarded, { alarm, atMs: firedAtMs }, { standing, zeroGeneration: zero }, at);

it.each([
  [
    '25 % is still there',
    decide(stands(25)),
    'write-zero',
    /121 s ago, and the flag is still at 25 %, written by rollout-pavi/,
  ],
  ['a raise that cannot have known of it', decide(stands(25, firedAtMs + KNOWS_OF_IT_MS)), 'write-zero', /25 %/],
  ['100 % within the last soak', decide(stands(100)), 'write-zero', /100 %/],
  ['the percentage is ignored, so that all jobs go', decide(ignored()), 'write-zero', /100 %/],
  ['an unreadable document', decide({ text: 'oops', modifiedAtMs: 0 }), 'write-zero', /cannot be read/],
  ['0 % already', decide(stands(0)), 'nothing', /already/],
  ['0 % since, and a new rollout', decide(stands(10, firedAtMs + 9_000), { zero: 3 }), 'nothing', /raised again/],
  [
    'a raise that came late over that 0 %',
    decide(stands(25, firedAtMs + 9_000), { zero: 6 }),
    'write-zero',
    /arrived late/,
  ],
  // Looked at just before it fired, decided 30 s later, tried again for a minute, and the last write takes its time.
  ['a raise that was tried for long', decide(stands(25, firedAtMs + 30_000 + 60_000 + 9_000)), 'write-zero', /25 %/],
  ['a write that knew of it', decide(stands(25, firedAtMs + KNOWS_OF_IT_MS + 1)), 'nothing', /knew of it/],
  ['100 % of long ago', decide(stands(100, nowMs - 24 * HOUR_MS - 1)), 'nothing', /no rollout/],
  ['50 % of long ago, as a rollout on hold has it', decide(stands(50, nowMs - 99 * HOUR_MS)), 'write-zero', /50 %/],
  ['another alarm', decide(stands(25), { alarm: 'slow' }), 'nothing', /slow does not ask/],
  ['too early', decide(stands(25), { at: firedAtMs + 119_999 }), 'wait', /still has time/],
  ['no parameter', decide(undefined), 'nothing', /no flag parameter/],
])('%s', (_name, decision, wanted, why) => {
  expect(decision).toEqual({ do: wanted, why: expect.stringMatching(why) });
});

function ignored(): FlagState {
  const fields = JSON.parse(document(10)) as Record<string, unknown>;
  return { text: JSON.stringify({ ...fields, counts: false }), modifiedAtMs: firedAtMs };
}

describe("the dead man's alarm", () => {
  const UNWATCHED = 'pavi-rollout-unwatched-prod';
  const silence = (standing: FlagState | undefined, known: Omit<Known, 'standing'> = {}, at = nowMs) =>
    guardianDecision(
      { ...guarded, unwatched: UNWATCHED },
      { alarm: UNWATCHED, atMs: firedAtMs },
      { standing, ...known },
      at,
    );

  it.each([
    ['25 % that is unwatched', silence(stands(25)), 'write-zero', /no rollout has checked/],
    ['25 % on hold for days', silence(stands(25, nowMs - 99 * HOUR_MS)), 'write-zero', /25 %/],
    [
      '100 % within the last soak, of a rollout that was terminated',
      silence(stands(100), { owned: true }),
      'write-zero',
      /100 %/,
    ],
    ['an unreadable document', silence({ text: 'oops', modifiedAtMs: 0 }), 'write-zero', /cannot be read/],
    ['0 %, as most of the time', silence(stands(0)), 'nothing', /already/],
    ['checks that have started again', silence(stands(25), { looksAgain: true }), 'nothing', /checked again/],
    ['a rollout that is just starting', silence(stands(10, firedAtMs + 1)), 'nothing', /written since/],
    [
      '100 % of a rollout that completed before its time',
      silence(stands(100), { owned: false }),
      'nothing',
      /ended normally/,
    ],
    ['100 % of long ago', silence(stands(100, nowMs - 25 * HOUR_MS), { owned: true }), 'nothing', /no rollout/],
    ['below 100 % without an owner', silence(stands(75), { owned: false }), 'write-zero', /75 %/],
    ['a worker that may come back', silence(stands(25), {}, firedAtMs + 1), 'wait', /time/],
  ])('%s', (_name, decision, wanted, why) => {
    expect(decision).toEqual({ do: wanted, why: expect.stringMatching(why) });
  });

  it('is another alarm where none is named', () =>
    expect(guardianDecision(guarded, { alarm: UNWATCHED, atMs: firedAtMs }, { standing: stands(25) }, nowMs).do).toBe(
      'nothing',
    ));
});
