import fc from 'fast-check';
import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import { DAY_MS } from '../../helpers/samples/plans';
import { happening, MONDAY_8, PLAN_FREEZE, somePlan } from './happenings';
import { STARTER, WaitingDeployment } from './waiting-deployment';

const RUNS = 1_200;
const happenings = fc.array(happening, { maxLength: 30 });

/** Told in another way than the rules tell it: the window is Monday, Tuesday and Thursday, 10 to 14 o'clock UTC. */
const isOpen = ({ windows }: EnvironmentPlan, nowMs: number): boolean => {
  const at = new Date(nowMs);
  return (
    windows.length === 0 || ([1, 2, 4].includes(at.getUTCDay()) && at.getUTCHours() >= 10 && at.getUTCHours() < 14)
  );
};
const name = (by: string): string => by.trim().toLowerCase();

function run(plan: EnvironmentPlan, story: readonly Parameters<WaitingDeployment['happens']>[0][]): WaitingDeployment {
  const deployment = new WaitingDeployment(plan);
  for (const one of story) if (deployment.end === undefined) deployment.happens(one);
  return deployment;
}

/** What was deployed although it was not allowed; empty when nothing is to be said against it. */
function complaints(deployment: WaitingDeployment): readonly string[] {
  const { plan, state, nowMs, byHand, unreadable, approvals, ticked, proved, stopped } = deployment;
  const { required, starterMayApprove, validForMs } = plan.deployment?.approvals ?? { required: 0, validForMs: 0 };
  const template = state.synthesis?.template;
  const counts = approvals.filter(
    (one) =>
      one.template === template &&
      nowMs - one.atMs < validForMs &&
      one.by !== '' &&
      (starterMayApprove === true || name(one.by) !== STARTER),
  );
  const people = new Set(counts.map(({ by }) => name(by))).size;
  const open = (plan.deployment?.checklist ?? []).filter(
    ({ id, proof }) => !ticked.has(id) && !(proof !== undefined && proved),
  );
  const isFrozen = [...plan.freezes, ...byHand].some(({ fromMs, toMs }) => fromMs <= nowMs && nowMs < toMs);
  return [
    ...(people < required ? [`${people} of ${required} people have approved ${template}`] : []),
    ...open.map(({ id }) => `${id} is open`),
    ...(isOpen(plan, nowMs) ? [] : ['outside the window']),
    ...(isFrozen ? ['frozen'] : []),
    ...(unreadable ? ['the freezes could not be read'] : []),
    ...(stopped ? ['it was aborted or rejected'] : []),
  ];
}

it('nothing is deployed without consent to exactly that, with an open item, outside the window, frozen, or once stopped', () => {
  let deployed = 0;
  fc.assert(
    fc.property(somePlan, happenings, (plan, story) => {
      const deployment = run(plan, story);
      if (deployment.end?.do !== 'deploy') return;
      deployed += 1;
      const against = complaints(deployment);
      if (against.length > 0) throw new Error(against.join('; '));
    }),
    { numRuns: RUNS },
  );
  // Else the property says nothing.
  expect(deployed).toBeGreaterThan(RUNS / 25);
});

it('an abort ends it at once, whatever has happened, and nothing that comes later deploys it', () => {
  fc.assert(
    fc.property(somePlan, happenings, happenings, (plan, before, after) => {
      const deployment = run(plan, before);
      if (deployment.end !== undefined) return;
      deployment.happens({ what: 'abort' });
      expect(deployment.end).toMatchObject({ do: 'end', rule: 'abort', why: 'bob aborted it: x' });
      for (const one of after) {
        deployment.happens(one);
        expect(deployment.end).toMatchObject({ do: 'end', rule: 'abort' });
      }
    }),
    { numRuns: RUNS / 3 },
  );
});

it('what is allowed is deployed: consent, checklist and time are enough, and nothing more is required', () => {
  fc.assert(
    fc.property(somePlan, happenings, (plan, story) => {
      const deployment = run(plan, story);
      if (deployment.end !== undefined) return;
      const patient = { atMostMs: 100 * DAY_MS, then: 'continue' as const };
      const own = new WaitingDeployment({ ...plan, limits: { ...plan.limits, approval: patient, checklist: patient } });
      for (const one of story) if (own.end === undefined) own.happens(one);
      // The next Thursday, after the freeze, as nothing is frozen by hand any more.
      own.happens({ what: 'unfreeze' });
      const thursdayMs = MONDAY_8 + 3 * DAY_MS + 3 * 3_600_000;
      const weeks = Math.max(0, Math.ceil((own.nowMs - thursdayMs) / (7 * DAY_MS)));
      expect(thursdayMs).toBeGreaterThan(PLAN_FREEZE.toMs);
      if (own.end === undefined) own.happens({ what: 'time', ms: thursdayMs + weeks * 7 * DAY_MS - own.nowMs });
      for (const item of ['no-incidents', 'alarms-quiet'])
        if (own.end === undefined) own.happens({ what: 'tick', by: 'eve', item, reason: 'seen' });
      for (const by of ['bob', 'cleo'])
        if (own.end === undefined) own.happens({ what: 'approve', by, template: 'shown' });
      expect(own.end).toEqual({ do: 'deploy' });
    }),
    { numRuns: RUNS / 3 },
  );
});
