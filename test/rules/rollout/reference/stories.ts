import fc from 'fast-check';
import { DAY_MS, FAILED_ALARM, HOUR_MS, MINUTE_MS, SLOW_ALARM, THROTTLED_ALARM } from '../../../helpers/samples/plans';
import type { Happening, WriteGoes } from './happenings';
import { PROVED_ITEM, setting, TICKED_ITEM } from './story-plans';
import type { Setting } from './story-plans';
import { HEALTHY } from './world';

/** What is typed, and who is meant. `ada` starts every story. */
export const PEOPLE: Readonly<Record<string, string>> = {
  ada: 'ada',
  ' Ada': 'ada',
  bob: 'bob',
  'BOB ': 'bob',
  ｂｏｂ: 'bob',
  carol: 'carol',
  Carol: 'carol',
};

export interface Story extends Setting {
  readonly happenings: readonly Happening[];
}

const by = fc.option(fc.constantFrom(...Object.keys(PEOPLE)), { nil: undefined, freq: 8 });
const reason = fc.option(fc.constant('because'), { nil: undefined, freq: 3 });
const percentage = fc.option(
  fc.oneof(
    { weight: 4, arbitrary: fc.constant('next' as const) },
    { weight: 1, arbitrary: fc.constantFrom(5, 10, 25, 50, 100) },
  ),
  { nil: undefined, freq: 3 },
);
const short = fc.integer({ min: 1, max: 90_000 });
const long = fc.oneof(
  fc.integer({ min: 1, max: 4 * HOUR_MS }),
  fc.integer({ min: HOUR_MS, max: 4 * DAY_MS }),
  // Among them the length of every window, for the moment at which it closes.
  fc.constantFrom(HOUR_MS, 4 * HOUR_MS, 4 * HOUR_MS, 45 * MINUTE_MS, DAY_MS, 2 * DAY_MS, 12_000),
);

const verdict: fc.Arbitrary<Happening> = fc
  .record({
    outcome: fc.constantFrom('healthy', 'healthy', 'healthy', 'no-data', 'error', 'inconclusive', 'breach' as const),
    asks: fc.constantFrom(undefined, undefined, 'hold', 'rollback' as const),
  })
  .map(({ outcome, asks }) => {
    const alarm = asks === 'hold' ? { alarm: SLOW_ALARM } : { alarm: FAILED_ALARM };
    const named = outcome === 'breach' ? { ...alarm, ringing: [alarm.alarm] } : { ringing: [] };
    return {
      kind: 'verdict',
      verdict: {
        outcome,
        why: `${outcome} by the story`,
        noticed: [],
        guards: [],
        asks: outcome === 'healthy' ? undefined : asks,
        ...named,
      },
    };
  });

const goes = fc.constantFrom<WriteGoes[]>(
  'well',
  'lost',
  'unanswered',
  'late',
  'slow, written when overtaken',
  'slow, lost when overtaken',
  'slow, unanswered when overtaken',
  'slow, late when overtaken',
);

const ofKind = <K extends Happening['kind'], T extends object>(kind: K, rest: fc.Arbitrary<T>) =>
  rest.map((details) => ({ kind, ...details }));
const told = fc.boolean();
const rare = <T>(arbitrary: fc.Arbitrary<T>) => ({ weight: 1, arbitrary });
const usual = <T>(arbitrary: fc.Arbitrary<T>) => ({ weight: 4, arbitrary });

