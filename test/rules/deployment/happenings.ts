import fc from 'fast-check';
import type { EnvironmentPlan, Limit } from '../../../rules/plan/environment-plan';
import { aPlan, DAY_MS, HOUR_MS, MINUTE_MS } from '../../helpers/samples/plans';

/** What may happen to a deployment that waits. */
export type Happening =
  | { readonly what: 'time'; readonly ms: number }
  | { readonly what: 'approve'; readonly by: string | undefined; readonly template: 'shown' | 'other' | undefined }
  | { readonly what: 'reject'; readonly by: string | undefined; readonly reason: string | undefined }
  | {
      readonly what: 'tick';
      readonly by: string | undefined;
      readonly item: string;
      readonly reason: string | undefined;
    }
  | { readonly what: 'abort' }
  | { readonly what: 'template'; readonly made: string }
  | { readonly what: 'freeze'; readonly forMs: number }
  | { readonly what: 'unfreeze' }
  | { readonly what: 'freezes-unreadable' }
  | { readonly what: 'proves'; readonly holds: boolean };

/** A Monday, eight o'clock, UTC. */
export const MONDAY_8 = Date.UTC(2026, 10, 23, 8);
export const PLAN_FREEZE = { fromMs: MONDAY_8 + 3 * HOUR_MS, toMs: MONDAY_8 + 30 * HOUR_MS, reason: 'holidays' };
export const WINDOW = { zone: 'UTC', days: [1, 2, 4], from: '10:00', to: '14:00' };
export const TICKED = 'no-incidents';
export const PROVED = 'alarms-quiet';

const somebody = fc.constantFrom(undefined, 'ada', ' Ada', 'bob', 'BOB ', 'cleo', 'dan');
const reason = fc.constantFrom(undefined, 'because');

export const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ what: fc.constant('time' as const), ms: fc.integer({ min: 1, max: 9 * HOUR_MS }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constant('approve' as const),
      by: somebody,
      template: fc.constantFrom('shown' as const, 'shown' as const, 'shown' as const, 'other' as const, undefined),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('tick' as const),
      by: somebody,
      item: fc.constantFrom(TICKED, PROVED, 'unknown'),
      reason,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant('template' as const), made: fc.constantFrom('t1', 't2', 't3') }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('proves' as const), holds: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('freeze' as const), forMs: fc.integer({ min: MINUTE_MS, max: DAY_MS }) }),
  },
  { weight: 1, arbitrary: fc.constant({ what: 'unfreeze' as const }) },
  { weight: 1, arbitrary: fc.constant({ what: 'freezes-unreadable' as const }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('reject' as const), by: somebody, reason }) },
  { weight: 1, arbitrary: fc.constant({ what: 'abort' as const }) },
);

const limit: fc.Arbitrary<Limit> = fc.record({
  atMostMs: fc.integer({ min: HOUR_MS, max: 4 * DAY_MS }),
  then: fc.constantFrom('abort' as const, 'continue' as const),
});

export const somePlan: fc.Arbitrary<EnvironmentPlan> = fc
  .record({
    required: fc.integer({ min: 0, max: 2 }),
    starterMayApprove: fc.boolean(),
    validForMs: fc.constantFrom(HOUR_MS, 6 * HOUR_MS, 3 * DAY_MS),
    items: fc.subarray([TICKED, PROVED]),
    windowed: fc.boolean(),
    frozen: fc.boolean(),
    ...{ approval: limit, checklist: limit },
  })
  .map(({ required, starterMayApprove, validForMs, items, windowed, frozen, approval, checklist }) =>
    aPlan({
      windows: windowed ? [WINDOW] : [],
      freezes: frozen ? [PLAN_FREEZE] : [],
      limits: { ...aPlan().limits, approval, checklist },
      deployment: {
        nextEnvironments: [],
        approvals: { required, starterMayApprove, validForMs },
        checklist: items.map((id) => ({
          ...{ id, text: id },
          ...(id === PROVED ? { proof: { by: 'alarms-quiet' as const } } : {}),
        })),
      },
    }),
  );
