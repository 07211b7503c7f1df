import fc from 'fast-check';
import type { EnvironmentPlan, Limits } from '../../../../rules/plan/environment-plan';
import { aPlan, DAY_MS, HOUR_MS } from '../../../helpers/samples/plans';

/** A start, and a plan whose parts are drawn apart, so that every kind of gate meets every other. */
export interface Setting {
  readonly startMs: number;
  readonly plan: EnvironmentPlan;
}

const steps = (...all: readonly (readonly [percentage: number, soakMs: number])[]) =>
  all.map(([percentage, soakMs]) => ({ percentage, soakMs }));

const schedules = [
  aPlan().steps,
  steps([50, HOUR_MS], [100, HOUR_MS]),
  steps([1, 20 * 60_000], [5, 7 * HOUR_MS], [20, DAY_MS], [100, 3 * HOUR_MS]),
  steps([10, DAY_MS], [40, 2 * DAY_MS + HOUR_MS], [100, DAY_MS]),
];

const runbook = { zone: 'America/New_York', days: [2, 3, 4], from: '10:00', to: '14:00' };
const nightly = { zone: 'Europe/Berlin', days: [1, 2, 3, 4, 5], from: '22:00', to: '02:00' };
const morning = { zone: 'Asia/Kolkata', days: [6, 7], from: '08:30', to: '09:15' };
const windows: EnvironmentPlan['windows'][] = [
  [],
  [],
  [runbook],
  [{ ...runbook, except: ['2026-11-03', '2026-11-04', '2026-11-26', '2026-03-10'] }],
  [nightly],
  [morning, nightly],
];

const consent = { required: 0, starterMayApprove: true, before: 'first-raise', validForMs: 7 * DAY_MS } as const;
const approvals: EnvironmentPlan['approvals'][] = [
  consent,
  consent,
  { ...consent, required: 1 },
  { ...consent, required: 2, starterMayApprove: false },
  { ...consent, required: 1, starterMayApprove: false, before: 'every-raise', validForMs: 3 * HOUR_MS },
  { ...consent, required: 2, before: 'every-raise', validForMs: 36 * HOUR_MS },
];

export const PROVED_ITEM = 'alarms-quiet';
export const TICKED_ITEM = 'rollback-plan-reviewed';
const checklists: EnvironmentPlan['checklist'][] = [
  [],
  [],
  [{ id: TICKED_ITEM, text: 'Rollback plan reviewed' }],
  [
    { id: PROVED_ITEM, text: 'Alarms are quiet', proof: { by: 'alarms-quiet' } },
    { id: TICKED_ITEM, text: 'Rollback plan reviewed' },
  ],
];

const limit = (atMostMs: number, then: 'abort' | 'continue') => ({ atMostMs, then });
const allLimits = (atMostMs: number, then: 'abort' | 'continue'): Limits => {
  const one = limit(atMostMs, then);
  return { paused: one, held: one, evidence: one, approval: one, checklist: one };
};
const limits: Limits[] = [
  aPlan().limits,
  allLimits(6 * HOUR_MS, 'continue'),
  allLimits(5 * DAY_MS, 'abort'),
  { ...allLimits(2 * DAY_MS, 'abort'), approval: limit(DAY_MS, 'continue') },
  { ...aPlan().limits, evidence: limit(9 * HOUR_MS, 'abort'), approval: limit(20 * HOUR_MS, 'abort') },
];

/** Tuesday in the window, Friday before a change of clocks in spring and in autumn, and the end of a year. */
const starts = [
  Date.UTC(2026, 10, 3, 15, 0, 0, 137),
  Date.UTC(2026, 2, 6, 14, 3, 7, 11),
  Date.UTC(2026, 9, 30, 12),
  Date.UTC(2026, 11, 28, 16, 30, 0, 1),
];

const freezes = (startMs: number): EnvironmentPlan['freezes'][] => [
  [],
  [],
  [{ fromMs: startMs + 5 * HOUR_MS, toMs: startMs + 3 * DAY_MS, reason: 'conference' }],
  [
    { fromMs: startMs - DAY_MS, toMs: startMs + 2 * HOUR_MS, reason: 'migration' },
    { fromMs: startMs + DAY_MS, toMs: startMs + 2 * DAY_MS, reason: 'holidays' },
  ],
];

/** With a start drawn from these; plans are of every shape. */
export const settingFrom = (...starts: readonly number[]): fc.Arbitrary<Setting> =>
  fc
    .record({
      startMs: fc.constantFrom(...starts),
      steps: fc.constantFrom(...schedules),
      windows: fc.constantFrom(...windows),
      frozen: fc.nat(3),
      byHand: fc.boolean(),
      approvals: fc.constantFrom(...approvals),
      checklist: fc.constantFrom(...checklists),
      limits: fc.constantFrom(...limits),
    })
    .map(({ startMs, frozen, byHand, ...parts }) => ({
      startMs,
      plan: aPlan({
        ...parts,
        freezes: freezes(startMs)[frozen] ?? [],
        ...(byHand ? { freezeParameter: '/pavi/prod/freezes' } : {}),
      }),
    }));

export const setting = settingFrom(...starts);
