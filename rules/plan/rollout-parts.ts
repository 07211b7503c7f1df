import { isOnlyTold, policyOf } from '../guards/guard-policy';
import { unwatchedAlarmOf } from '../rollout/outside/unwatched';
import type { EnvironmentPlan, FlagTarget, Watch } from './environment-plan';
import { fittingName, LONGEST, LONGEST_FUNCTION } from './names';

/**
 * What a rollout needs in AWS besides the service itself: flag, alarm push, guardian. Plain JSON: the CDK app of
 * `infra/rollout-app.ts` gets it as an argument. Times in ms.
 */
export interface RolloutParts {
  readonly service: string;
  readonly environment: string;
  readonly flag: FlagTarget;
  /** Name of topic and queue that carry alarm changes. */
  readonly push: string;
  /** Name of the guardian's function and queue. */
  readonly guardian: string;
  /** The alarms of the plan that are in its own account and region: their changes are pushed. Others are only polled. */
  readonly alarms: readonly string[];
  /** For a plan with `watch.events`: the state machines of its own account and region whose executions guards count. */
  readonly events?: { readonly stateMachines: readonly string[] } | undefined;
  /** The alarms with onBreach: rollback. */
  readonly rollbackAlarms: readonly string[];
  /** Name of the dead man's alarm, and the longest time without a check. */
  readonly unwatched: { readonly alarm: string; readonly afterMs: number };
  readonly graceMs: number;
  /** How long 100 % still belongs to a rollout: the last soak. */
  readonly fullForMs: number;
  /** ARNs of the topics in `notify`: the dead man's alarm notifies people even while no worker runs. */
  readonly topics: readonly string[];
  /** The flag parameter already exists and belongs to another stack. */
  readonly flagIsThere?: boolean | undefined;
}

/** Number of checks in a row that may be late or lost. */
export const LOOKS_MISSED = 3;

export const UNWATCHED_AFTER_MS = 5 * 60_000;
export const GUARDIAN_GRACE_MS = 2 * 60_000;

export const unwatchedAfterMs = ({ unwatchedAfterMs, intervalMs }: Watch): number =>
  unwatchedAfterMs ?? Math.max(UNWATCHED_AFTER_MS, LOOKS_MISSED * intervalMs);

/** `RolloutStack-{service}-{env}`: what `rollout setup` creates. */
export const rolloutStackOf = ({ service, environment }: Pick<EnvironmentPlan, 'service' | 'environment'>): string =>
  `RolloutStack-${service}-${environment}`;

export const guardianOf = ({ service, environment }: Pick<EnvironmentPlan, 'service' | 'environment'>): string =>
  fittingName(`${service}-rollout-guardian-${environment}`, LONGEST_FUNCTION);

/** Name of topic and queue, even if the plan names no queue yet. */
const pushOf = ({ service, environment, watch }: EnvironmentPlan): string =>
  watch.pushQueue ?? fittingName(`${service}-rollout-alarms-${environment}`, LONGEST.queue);

/** The alarms for which the guardian writes 0 % when no rollout answers. */
export const rollbackAlarmsOf = ({ alarms }: Pick<Watch, 'alarms'>): readonly string[] =>
  alarms.filter((alarm) => alarm.onBreach === 'rollback' && !isOnlyTold(policyOf(alarm))).map(({ name }) => name);

export function rolloutPartsOf(plan: EnvironmentPlan): RolloutParts {
  const { service, environment, flag, steps, watch, notify = [] } = plan;
  return {
    service,
    environment,
    flag,
    push: pushOf(plan),
    guardian: guardianOf(plan),
    alarms: watch.alarms.filter(({ aws }) => aws === undefined).map(({ name }) => name),
    events: watch.events === true ? { stateMachines: countedMachines(watch) } : undefined,
    rollbackAlarms: rollbackAlarmsOf(watch),
    unwatched: { alarm: unwatchedAlarmOf(plan), afterMs: unwatchedAfterMs(watch) },
    graceMs: watch.guardianGraceMs ?? GUARDIAN_GRACE_MS,
    fullForMs: steps.at(-1)?.soakMs ?? 0,
    topics: notify.flatMap((channel) => ('topic' in channel ? [channel.topic] : [])),
  };
}

function countedMachines({ guards }: Watch): readonly string[] {
  const named = guards.flatMap((guard) =>
    guard.kind === 'executions' && guard.aws === undefined ? [guard.stateMachine] : [],
  );
  return [...new Set(named)];
}
