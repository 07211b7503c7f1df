import type { ChecklistItem, EnvironmentPlan } from '../plan/environment-plan';
import { nextRaise } from '../time/freeze';
import type { Guard } from '../guards/guard';
import type { Refusal } from '../refusal';
import { formatTime, percent, formatDuration } from '../format';

/**
 * What would stop a rollout that starts now, as far as the plan alone shows, in the order in which the rollout would meet
 * it: the calendar, the deployment, the checklist, the approvals, and guards that can never be healthy. Alarms, manual
 * freezes and running rollouts are found by `rollout doctor` and at the start.
 * @param zone IANA name of the zone for times in texts.
 */
export function preflight(plan: EnvironmentPlan, nowMs: number, zone: string): readonly Refusal[] {
  return [
    ...calendarStops(plan, nowMs, zone),
    ...deploymentStops(plan),
    ...plan.checklist.flatMap((item) => itemStops(plan, item)),
    ...approvalStops(plan, nowMs, zone),
    ...plan.watch.guards.flatMap((guard) => guardStops(plan, guard)),
  ];
}

function calendarStops({ windows, freezes }: EnvironmentPlan, nowMs: number, zone: string): readonly Refusal[] {
  const { atMs, blocked } = nextRaise(windows, freezes, nowMs, zone);
  if (blocked === undefined) return [];
  return [{ ...blocked, ...(Number.isFinite(atMs) ? { fromMs: atMs } : {}) }];
}

/** Only AWS shows whether the deployment is recorded. */
function deploymentStops({ environment, deployment }: EnvironmentPlan): readonly Refusal[] {
  const needs = deployment?.rolloutNeeds;
  if (needs === undefined) return [];
  const verifies = needs === 'verified' ? `, \`rollout verify ${environment}\` verifies what is deployed` : '';
  const remedy = `\`rollout doctor ${environment}\` shows whether it is; \`rollout deploy ${environment}\` deploys${verifies}`;
  return [{ rule: 'deployment', why: `the deployment of ${environment} must be recorded as ${needs}`, remedy }];
}

/** Only what people must do; the rollout tries all other proofs after the start. */
function itemStops({ environment, verification }: EnvironmentPlan, item: ChecklistItem): readonly Refusal[] {
  const { id, text, proof } = item;
  const stop = (why: string, remedy: string): readonly Refusal[] => [
    { rule: 'checklist', why: `${text}: ${why}`, remedy },
  ];
  const tick = `\`rollout checklist ${environment} --tick ${id}\``;
  if (proof === undefined) return stop('a person must confirm it', `after the start, confirm it with ${tick}`);
  if (proof.by === 'rollout-completed')
    return stop(
      `the last rollout of ${proof.environment} must have completed`,
      `check \`rollout status ${proof.environment}\`, and complete a rollout there first if none has`,
    );
  if (proof.by !== 'sample-jobs' && proof.by !== 'end-to-end') return [];
  const missing = (['apiUrl', 'testJob'] as const).filter((key) => verification[key] === undefined);
  if (missing.length === 0) return [];
  const keys = missing.map((key) => `verification.${key}`).join(' and ');
  return stop(`${proof.by} cannot be tried without ${keys}`, `set ${keys} in the plan, or remove the proof`);
}

function approvalStops(plan: EnvironmentPlan, nowMs: number, zone: string): readonly Refusal[] {
  const { required, starterMayApprove, before, validForMs } = plan.approvals;
  if (required === 0) return [];
  const who = required === 1 ? 'one person' : `${required} different people`;
  const not = starterMayApprove ? '' : ', not including the person who starts the rollout';
  const when = before === 'first-raise' ? 'the first raise' : 'every raise';
  const firstMs = nextRaise(plan.windows, plan.freezes, nowMs, zone).atMs;
  const early = firstMs - nowMs > validForMs && Number.isFinite(firstMs);
  const later = early
    ? `, not before ${formatTime(firstMs - validForMs, zone, nowMs)}: an approval counts for ${formatDuration(validForMs)}`
    : '';
  return [
    {
      rule: 'approval',
      why: `${who} must approve before ${when}${not}`,
      remedy: `after the start, each runs \`rollout approve ${plan.environment}\`${later}`,
    },
  ];
}

/** At 100 % the old side gets no more jobs, so a comparison has nothing to compare with. */
function guardStops({ steps }: EnvironmentPlan, guard: Guard): readonly Refusal[] {
  if (guard.kind !== 'comparison' || guard.onNoData === 'ignore' || guard.dryRun === true) return [];
  const full = steps.find(({ percentage }) => percentage === 100);
  if (full === undefined || guard.percentages?.includes(100) === false) return [];
  const others = steps.map(({ percentage }) => percentage).filter((percentage) => percentage < 100);
  const remedy = others.length === 0 ? 'set onNoData: ignore for it' : `set percentages: [${others.join(', ')}] for it`;
  return [
    {
      rule: 'health',
      why: `guard ${guard.name} compares with ${guard.side.baseline}, which gets no jobs at ${percent(100)}`,
      remedy,
    },
  ];
}