const happening = fc.oneof(
  { weight: 8, arbitrary: ofKind('pass', fc.record({ ms: short })) },
  { weight: 12, arbitrary: ofKind('pass', fc.record({ ms: long })) },
  { weight: 24, arbitrary: fc.constant<Happening>({ kind: 'wait' }) },
  usual(ofKind('away', fc.record({ ms: long }))),
  rare(ofKind('away', fc.record({ ms: fc.integer({ min: 10 * DAY_MS, max: 40 * DAY_MS }) }))),
  usual(fc.constantFrom<Happening>({ kind: 'pause' }, { kind: 'resume' })),
  usual(fc.constant<Happening>({ kind: 'resume' })),
  usual(fc.constantFrom<Happening>({ kind: 'resume', flag: 'adopt' }, { kind: 'resume', flag: 'restore' })),
  rare(fc.constant<Happening>({ kind: 'abort' })),
  usual(verdict),
  usual(
    ofKind(
      'push',
      fc.record({
        alarm: fc.constantFrom(FAILED_ALARM, SLOW_ALARM, SLOW_ALARM, SLOW_ALARM, THROTTLED_ALARM, 'unknown'),
        agoMs: fc.constantFrom(0, 0, 1_000, 2 * MINUTE_MS, DAY_MS, -3_000),
      }),
    ),
  ),
  usual(ofKind('write', fc.record({ goes, ms: fc.integer({ min: 1, max: 9_999 }) }))),
  rare(ofKind('zero-fails', fc.record({ times: fc.integer({ min: 1, max: 4 }) }))),
  rare(fc.constant<Happening>({ kind: 'read-fails' })),
  usual(ofKind('edit', fc.record({ percentage: fc.constantFrom(0, 5, 10, 30, 60, 100), generations: fc.nat(2) }))),
  usual(
    ofKind(
      'approve',
      fc.record({ by, percentage, planHash: fc.constantFrom(undefined, undefined, 'right', 'right', 'wrong') }),
    ),
  ),
  { weight: 6, arbitrary: ofKind('approve', fc.record({ by })) },
  rare(ofKind('reject', fc.record({ by, reason }))),
  usual(ofKind('promote', fc.record({ by, reason, full: fc.boolean(), override: fc.boolean() }))),
  rare(ofKind('skip', fc.record({ by, percentage }))),
  usual(
    ofKind(
      'extend',
      fc.record({
        by,
        aheadMs: fc.option(fc.integer({ min: -HOUR_MS, max: 5 * DAY_MS }), { nil: undefined, freq: 9 }),
      }),
    ),
  ),
  rare(ofKind('extend', fc.record({ aheadMs: fc.constantFrom(29 * DAY_MS, 31 * DAY_MS) }))),
  usual(
    ofKind('tick', fc.record({ by, reason, item: fc.constantFrom(PROVED_ITEM, TICKED_ITEM, TICKED_ITEM, 'other') })),
  ),
  rare(ofKind('proofs', fc.record({ succeed: fc.boolean() }))),
  rare(ofKind('freeze', fc.record({ forMs: long, told }))),
  rare(ofKind('unfreeze', fc.record({ told }))),
  rare(ofKind('freezes-unreadable', fc.record({ unreadable: fc.boolean() }))),
) as fc.Arbitrary<Happening>;

/** What a raise asks for. Chance alone would seldom find its way through every gate. */
export const HELPS: readonly Happening[] = [
  { kind: 'verdict', verdict: HEALTHY },
  { kind: 'freezes-unreadable', unreadable: false },
  { kind: 'resume' },
  { kind: 'tick', by: 'bob', item: TICKED_ITEM },
  { kind: 'tick', by: 'bob', item: PROVED_ITEM, reason: 'looked' },
];
export const CONSENT: readonly Happening[] = [
  { kind: 'approve', by: 'bob' },
  { kind: 'approve', by: 'carol', percentage: 'next' },
];
const LEADS_TO_A_RAISE = [...HELPS, { kind: 'wait' }, { kind: 'wait' }, ...CONSENT] as const;
const part = fc.oneof(
  { weight: 5, arbitrary: happening.map((one) => [one]) },
  { weight: 1, arbitrary: fc.subarray([...LEADS_TO_A_RAISE], { minLength: 6 }) },
);

export const storyOf = (setting: fc.Arbitrary<Setting>, maxLength: number): fc.Arbitrary<Story> =>
  fc
    .record({
      setting,
      beginning: fc.option(fc.constant(LEADS_TO_A_RAISE), { nil: [], freq: 3 }),
      parts: fc.array(part, { maxLength }),
    })
    .map(({ setting, beginning, parts }) => ({ ...setting, happenings: [...beginning, ...parts.flat()] }));

export const story = storyOf(setting, 40);
