import type { Action, Rule } from '@aws-sdk/client-elastic-load-balancing-v2';
import { placeWords } from '../../../rules/delivery/delivery';
import { type RuleTarget, unhealthyGroup, type WeightedGroup } from '../../../rules/delivery/weights';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import { loadBalancersOf } from '../../delivery-clients';
import { failure, nameOf } from '../../failures';

export interface ListenerRule {
  /** All of them: a change of one replaces all. */
  readonly actions: readonly Action[];
  /** Of the forward action; undefined when the rule forwards nothing. */
  readonly groups: readonly WeightedGroup[] | undefined;
  /** How long a client keeps its target group, in seconds; undefined without stickiness. */
  readonly stickyForS: number | undefined;
}

/** Fails with `InvalidRequest` when there is no such rule, or when it is the default rule, which ModifyRule refuses. */
export async function readRule(aws: AwsTarget, to: RuleTarget, abortSignal: AbortSignal): Promise<ListenerRule> {
  const { DescribeRulesCommand } = await import('@aws-sdk/client-elastic-load-balancing-v2');
  const client = await loadBalancersOf(aws);
  let rules: Rule[] | undefined;
  try {
    ({ Rules: rules } = await client.send(new DescribeRulesCommand({ RuleArns: [to.listenerRule] }), { abortSignal }));
  } catch (error) {
    if (!/^RuleNotFound/.test(nameOf(error))) throw error;
  }
  const [rule] = rules ?? [];
  const where = `in account ${aws.account}, region ${aws.region}`;
  if (rule === undefined) throw failure('InvalidRequest', `there is no ${placeWords(to)} ${where}`);
  if (rule.IsDefault === true)
    throw failure(
      'InvalidRequest',
      `${placeWords(to)} is the default rule of its listener, whose weights a rollout does not set: give the service a rule of its own, such as one for the path /*`,
    );
  const actions = rule.Actions ?? [];
  const forward = forwardOf(actions);
  const { Enabled, DurationSeconds } = forward?.ForwardConfig?.TargetGroupStickinessConfig ?? {};
  return { actions, groups: groupsOf(forward), stickyForS: Enabled === true ? (DurationSeconds ?? 0) : undefined };
}

export const forwardOf = (actions: readonly Action[]): Action | undefined =>
  actions.find(({ Type }) => Type === 'forward');

/** A rule with one target group may name it outside `ForwardConfig`. */
function groupsOf(forward: Action | undefined): readonly WeightedGroup[] | undefined {
  const { ForwardConfig, TargetGroupArn } = forward ?? {};
  if (ForwardConfig?.TargetGroups !== undefined) return ForwardConfig.TargetGroups;
  return TargetGroupArn === undefined ? undefined : [{ TargetGroupArn }];
}

/** Why the new target group should get no traffic; undefined when one of its targets is healthy. */
export async function unhealthyTargets(
  aws: AwsTarget,
  { targetGroups }: RuleTarget,
  abortSignal: AbortSignal,
): Promise<string | undefined> {
  const { DescribeTargetHealthCommand } = await import('@aws-sdk/client-elastic-load-balancing-v2');
  const client = await loadBalancersOf(aws);
  const asked = new DescribeTargetHealthCommand({ TargetGroupArn: targetGroups.new });
  const { TargetHealthDescriptions = [] } = await client.send(asked, { abortSignal });
  const targets = TargetHealthDescriptions.map(({ Target, TargetHealth }) => ({
    id: Target?.Id,
    state: TargetHealth?.State,
    reason: TargetHealth?.Reason,
  }));
  return unhealthyGroup(targetGroups.new, targets);
}
