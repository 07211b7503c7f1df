import type { DeploymentLook } from '../../../../rules/stacks/deployed-state';
import { recordDeploymentLook, recordNoDeploymentLook } from '../../../../rules/rollout/gates/deployment';
import * as halt from '../../../../rules/rollout/pause-hold';
import { recordOwned } from '../../../../rules/rollout/owner';
import { decide } from '../../../../rules/rollout/decide';
import * as record from '../../../../rules/rollout/state/state';
import type { RolloutState } from '../../../../rules/rollout/state/state';
import { statusOf } from '../../../../rules/rollout/status/build-status';
import { lookOf } from '../../../helpers/samples/looks-at-deployments';
import { policy } from '../../../helpers/samples/deployments';
import { aPlan, HOUR_MS } from '../../../helpers/samples/plans';
import { changed } from '../../../helpers/samples/changed-state';
import { countsFromMs } from '../../../../rules/rollout/state/clock';

const NOON = Date.UTC(2026, 10, 24, 12);
const plan = aPlan({ deployment: policy({ rolloutNeeds: 'verified' }) });
const begun: RolloutState = changed(recordOwned(record.begin('ada', undefined, NOON)), { flag: { known: true } });
const healthy = { outcome: 'healthy', why: 'quiet', noticed: [], ringing: [], guards: [] } as const;

const looked = (state: RolloutState, look: DeploymentLook, nowMs = NOON) =>
  recordDeploymentLook(plan, state, look, nowMs);
const doing = (state: RolloutState, nowMs: number) => decide(plan, state, nowMs);
const seenHealthy = (state: RolloutState, nowMs: number) => halt.recordVerdict(state, { ...healthy, atMs: nowMs });

it('reads what is deployed first of all, and never where the plan asks for none', () => {
  expect(doing(begun, NOON).do).toBe('look-at-deployment');
  expect(decide(aPlan(), begun, NOON).do).toBe('look');
});

it('reads again at the first raise, when the read of the start is old', () => {
  const stands = looked(begun, lookOf('t1'));
  expect(doing(seenHealthy(stands, NOON + 29_000), NOON + 29_000)).toMatchObject({ do: 'set-traffic', percentage: 10 });
  const later = seenHealthy(stands, NOON + HOUR_MS);
  expect(doing(later, NOON + HOUR_MS).do).toBe('look-at-deployment');
  const again = looked(later, lookOf('t1'), NOON + HOUR_MS);
  expect(doing(again, NOON + HOUR_MS)).toMatchObject({ do: 'set-traffic', percentage: 10 });
});

it('does not ask after the first raise', () => {
  const raised = record.recordRaise(looked(begun, lookOf('t1')), { percentage: 10, generation: 1 }, 0, NOON);
  const later = NOON + 3 * 24 * HOUR_MS;
  expect(doing(seenHealthy(raised, later), later)).toMatchObject({ do: 'set-traffic', percentage: 25 });
});

it('refuses what is not deployed, also when another verified template is deployed than at the start', () => {
  const { outcome } = looked(begun, { record: { schema: 1 }, stacks: [] });
  expect(outcome).toMatchObject({
    outcome: 'refused',
    why: expect.stringContaining('rollout deploy prod'),
    refusal: { rule: 'deployment', remedy: expect.stringContaining('rollout deploy prod') },
  });
  const other = looked(looked(begun, lookOf('t1')), lookOf('t2'), NOON + HOUR_MS);
  expect(other.outcome).toMatchObject({
    outcome: 'refused',
    why: expect.stringMatching(/t2 .*began with template t1/),
  });
});

it('holds instead of ending where a raise may be in effect, and checks again after a resume', () => {
  const raising = record.raising(looked(begun, lookOf('t1')), 10);
  const held = looked(raising, { record: { schema: 1 }, stacks: [] }, NOON + 1_000);
  expect([held.outcome, held.held?.because]).toEqual([undefined, 'unconfirmed']);
  const resumed = changed(halt.resume(held, { why: 'repaired', sinceMs: NOON + 2_000 }), { flag: { known: true } });
  expect(doing(resumed, NOON + 2_000).do).toBe('look-at-deployment');
});

it('waits with the reason while it cannot be read, ever more rarely, and at once after a pause', () => {
  let state = recordNoDeploymentLook(begun, 'AccessDenied', NOON);
  expect(doing(state, NOON + 1_000)).toMatchObject({
    ...{ do: 'wait', phase: 'holding', sinceMs: NOON, untilMs: NOON + 30_000, verbs: ['pause', 'abort'] },
    why: expect.stringContaining('AccessDenied'),
    deadline: { then: 'continue' },
  });
  expect(doing(state, NOON + 30_000).do).toBe('look-at-deployment');
  state = recordNoDeploymentLook(state, 'AccessDenied', NOON + 30_000);
  expect(doing(state, NOON + 31_000)).toMatchObject({ untilMs: NOON + 90_000, sinceMs: NOON });
  const paused = halt.pause(state, { why: 'lunch', sinceMs: NOON + 40_000 });
  const resumed = halt.resume(paused, { why: 'back', sinceMs: NOON + 50_000 });
  expect(doing(resumed, NOON + 50_000).do).toBe('look-at-deployment');
  expect(countsFromMs(resumed, resumed.gates.deployment?.problemSince)).toBe(NOON + 10_000);
});

it('is in the way of no stop', () => {
  for (const state of [begun, recordNoDeploymentLook(begun, 'AccessDenied', NOON)]) {
    const stopped = halt.stop(state, { kind: 'abort', why: 'enough', sinceMs: NOON });
    expect(doing(stopped, NOON).do).toBe('roll-back');
    expect(looked(stopped, { record: { schema: 1 }, stacks: [] }).outcome).toBeUndefined();
  }
});

it('shows what is deployed, and what is missing, in the status', () => {
  const show = (state: RolloutState) =>
    statusOf(plan, state, doing(state, NOON), { workflowId: 'w', planHash: 'h', nowMs: NOON });
  expect(show(begun).gates[0]).toEqual({ gate: 'deployment', open: false, why: 'not read yet' });
  const { standing, gates } = show(looked(begun, lookOf('t1')));
  expect(standing).toMatchObject({ template: 't1', verified: { by: 'bob' } });
  expect(gates[0]).toMatchObject({ gate: 'deployment', open: true, why: expect.stringContaining('verified') });
});
