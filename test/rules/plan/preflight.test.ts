import { DateTime } from 'luxon';
import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import type { Guard } from '../../../rules/guards/guard';
import { preflight } from '../../../rules/doctor/preflight';
import { policy } from '../../helpers/samples/deployments';
import { aPlan, DAY_MS } from '../../helpers/samples/plans';

const ZONE = 'America/New_York';
const at = (local: string): number => DateTime.fromISO(local, { zone: ZONE }).toMillis();
const tuesday = at('2026-11-10T11:00');
const prod = { zone: ZONE, days: [2, 3, 4], from: '10:00', to: '14:00' };
const comparison: Guard = {
  ...{ name: 'not-slower', kind: 'comparison', group: '/api', pattern: 'x', onBreach: 'hold' },
  ...{ side: { field: 'backend', fresh: 'new', baseline: 'nextflow' }, durationField: 'durationMs' },
  breach: { slowerByPercent: 20 },
};
const watching = (guard: Partial<typeof comparison>) => ({
  watch: { ...aPlan().watch, guards: [{ ...comparison, ...guard } as Guard] },
});
const approvals = { required: 2, starterMayApprove: false, before: 'first-raise', validForMs: 7 * DAY_MS } as const;

type Row = readonly [what: string, plan: Partial<EnvironmentPlan>, rule: string, why: RegExp, remedy: RegExp];

const rows: readonly Row[] = [
  ['a window that is shut', { windows: [{ ...prod, days: [4] }] }, 'window', /outside .*Thu 10:00/, /Thu 12 Nov 10:00/],
  [
    'a freeze',
    { freezes: [{ fromMs: tuesday, toMs: tuesday + DAY_MS, reason: 'move' }] },
    'freeze',
    /frozen until Wed 11 Nov 11:00:00 EST: move/,
    /wait until Wed/,
  ],
  [
    'a deployment that must have been verified',
    { deployment: policy({ rolloutNeeds: 'verified' }) },
    'deployment',
    /^the deployment of prod must be recorded as verified$/,
    /rollout doctor prod.* shows .*rollout deploy prod.*rollout verify prod/,
  ],
  [
    'people who must approve',
    { approvals },
    'approval',
    /2 different people .* before the first raise, not including the person who starts the rollout/,
    /each runs `rollout approve prod`$/,
  ],
  [
    'one person who must approve every raise',
    { approvals: { ...approvals, required: 1, before: 'every-raise', starterMayApprove: true } },
    'approval',
    /^one person must approve before every raise$/,
    /rollout approve prod/,
  ],
  [
    'an item that a person ticks',
    { checklist: [{ id: 'team-notified', text: 'Team notified' }] },
    'checklist',
    /^Team notified: a person/,
    /rollout checklist prod --tick team-notified/,
  ],
  [
    'a rollout that must have completed',
    { checklist: [{ id: 'a', text: 'Staging done', proof: { by: 'rollout-completed', environment: 'staging' } }] },
    'checklist',
    /rollout of staging must have completed/,
    /rollout status staging/,
  ],
  [
    'a proof without an API',
    { checklist: [{ id: 'a', text: 'E2E', proof: { by: 'end-to-end' } }] },
    'checklist',
    /without verification.apiUrl and verification.testJob/,
    /set verification.apiUrl and/,
  ],
  [
    'a comparison with nobody at 100 %',
    watching({}),
    'health',
    /not-slower compares with nextflow, which gets no jobs at 100 %/,
    /percentages: \[10, 25, 50, 75\]/,
  ],
];

describe('preflight', () => {
  it('finds nothing in a plan that may start', () => {
    expect(preflight(aPlan(), tuesday, ZONE)).toEqual([]);
  });

  it.each(rows)('tells %s, and what to do', (_what, plan, ...[rule, why, remedy]) => {
    const found = preflight(aPlan(plan), tuesday, ZONE);
    expect(found).toMatchObject([
      { rule, why: expect.stringMatching(why) as string, remedy: expect.stringMatching(remedy) as string },
    ]);
  });

  it.each<readonly [string, Partial<EnvironmentPlan>]>([
    ['an open window', { windows: [prod] }],
    ['a freeze that comes later', { freezes: [{ fromMs: tuesday + 1, toMs: tuesday + DAY_MS, reason: 'move' }] }],
    ['a proof that can be tried', { checklist: [{ id: 'a', text: 'Quiet', proof: { by: 'alarms-quiet' } }] }],
    ['a comparison below 100 %', watching({ percentages: [10, 25] })],
    ['a comparison that may have nothing to compare', watching({ onNoData: 'ignore' })],
    ['a comparison without consequence', watching({ dryRun: true })],
  ])('says nothing of %s', (_what, plan) => {
    expect(preflight(aPlan(plan), tuesday, ZONE)).toEqual([]);
  });

  it('says when a raise is allowed, where time alone decides', () => {
    const [stop] = preflight(aPlan({ windows: [{ ...prod, days: [4] }] }), tuesday, ZONE);
    expect(stop?.fromMs).toBe(at('2026-11-12T10:00'));
  });

  it('warns of approvals that would have run out at the first raise', () => {
    const plan = aPlan({ approvals, freezes: [{ fromMs: tuesday, toMs: tuesday + 20 * DAY_MS, reason: 'move' }] });
    expect(preflight(plan, tuesday, ZONE).at(-1)?.remedy).toMatch(
      /not before Mon 23 Nov 11:00:00 EST.* counts for 7 d$/,
    );
  });
});
