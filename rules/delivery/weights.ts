import type { FlagKeys } from '../../flags/format';
import {
  type Delivery,
  type DeliveryTarget,
  targetGroupName,
  type Variables,
  variablesFor,
  type WeightsKind,
} from './delivery';

/** Deliveries that split the traffic in AWS itself; the service reads nothing and nothing restarts. */
export type WeightsTarget = Extract<DeliveryTarget, { kind: WeightsKind }>;
export type AliasTarget = Extract<DeliveryTarget, { kind: 'lambda-alias' }>;
export type RuleTarget = Extract<DeliveryTarget, { kind: 'load-balancer' }>;

/** Name of the setting that holds the share of the new side, in percent. */
export const WEIGHT: FlagKeys = { percentage: 'weight' };

/**
 * What must be set for a percentage, by name. Above 0 the weights must also send the rest to the plan's old side; at 0 any
 * side but the new one is right.
 */
export function settingsFor({ to, variables }: Pick<Delivery, 'to' | 'variables'>, percentage: number): Variables {
  const set = variablesFor(percentage, variables);
  if (percentage === 0) return set;
  if (to.kind === 'lambda-alias') return { ...set, version: to.versions.old };
  return to.kind === 'load-balancer' ? { ...set, rest: targetGroupName(to.targetGroups.old) } : set;
}

/** The settings of an alias as AWS reports them. Weights are shares of 1; a version that is not named has none. */
export function aliasWeights(
  { versions }: AliasTarget,
  version: string,
  weights: Readonly<Record<string, number>>,
): Variables {
  const inPercent = (share: number): number => Math.round(share * 10_000) / 100;
  const rest = 1 - Object.values(weights).reduce((sum, share) => sum + share, 0);
  const share = version === versions.new ? rest : (weights[versions.new] ?? 0);
  const strangers = Object.keys(weights).filter((one) => one !== versions.new && one !== versions.old);
  return { weight: String(inPercent(share)), version: [version, ...strangers].join(' and ') };
}

/** One target group of a forward action. `Weight` is 0 to 999; AWS counts a missing one as 1. */
export interface WeightedGroup {
  readonly TargetGroupArn?: string | undefined;
  readonly Weight?: number | undefined;
}

/** Largest weight of a target group: API reference of Elastic Load Balancing v2, TargetGroupTuple. */
const LARGEST_WEIGHT = 999;

const weightOf = ({ Weight = 1 }: WeightedGroup): number => Weight;
const total = (groups: readonly WeightedGroup[]): number => groups.reduce((sum, one) => sum + weightOf(one), 0);

/**
 * Two weights whose share is the percentage exactly: `{ new: 25, old: 75 }`. Undefined when no two weights up to 999 give it,
 * as for 33.333.
 */
export function ruleWeightsFor(percentage: number): { readonly new: number; readonly old: number } | undefined {
  for (const of of [100, 1_000, ...ANY_SUM]) {
    const share = Math.round((percentage * of) / 100);
    const isExact = (share * 100) / of === percentage;
    if (isExact && Math.max(share, of - share) <= LARGEST_WEIGHT) return { new: share, old: of - share };
  }
  return undefined;
}

const ANY_SUM: readonly number[] = Array.from({ length: 2 * LARGEST_WEIGHT }, (_, i) => i + 1);

/** The settings of a listener rule. `groups` is undefined for a rule that forwards nothing, such as a redirect. */
export function ruleSettings(
  { targetGroups }: RuleTarget,
  groups: readonly WeightedGroup[] | undefined,
): Readonly<Record<string, string | undefined>> {
  if (groups === undefined) return { weight: '0', rest: 'nothing: it does not forward' };
  const all = total(groups);
  const ofNew = total(groups.filter(({ TargetGroupArn }) => TargetGroupArn === targetGroups.new));
  const rest = groups.filter(
    (one) => one.TargetGroupArn !== targetGroups.new && (one.TargetGroupArn === targetGroups.old || weightOf(one) > 0),
  );
  const names = rest.map(({ TargetGroupArn = '' }) => targetGroupName(TargetGroupArn));
  // AWS does not say what a rule does whose weights are all 0.
  const weight = all === 0 ? undefined : String((ofNew * 100) / all);
  return { weight, rest: names.length === 0 ? 'nothing else' : names.toSorted().join(' and ') };
}

/**
 * The target groups of a rule with the weights of a percentage. Other groups keep theirs. At 0 the new group loses its weight,
 * and the old one gets the traffic only where no other group has any.
 */
export function nextGroups(
  { targetGroups }: RuleTarget,
  groups: readonly WeightedGroup[],
  weights: { readonly new: number; readonly old: number },
): readonly WeightedGroup[] {
  const set = new Map<string, number>([[targetGroups.new, weights.new]]);
  const others = groups.filter(({ TargetGroupArn }) => TargetGroupArn !== targetGroups.new);
  if (weights.new > 0 || total(others) === 0) set.set(targetGroups.old, weights.old);
  const kept = groups.map((one) => {
    const Weight = set.get(one.TargetGroupArn ?? '');
    set.delete(one.TargetGroupArn ?? '');
    return { TargetGroupArn: one.TargetGroupArn, Weight: Weight ?? weightOf(one) };
  });
  return [...kept, ...[...set].map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight }))];
}

/** What DescribeTargetHealth says of one target. */
export interface TargetHealth {
  readonly id?: string | undefined;
  readonly state?: string | undefined;
  readonly reason?: string | undefined;
}

/** A Lambda function as a target has no health checks unless they are switched on: API reference, TargetHealth. */
const UNCHECKED = 'Target.HealthCheckDisabled';
const SHOWN = 3;

/** Why a target group should get no traffic now; undefined when a target can take it. */
export function unhealthyGroup(arn: string, targets: readonly TargetHealth[]): string | undefined {
  if (targets.some(({ state, reason }) => state === 'healthy' || reason === UNCHECKED)) return undefined;
  const name = targetGroupName(arn);
  if (targets.length === 0) return `target group ${name} has no target`;
  const said = targets
    .slice(0, SHOWN)
    .map(({ id = 'a target', state = 'unknown', reason }) =>
      reason === undefined ? `${id} is ${state}` : `${id} is ${state} (${reason})`,
    );
  return `target group ${name} has no healthy target: ${said.join(', ')}${targets.length > SHOWN ? ' and others' : ''}`;
}
