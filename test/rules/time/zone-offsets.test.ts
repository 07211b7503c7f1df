import fc from 'fast-check';
import { startRollout } from '../../../client/rollout/start';
import type { Target } from '../../../client/target';
import type { Window } from '../../../rules/plan/environment-plan';
import { offsetMs } from '../../../rules/time/local-time';
import { nextOpening } from '../../../rules/time/window';
import { offsetAt, withOffsets, zonesAhead } from '../../../rules/time/zone-offsets';
import type { RolloutInput } from '../../../workflows/messages';
import { aPlan } from '../../helpers/samples/plans';

const DAY_MS = 86_400_000;
const ZONES = [
  ...['America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Pacific/Chatham'],
  // Changes its clock around Ramadan, twice in five weeks.
  ...['Africa/Casablanca', 'America/St_Johns', 'UTC'],
];
const NOW = Date.UTC(2026, 9, 30);
const officeHours = (zone: string): Window => ({ zone, days: [1, 2, 3, 4, 5], from: '10:00', to: '14:00' });

describe('the offsets of zones that an input brings', () => {
  it('are those of this machine, for years', () =>
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        fc.integer({ min: -29 * DAY_MS, max: 3_600 * DAY_MS }),
        (zone, laterMs) => {
          const offsets = zonesAhead({ windows: [officeHours(zone)] }, NOW)?.[zone] ?? [];
          expect(offsetAt(offsets, NOW + laterMs)).toBe(offsetMs(zone, NOW + laterMs));
        },
      ),
      { numRuns: 300 },
    ));

  it('change exactly when the clocks do, and are few', () => {
    const { 'America/New_York': offsets = [] } = zonesAhead({ windows: [officeHours('America/New_York')] }, NOW) ?? {};
    expect(offsets.slice(1, 3)).toEqual([
      { fromMs: Date.parse('2026-11-01T06:00Z'), offsetMs: -5 * 3_600_000 },
      { fromMs: Date.parse('2027-03-14T07:00Z'), offsetMs: -4 * 3_600_000 },
    ]);
    expect(offsets.length).toBeLessThan(25);
  });

  it('go with every start, also that of the code API', async () => {
    let input: RolloutInput | undefined;
    const start = (_name: string, order: { readonly args: readonly [RolloutInput] }) => {
      [input] = order.args;
      return Promise.resolve({ firstExecutionRunId: 'run' });
    };
    const connection = { withDeadline: (_deadline: number, work: () => unknown) => work() };
    const target = { temporal: () => Promise.resolve({ connection, client: { workflow: { start } } }) };
    const plan = aPlan({ windows: [officeHours('Europe/Berlin')] });
    await startRollout(target as unknown as Target, { plan, startedBy: 'ada' });
    expect(input?.zones).toHaveProperty('Europe/Berlin');
  });

  it('are not there without windows', () => expect(zonesAhead({ windows: [] }, NOW)).toBeUndefined());
});

describe('a plan with them', () => {
  const plan = aPlan({ windows: [officeHours('America/New_York')] });

  it('opens its windows by them, whatever this machine knows', () => {
    const atTen = withOffsets(plan, { 'America/New_York': [{ fromMs: 0, offsetMs: -9 * 3_600_000 }] });
    expect(nextOpening(atTen.windows, Date.parse('2026-11-03T00:00Z'))).toBe(Date.parse('2026-11-03T19:00Z'));
    expect(nextOpening(plan.windows, Date.parse('2026-11-03T00:00Z'))).toBe(Date.parse('2026-11-03T15:00Z'));
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a text', 'UTC'],
    ['another zone', { UTC: [{ fromMs: 0, offsetMs: 0 }] }],
    ['an empty list', { 'America/New_York': [] }],
    ['no numbers', { 'America/New_York': [{ fromMs: 'soon', offsetMs: 0 }, null] }],
  ])('asks this machine where an input brings %s', (_what, zones) =>
    expect(withOffsets(plan, zones).windows).toEqual(plan.windows),
  );
});
